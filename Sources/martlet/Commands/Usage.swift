import ArgumentParser
import Platform

struct Usage: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "What was used, and what it cost.",
        discussion: "Tokens that no provider reported are shown as a dash, not as zero.",
        subcommands: [ReconcileUsage.self]
    )

    @Option(help: "Dimensions, with commas: team, key, user, route, model, provider, task, prompt.")
    var by = "model"
    @Option(help: "Start: 7d or 12h ago, 2027-01-31, or an RFC 3339 time; default 24 hours ago.")
    var from: String?
    @Option(help: "End, in the same forms; default now.")
    var to: String?
    @Option(help: "Length of a step, e.g. 1m, 1h, 1d; without it, one row for the whole time.")
    var step: String?
    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws {
        let path = try self.path(nowMilliseconds: WallClock.unixMilliseconds())
        let reply = try await server.call(.get, path)
        guard !self.options.json else { return try self.showJSON(reply.value) }
        try self.show(reply.value["rows"].array, as: Table(self.columns(of: reply.value["rows"].array)))
    }

    func path(nowMilliseconds now: Int64) throws(StartupFault) -> String {
        var query = [("by", self.groups.joined(separator: ","))]
        if let from = self.from { query.append(("from", try WrittenTime.ago(from, from: now, option: "--from"))) }
        if let to = self.to { query.append(("to", try WrittenTime.ago(to, from: now, option: "--to"))) }
        if let step = self.step { query.append(("step", step)) }
        return "/usage?" + query.map { "\($0)=\(Server.escaped($1))" }.joined(separator: "&")
    }

    private var groups: [String] { self.by.split(separator: ",").map { $0.filter { $0 != " " } } }

    /// Kinds of tokens that only some providers tell have a column where some row has a number.
    func columns(of rows: [JSONValue]) -> [Table.Column] {
        var columns = self.step == nil ? [] : [Table.Column("START", "start")]
        columns += self.groups.map { Table.Column($0.uppercased(), $0) }
        columns += [
            .init("EXCHANGES", "exchanges"), .init("ATTEMPTS", "attempts"), .init("ANSWERED", "answered"),
            .init("FAILED", "failed"), .init("DENIED", "denied"), .init("UNCONFIRMED", "unconfirmed"),
            .init("INPUT", "inputTokens"), .init("CACHED", "cachedInputTokens"), .init("OUTPUT", "outputTokens"),
        ]
        for (heading, member) in Self.rareKinds where rows.contains(where: { $0[member] != .null }) {
            columns.append(.init(heading, member))
        }
        return columns + [
            .init("USD", "costUsd"), .init("P50 MS", "latencyMs.p50"), .init("P95 MS", "latencyMs.p95"),
        ]
    }

    private static let rareKinds = [
        ("REASONING", "reasoningTokens"), ("CACHE WRITE", "cacheWriteTokens"),
        ("CACHE WRITE 1H", "cacheWrite1hTokens"), ("AUDIO IN", "inputAudioTokens"),
        ("AUDIO OUT", "outputAudioTokens"), ("IMAGE IN", "inputImageTokens"), ("IMAGE OUT", "outputImageTokens"),
    ]
}
