import ArgumentParser
import Foundation
import Platform

struct ReconcileUsage: ServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compare a provider's own export of usage with ours, by day (UTC) and model.",
        discussion: """
            The file is a CSV with a row of names: a day (start_time_iso, date), model, and any of num_model_requests, \
            input_tokens, output_tokens and amount_value, in whatever order; so OpenAI's exports of activity and, by \
            line item, of cost are. Days are those of the file. Requests are shown and not judged: attempts that \
            failed may be none to the provider.

            Exit code 1: tokens or cost of a day and model differ by more than the tolerance, or only one side has them.
            """
    )
    @Option(help: "The provider's name, as in the catalogue.")
    var provider: String
    @Option(help: "The CSV file; - for standard input.")
    var file: String
    @Option(help: "Percent by which the two may differ.")
    var tolerance: Double = 1
    @OptionGroup var options: ServerOptions

    private static let bytesMax = 64 << 20

    func perform(on server: Server) async throws {
        let bytes = try Input.bytes(of: self.file, bytesMax: Self.bytesMax)
        let theirs = try ProviderReport.read(String(decoding: bytes, as: UTF8.self))
        guard let first = theirs.keys.map(\.day).min(), let last = theirs.keys.map(\.day).max() else {
            throw Refusal(exit: .usage, lines: ["the file has no row with a model"])
        }
        let models = try await self.upstreams(server)
        let reconciliation = Reconciliation(
            theirs: theirs,
            ours: try await self.ours(server, from: first, through: last, models),
            upstreams: Set(models.values),
            tolerancePercent: self.tolerance
        )
        try self.show(reconciliation.lines.map(Self.row), as: Self.table)
        if reconciliation.isBeyond { throw ExitCode(1) }
    }

    /// What the provider calls our models, by our names.
    private func upstreams(_ server: Server) async throws -> [String: String] {
        let models = try await server.items("/models")
        let named = models.compactMap { model in
            model["name"].string.flatMap { name in model["upstream"].string.map { (name, $0) } }
        }
        return Dictionary(named) { first, _ in first }
    }

    private func ours(
        _ server: Server,
        from first: String,
        through last: String,
        _ models: [String: String]
    ) async throws -> [DayOfModel.Key: DayOfModel] {
        let span = "from=\(first)T00%3A00%3A00Z&to=\(try Self.day(after: last))T00%3A00%3A00Z"
        let rows = try await server.call(.get, "/usage?by=provider,model&step=1d&\(span)").value["rows"].array
        var days: [DayOfModel.Key: DayOfModel] = [:]
        for row in rows where row["provider"].string == self.provider {
            guard let model = row["model"].string, let start = row["start"].string else { continue }
            let key = DayOfModel.Key(day: String(start.prefix(10)), model: models[model] ?? model)
            days[key, default: DayOfModel()].add(DayOfModel(usage: row))
        }
        return days
    }

    static func day(after day: String) throws -> String {
        let date = try Date("\(day)T00:00:00Z", strategy: .iso8601)
        return String(WallClock.rfc3339((Int(date.timeIntervalSince1970) + 86_400, 0)).prefix(10))
    }

    // MARK: - The table

    static let table = Table([
        .init("DAY", "day"), .init("MODEL", "model"), .init("THEIR REQUESTS", "theirs.requests"),
        .init("OURS", "ours.requests"), .init("THEIR INPUT", "theirs.inputTokens"), .init("OURS", "ours.inputTokens"),
        .init("THEIR OUTPUT", "theirs.outputTokens"), .init("OURS", "ours.outputTokens"),
        .init("THEIR USD", "theirs.costUsd"), .init("OURS", "ours.costUsd"), .init("DIFFERS BY %", "differencePercent"),
        .init("BEYOND", "isBeyond"),
    ])

    static func row(_ line: Reconciliation.Line) -> JSONValue {
        .object([
            "day": .string(line.key.day), "model": .string(line.key.model), "theirs": self.side(line.theirs),
            "ours": self.side(line.ours), "differencePercent": line.difference.map(JSONValue.number) ?? .null,
            "isBeyond": .bool(line.isBeyond),
        ])
    }

    private static func side(_ day: DayOfModel) -> JSONValue {
        .object([
            "requests": day.requests.map(JSONValue.integer) ?? .null,
            "inputTokens": day.inputTokens.map(JSONValue.integer) ?? .null,
            "outputTokens": day.outputTokens.map(JSONValue.integer) ?? .null,
            "costUsd": day.cost.map { .string("\($0)") } ?? .null,
        ])
    }
}
