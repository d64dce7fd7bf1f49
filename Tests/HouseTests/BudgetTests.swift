import Foundation
import GRDB
import Platform
import TestSupport
import Testing

/// An account of a budget as the control plane's database has it, in nano-dollars.
private struct Account: Hashable {
    let posted: Int64
    let pending: Int64
    let unconfirmed: Int64
    /// The most that was ever posted and pending together, at any commit.
    let most: Int64

    init(of budget: String, in house: House) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        let row = try DatabaseQueue(path: house.databasePath, configuration: configuration).read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT posted, pending, unconfirmed, (SELECT max(sum) FROM watched) AS most
                    FROM budgetAccount WHERE budget = ?
                    """,
                arguments: [budget]
            )
        }
        let found = try #require(row, "nothing was lent of \(budget)")
        self.posted = found["posted"]
        self.pending = found["pending"]
        self.unconfirmed = found["unconfirmed"]
        self.most = found["most"]
    }

    /// What all attempts have cost that knew the budget: of snapshots after `seq`.
    static func cost(after seq: Int64, in house: House) throws -> Int64 {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        return try DatabaseQueue(path: house.databasePath, configuration: configuration).read { database in
            try Int64.fetchOne(
                database,
                sql: "SELECT sum(costNanoDollars) FROM usageEvent WHERE snapshot > ?",
                arguments: [seq]
            ) ?? 0
        }
    }

    /// From now on every commit of an account is written down.
    static func watch(_ house: House) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        try DatabaseQueue(path: house.databasePath, configuration: configuration).write { database in
            try database.execute(
                sql: """
                    CREATE TABLE watched (sum INTEGER NOT NULL);
                    CREATE TRIGGER watchAccounts AFTER UPDATE ON budgetAccount
                    BEGIN INSERT INTO watched VALUES (NEW.posted + NEW.pending); END;
                    INSERT INTO watched VALUES (0);
                    """
            )
        }
    }
}

extension HouseSuite {
    private static func write(_ budget: String, usd: String, _ house: House, provenBy key: String) async throws {
        let body =
            "{\"name\": \"\(budget)\", \"scope\": {\"team\": \"demo\"}, \"amount\": \"\(usd)\", \"window\": \"total\"}"
        try await house.admin(.post, "/budgets", body)
        try await house.publish(provenBy: key)
    }

    private static func newestSnapshot(_ house: House) async throws -> Int64 {
        struct Page: Decodable {
            let items: [Snapshot]

            struct Snapshot: Decodable { let seq: Int64 }
        }
        return try #require(try await house.admin(.get, "/snapshots?limit=1", as: Page.self).items.first).seq
    }

    @Test(.timeLimit(.minutes(5)))
    func `nodes that race for the end of a hard budget, and are killed, never spend more than there is`() async throws {
        // At most 2 hundredths of a cent for one request, of two cents.
        let limit: Int64 = 20_000_000
        let worst: Int64 = 250_000
        try await House.scoped(nodes: 3, knobs: "prompt=3-90;completion=1-512;latency=5") { house in
            let key = try await house.makeKnownKey()
            try Account.watch(house)
            let seq = try await Self.newestSnapshot(house)
            try await Self.write("race", usd: "0.02", house, provenBy: key.key)
            let load = Load(on: house, key: key.key)
            async let running: Void = load.run(callers: 24, seed: 7)
            for number in [0, 2] {
                try await eventually(within: .seconds(60), "some were answered") {
                    load.soFar.answered > 20 * (number + 1)
                }
                try await house.node(number).program.kill()
                try await house.startNode(number)
            }
            try await eventually(within: .seconds(90), "all are refused") {
                load.soFar.statuses[402, default: 0] > 100
            }
            load.stop()
            await running
            for number in house.nodeNumbers { try await house.node(number).program.stop() }
            try await eventually(within: .seconds(30), "nothing is pending any more") {
                try Account(of: "race", in: house).pending == 0
            }
            let account = try Account(of: "race", in: house)
            #expect(account.most <= limit, "at some commit more was posted and pending than there is")
            #expect(account.posted <= limit && account.posted > limit - 2 * worst, "\(account)")
            #expect(try Account.cost(after: seq, in: house) == account.posted - account.unconfirmed)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an outage of the control plane refuses nobody while a budget is rich, and says so where it is poor`()
        async throws
    {
        try await House.scoped(nodes: 2, knobs: "prompt=3-90;completion=1-40") { house in
            let key = try await house.makeKnownKey()
            try Account.watch(house)
            try await Self.write("rich", usd: "100.00", house, provenBy: key.key)
            for number in 0..<20 { #expect(try await house.ask(key: key.key, on: number % 2).status == 200) }
            try await house.stopControl()
            for number in 0..<60 {
                let reply = try await house.ask(key: key.key, on: number % 2, isStream: number % 4 < 2)
                #expect(reply.status == 200, "request \(number)")
            }
            try await house.startControl()
            // A budget that pays for one request at a time, and then for none.
            try await Self.write("poor", usd: "0.0003", house, provenBy: key.key)
            #expect(try await house.ask(key: key.key, on: 0).status == 200)
            try await house.stopControl()
            let reply = try await house.ask(key: key.key, on: 1)
            #expect(reply.status == 503 && reply.text.contains("budget_unavailable"), "\(reply.text)")
        }
    }
}
