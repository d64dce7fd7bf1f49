import ArgumentParser
import Platform

struct Principals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "People and programs that may administer.",
        subcommands: [List.self, Create.self],
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
                    .init("NAME", "name"), .init("ROLES", "roles"), .init("STATE", "state"),
                    .init("CREATED", "created"),
                ])
            )
        }
    }

    struct Create: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Add a principal; its token is shown once.")
        @Argument(help: "The principal's name.")
        var name: String
        @Option(
            parsing: .upToNextOption,
            help: "Its roles: viewer, author, approver, publisher, operator, auditor, admin."
        )
        var role: [String]
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let body: [String: JSONValue] = [
                "name": .string(self.name), "roles": .array(self.role.map(JSONValue.string)),
            ]
            let reply = try await server.call(.post, "/principals", try .json(.object(body)))
            try self.confirm(reply, reply.value["token"].cell)
        }
    }
}
