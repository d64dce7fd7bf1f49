import ArgumentParser
import Platform

struct Usage: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "What was used, and what it cost.",
        discussion: "Tokens that no provider reported are shown as a dash, not as zero."
    )

    @Option(help: "Dimensions, with commas: team, key, user, route, model, provider, task.")
    var by = "model"
    @Option(help: "RFC 3339 start; default 24 hours ago.")
    var from: String?
    @Option(help: "RFC 3339 end; default now.")
    var to: String?
    @Option(help: "Length of a step, e.g. 1m, 1h, 1d; without it, one row for the whole time.")
    var step: String?
    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws {
        let query = [("by", self.by), ("from", self.from), ("to", self.to), ("step", self.step)]
            .compactMap { name, value in value.map { "\(name)=\(Server.escaped($0))" } }
        let reply = try await server.call(.get, "/usage?\(query.joined(separator: "&"))")
        guard !self.options.json else { return try self.showJSON(reply.value) }
        try self.show(reply.value["rows"].array, as: Table(self.columns))
    }

    private var columns: [Table.Column] {
        let dimensions = self.by.split(separator: ",").map { Table.Column($0.uppercased(), String($0)) }
        let start = self.step == nil ? [] : [Table.Column("START", "start")]
        return start + dimensions + [
            .init("EXCHANGES", "exchanges"), .init("ATTEMPTS", "attempts"), .init("ANSWERED", "answered"),
            .init("FAILED", "failed"), .init("DENIED", "denied"), .init("UNCONFIRMED", "unconfirmed"),
            .init("INPUT", "inputTokens"), .init("CACHED", "cachedInputTokens"), .init("OUTPUT", "outputTokens"),
            .init("USD", "costUsd"), .init("P50 MS", "latencyMs.p50"), .init("P95 MS", "latencyMs.p95"),
        ]
    }
}
