import ArgumentParser
import Platform

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The chain of everything that was changed.",
        subcommands: [List.self, Export.self, Verify.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List audit entries.")
        @OptionGroup var filter: AuditFilter
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/audit\(self.filter.query)",
                on: server,
                as: Table([
                    .init("NO", "number"), .init("TIME", "time"), .init("ACTOR", "actor"), .init("ACTION", "action"),
                    .init("SUBJECT", "subject"), .init("REASON", "reason"),
                ])
            )
        }
    }

    struct Export: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write audit entries as JSON Lines, oldest first.",
            discussion: "Each line is one entry with its hash and the one before; without a filter they are one chain."
        )
        @OptionGroup var filter: AuditFilter
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await server.eachItem("/audit\(self.filter.query)") { try self.showLine($0) }
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

/// Which entries are wanted.
struct AuditFilter: ParsableArguments {
    @Option(help: "Only what was done to this, such as model/openai/gpt-4o.")
    var subject: String?
    @Option(help: "Only what this principal did.")
    var actor: String?
    @Option(help: "Only this, such as model.approved.")
    var action: String?

    var query: String {
        let items = [("subject", self.subject), ("actor", self.actor), ("action", self.action)].compactMap {
            name,
            value in
            value.map { "\(name)=\(Server.escaped($0))" }
        }
        return items.isEmpty ? "" : "?\(items.joined(separator: "&"))"
    }
}
