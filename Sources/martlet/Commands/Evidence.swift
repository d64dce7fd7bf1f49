import ArgumentParser
import Platform

struct Evidence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What can be shown about who agreed to what.",
        subcommands: [Model.self]
    )

    struct Model: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who let a model be used, when and on what terms, and since when it serves which routes."
        )
        @Argument(help: "The model's name, e.g. openai/gpt-4o.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.get, "/models/\(Server.escaped(self.name))/evidence")
            guard !self.options.json else { return try self.showJSON(reply.value) }
            Terminal.say(EvidenceReport(reply.value).lines.map(Terminal.plain).joined(separator: "\n"))
        }
    }
}

/// One model's evidence as people read it.
struct EvidenceReport {
    let lines: [String]

    init(_ evidence: JSONValue) {
        let since = evidence["inForceSince"].string.map { "in force since \($0)" } ?? "not in force"
        let decisions = evidence["decisions"].array.flatMap(Self.decision)
        let routes = evidence["routes"].array.map {
            "  \($0["route"].cell) since \($0["since"].cell) (revision \($0["revision"].cell), by \($0["author"].cell))"
        }
        let head = evidence["auditHead"]
        self.lines =
            ["\(evidence["model"].cell): \(evidence["state"].cell), \(since)", "", "Decisions"]
            + (decisions.isEmpty ? ["  none yet"] : decisions) + ["", "Routes that it serves"]
            + (routes.isEmpty ? ["  none"] : routes)
            + ["", "Audit: entry \(head["number"].cell), hash \(head["hash"].cell)"]
    }

    private static func decision(_ decision: JSONValue) -> [String] {
        let proposal = decision["proposal"]
        let asked = proposal["author"].string.map { ["    asked for by \($0) at \(proposal["created"].cell)"] } ?? []
        let votes = proposal["votes"].array.map { vote in
            let reason = vote["reason"].string.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
            return "    \(vote["principal"].cell) says \(vote["verdict"].cell) at \(vote["time"].cell)\(reason)"
        }
        let terms = decision["terms"]
        return [
            "  \(decision["time"].cell)  \(decision["state"].cell) by \(decision["actor"].cell) "
                + "(revision \(decision["revision"].cell))",
            "    upstream \(terms["upstream"].cell), context \(terms["context"].cell), "
                + "output at most \(terms["maxOutput"].cell), price \(terms["price"].cell)",
        ] + asked + votes
    }
}
