import ArgumentParser
import Testing

@testable import martlet

@Suite struct `Budgets and limits on the command line` {
    private func parsed<Command: ParsableCommand>(_ type: Command.Type, _ arguments: [String]) throws -> Command {
        try #require(try Martlet.parseAsRoot(arguments) as? Command)
    }

    @Test func `what is said is sent, and nothing else`() throws {
        let long = try self.parsed(
            Budgets.Set.self,
            [
                "budgets", "set", "month", "--amount", "25.00", "--window", "month", "--time-zone", "Europe/Berlin",
                "--no-hard", "--cutoff", "--thresholds", "0.5", "0.875", "--team", "demo", "--model", "local/m",
                "--metadata", "class=a=b", "--per", "user",
            ]
        )
        let scope: JSONValue = .object([
            "team": .string("demo"), "model": .string("local/m"), "metadata": .object(["class": .string("a=b")]),
        ])
        #expect(
            try long.members() == [
                "amount": .string("25.00"), "window": .string("month"), "timeZone": .string("Europe/Berlin"),
                "hard": .bool(false), "cutoff": .bool(true), "thresholds": .array([.number(0.5), .number(0.875)]),
                "scope": scope, "per": .string("user"),
            ]
        )
        let short = try self.parsed(Budgets.Set.self, ["budgets", "set", "month", "--amount", "9"])
        #expect(try short.members() == ["amount": .string("9")])
    }

    @Test func `how a budget stands fits on a line, and each node has its own`() {
        func money(_ names: [String]) -> [String: JSONValue] {
            Dictionary(uniqueKeysWithValues: names.map { ($0, .string("1.50")) })
        }
        let window: JSONValue = .object(["name": .string("month/2026-11")])
        let numbers = money(["limit", "posted", "pending", "unconfirmed", "overspent", "available"])
        let status: JSONValue = .object(numbers.merging(["window": window]) { $1 })
        let lines = Budgets.Standing.table.lines([.object(["name": .string("month"), "status": status])])
        #expect(lines[1].split(separator: " ") == ["month", "month/2026-11", "-"] + Array(repeating: "1.50", count: 6))
        let loan = money(["granted", "returned", "used", "posted", "pending"]).merging(["leases": .integer(2)]) { $1 }
        let leases = Budgets.Standing.leases.lines([.object(loan.merging(["node": .string("n1")]) { $1 })])
        #expect(leases[1].split(separator: " ") == ["n1", "2"] + Array(repeating: "1.50", count: 5))
    }

    @Test func `a limit's number is taken away by zero`() throws {
        let set = try self.parsed(
            Limits.Set.self,
            ["limits", "set", "rate", "--requests-per-minute", "600", "--concurrent", "0"]
        )
        #expect(try set.members() == ["requestsPerMinute": .integer(600), "concurrent": .null])
    }

    @Test func `metadata without a value is refused`() throws {
        let set = try self.parsed(Limits.Set.self, ["limits", "set", "rate", "--metadata", "class"])
        #expect(throws: Refusal.self) { try set.members() }
    }
}
