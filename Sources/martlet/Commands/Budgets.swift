import ArgumentParser
import Platform

struct Budgets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sums of money for a time, and whose calls each is charged with.",
        subcommands: [List.self, Show.self, Standing.self, Set.self, Archive.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List budgets.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/budgets",
                on: server,
                as: Table([
                    .init("NAME", "name"), .init("SCOPE", "scope"), .init("PER", "per"), .init("AMOUNT", "amount"),
                    .init("WINDOW", "window"), .init("ZONE", "timeZone"), .init("HARD", "hard"),
                    .init("STATE", "state"),
                ])
            )
        }
    }

    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Show a budget.")
        @Argument(help: "The budget's name.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try self.showJSON(try await server.call(.get, "/budgets/\(Server.escaped(self.name))").value)
        }
    }

    struct Set: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a budget, or change what is said here of one.",
            discussion: """
                More money, another scope or window, and a hard budget made soft wait for approval; less takes effect at once.
                """
        )
        @Argument(help: "The budget's name.")
        var name: String
        @Option(help: "US dollars, such as 25.00.")
        var amount: String?
        @Option(help: "When it starts again: hour, day, week, month, or total for never.")
        var window: String?
        @Option(help: "By whose clocks, such as Europe/Berlin. Default: UTC.")
        var timeZone: String?
        @Flag(inversion: .prefixedNo, help: "Whether calls that it may not cover are refused. Default: they are.")
        var hard: Bool?
        @Flag(inversion: .prefixedNo, help: "Whether streams end where nothing is left. Default: they do not.")
        var cutoff: Bool?
        @Option(parsing: .upToNextOption, help: "Parts of the amount at which somebody is told, such as 0.5 0.8 1.")
        var thresholds: [Double] = []
        @OptionGroup var scope: ScopeOptions
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.write(self.members(), to: "/budgets", named: self.name, on: server)
        }

        func members() throws -> [String: JSONValue] {
            var members = try self.scope.members()
            members["amount"] = self.amount.map(JSONValue.string)
            members["window"] = self.window.map(JSONValue.string)
            members["timeZone"] = self.timeZone.map(JSONValue.string)
            members["hard"] = self.hard.map(JSONValue.bool)
            members["cutoff"] = self.cutoff.map(JSONValue.bool)
            if !self.thresholds.isEmpty { members["thresholds"] = .array(self.thresholds.map(JSONValue.number)) }
            return members
        }
    }

    struct Archive: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a budget; what it was and what was spent of it stays in history."
        )
        @Argument(help: "The budget's name.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.delete, "/budgets/\(Server.escaped(self.name))")
            try self.confirm(reply, "\(self.name): \(reply.value["state"].cell)")
        }
    }
}
