import ArgumentParser
import Platform

struct Principals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "People and programs that may administer.",
        subcommands: [List.self, Create.self, Remove.self, Tokens.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List principals.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/principals",
                on: server,
                as: Table([
                    .init("NAME", "name"), .init("ROLES", "roles"), .init("TEAMS", "teams"),
                    .init("CREATED", "created"),
                ])
            )
        }
    }

    struct Create: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Add a principal; its token is shown once.")
        @Argument(help: "The principal's name.")
        var name: String
        @OptionGroup var grants: GrantOptions
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let body = try self.grants.members.merging(["name": .string(self.name)]) { $1 }
            let reply = try await server.call(.post, "/principals", try .json(.object(body)))
            try self.confirm(reply, reply.value["token"].cell)
        }
    }

    struct Remove: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Archive a principal; its tokens end at once.")
        @Argument(help: "The principal's name.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.delete, "/principals/\(Server.escaped(self.name))")
            try self.confirm(reply, "\(self.name): \(reply.value["state"].cell)")
        }
    }
}

/// Roles as options: `--role author` everywhere, `--team demo=author,viewer` for one team.
struct GrantOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: "Roles everywhere: viewer, author, approver, publisher, operator, auditor, admin."
    )
    var role: [String] = []
    @Option(help: "Roles for one team's things, such as demo=author,viewer; may be repeated.")
    var team: [String] = []

    var isEmpty: Bool { self.role.isEmpty && self.team.isEmpty }

    /// `roles` and `teams` of a body.
    var members: [String: JSONValue] {
        get throws {
            var teams: [String: JSONValue] = [:]
            for text in self.team {
                let parts = text.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else {
                    throw Refusal(
                        exit: .usage,
                        lines: ["--team takes a team and its roles, such as demo=author: \(text)"]
                    )
                }
                teams[String(parts[0])] = .array(parts[1].split(separator: ",").map { .string(String($0)) })
            }
            let roles: [String: JSONValue] = ["roles": .array(self.role.map(JSONValue.string))]
            return teams.isEmpty ? roles : roles.merging(["teams": .object(teams)]) { $1 }
        }
    }
}
