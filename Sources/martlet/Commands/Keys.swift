import ArgumentParser
import Platform

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "API keys of applications.",
        subcommands: [List.self, Create.self, Rotate.self, Revoke.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List keys; never their text.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/keys",
                on: server,
                as: Table([
                    .init("ID", "id"), .init("TEAM", "team"), .init("ROLES", "roles"), .init("STATE", "state"),
                    .init("EXPIRES", "expires"), .init("CREATED", "created"),
                ])
            )
        }
    }

    struct Create: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key; its text is shown once.")
        @Option(help: "The team that it belongs to.")
        var team: String
        @Option(parsing: .upToNextOption, help: "Its roles.")
        var role: [String]
        @Option(help: "When it ends: in 90d or 12h, or at 2027-01-01T00:00:00Z. Default: never.")
        var expires: String?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let body = try self.body(nowMilliseconds: WallClock.unixMilliseconds())
            let reply = try await server.call(.post, "/keys", try .json(body))
            try self.confirm(reply, "\(reply.value["key"].cell)")
        }

        func body(nowMilliseconds: Int64) throws(StartupFault) -> JSONValue {
            var fields: [String: JSONValue] = [
                "team": .string(self.team), "roles": .array(self.role.map(JSONValue.string)),
            ]
            if let expires = self.expires {
                fields["expires"] = .string(try WrittenTime.ahead(expires, of: nowMilliseconds, option: "--expires"))
            }
            return .object(fields)
        }
    }

    struct Rotate: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a successor of a key; both work for the overlap."
        )
        @Argument(help: "The key's id.")
        var id: String
        @Option(help: "Seconds for which the old key goes on working.")
        var overlapSeconds: Int?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let body = self.overlapSeconds.map { ["overlapSeconds": JSONValue.integer(Int64($0))] } ?? [:]
            let path = "/keys/\(Server.escaped(self.id))/rotate"
            let reply = try await server.call(.post, path, try .json(.object(body)))
            try self.confirm(reply, "\(reply.value["key"].cell)")
        }
    }

    struct Revoke: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "End a key on every node at once.")
        @Argument(help: "The key's id.")
        var id: String
        @OptionGroup var why: Reason
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.post, "/keys/\(Server.escaped(self.id))/revoke", try self.why.body)
            try self.confirm(reply, "revoked \(self.id)")
        }
    }
}
