import ArgumentParser
import Platform

struct Limits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How much may pass in a minute and at once, over all nodes.",
        subcommands: [List.self, Show.self, Set.self, Archive.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List limits.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/limits",
                on: server,
                as: Table([
                    .init("NAME", "name"), .init("SCOPE", "scope"), .init("PER", "per"),
                    .init("REQUESTS/MIN", "requestsPerMinute"), .init("TOKENS/MIN", "tokensPerMinute"),
                    .init("AT ONCE", "concurrent"), .init("STATE", "state"),
                ])
            )
        }
    }

    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Show a limit.")
        @Argument(help: "The limit's name.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try self.showJSON(try await server.call(.get, "/limits/\(Server.escaped(self.name))").value)
        }
    }

    struct Set: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a limit, or change what is said here of one.",
            discussion: "A higher number and another scope wait for approval; a lower one takes effect at once."
        )
        @Argument(help: "The limit's name.")
        var name: String
        @Option(help: "Requests that may begin in a minute; 0: any number.")
        var requestsPerMinute: Int64?
        @Option(help: "Tokens of all requests in a minute; 0: any number.")
        var tokensPerMinute: Int64?
        @Option(help: "Requests under way at the same time; 0: any number.")
        var concurrent: Int64?
        @OptionGroup var scope: ScopeOptions
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.write(self.members(), to: "/limits", named: self.name, on: server)
        }

        func members() throws -> [String: JSONValue] {
            var members = try self.scope.members()
            let counts = [
                ("requestsPerMinute", self.requestsPerMinute), ("tokensPerMinute", self.tokensPerMinute),
                ("concurrent", self.concurrent),
            ]
            for (field, count) in counts {
                if let count { members[field] = count == 0 ? .null : .integer(count) }
            }
            return members
        }
    }

    struct Archive: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "End a limit.")
        @Argument(help: "The limit's name.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.delete, "/limits/\(Server.escaped(self.name))")
            try self.confirm(reply, "\(self.name): \(reply.value["state"].cell)")
        }
    }
}
