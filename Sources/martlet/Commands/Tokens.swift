import ArgumentParser
import Platform

/// `martlet principals tokens …`: the texts that open the admin API.
struct Tokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tokens of a principal.",
        subcommands: [List.self, Create.self, Revoke.self]
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "All tokens that a principal ever had.")
        @Argument(help: "The principal's name.")
        var principal: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/principals/\(Server.escaped(self.principal))/tokens",
                on: server,
                as: Table([
                    .init("ID", "id"), .init("CREATED", "created"), .init("EXPIRES", "expires"),
                    .init("REVOKED", "revoked"), .init("AT MOST", "atMost"),
                ])
            )
        }
    }

    struct Create: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a principal another token, which is shown once.",
            discussion: "With --role or --team it may do no more than those, whatever its principal may."
        )
        @Argument(help: "The principal's name.")
        var principal: String
        @Option(help: "When it ends, such as 2027-01-31T00:00:00Z. Default: never.")
        var expires: String?
        @OptionGroup var grants: GrantOptions
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            var body = self.grants.isEmpty ? [:] : try self.grants.members
            if let expires = self.expires { body["expires"] = .string(expires) }
            let path = "/principals/\(Server.escaped(self.principal))/tokens"
            let reply = try await server.call(.post, path, try .json(.object(body)))
            try self.confirm(reply, reply.value["token"].cell)
        }
    }

    struct Revoke: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "End a token at once.")
        @Argument(help: "The principal's name.")
        var principal: String
        @Argument(help: "The token's id, as `list` shows it.")
        var id: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let path = "/principals/\(Server.escaped(self.principal))/tokens/\(Server.escaped(self.id))"
            let reply = try await server.call(.delete, path)
            try self.confirm(reply, "\(self.id): revoked at \(reply.value["revoked"].cell)")
        }
    }
}

struct Me: ServerCommand {
    static let configuration = CommandConfiguration(abstract: "Who you are there, and what your token may do.")
    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws {
        let reply = try await server.call(.get, "/me")
        try self.confirm(
            reply,
            "\(reply.value["name"].cell): roles \(reply.value["roles"].cell), for teams \(reply.value["teams"].cell)"
        )
    }
}
