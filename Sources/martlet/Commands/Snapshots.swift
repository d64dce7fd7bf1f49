import ArgumentParser
import Platform

struct Snapshots: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Published snapshots.",
        subcommands: [List.self, Publish.self, Rollback.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List snapshots.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/snapshots",
                on: server,
                as: Table([
                    .init("SEQ", "seq"), .init("CURRENT", "isCurrent"), .init("PUBLISHED", "published"),
                    .init("AUTHOR", "author"), .init("COMMENT", "comment"), .init("SHA256", "sha256"),
                ])
            )
        }
    }

    struct Publish: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Publish what has changed now.")
        @OptionGroup var why: Reason
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.post, "/snapshots", try self.why.body)
            try self.confirm(reply, "snapshot \(reply.value["seq"].cell)")
        }
    }

    struct Rollback: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish an older snapshot's content under a new number."
        )
        @Argument(help: "The older snapshot's number.")
        var seq: UInt64
        @OptionGroup var why: Reason
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.post, "/snapshots/\(self.seq)/rollback", try self.why.body)
            try self.confirm(reply, "snapshot \(reply.value["seq"].cell) has the content of \(self.seq)")
        }
    }
}
