import ArgumentParser
import Platform

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The chain of everything that was changed.",
        subcommands: [List.self, Verify.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List audit entries.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/audit",
                on: server,
                as: Table([
                    .init("NO", "number"), .init("TIME", "time"), .init("ACTOR", "actor"), .init("ACTION", "action"),
                    .init("SUBJECT", "subject"), .init("REASON", "reason"),
                ])
            )
        }
    }

    struct Verify: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Recompute the chain; exit 69 if it is broken.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.get, "/audit/verify")
            guard reply.value["isValid"] == .bool(true) else {
                let entry = reply.value["firstBad"].cell
                throw Refusal(
                    exit: .unavailable,
                    lines: ["the chain is broken at entry \(entry): \(reply.value["detail"].cell)"]
                )
            }
            try self.confirm(
                reply,
                "\(reply.value["entries"].cell) entries, unbroken; head \(reply.value["head"].cell)"
            )
        }
    }
}
