import Domain
import Foundation
import GRDB

/// A usage event as its row has it, in the order of the table's columns.
struct UsageEventRow {
    let columns: [DatabaseValue]

    static let insertion = "INSERT INTO usageEvent VALUES (\(Array(repeating: "?", count: 45).joined(separator: ", ")))"

    /// Values of one type in one array: boxing each of them by itself would cost as much as writing them.
    init(
        _ event: UsageEvent,
        _ sequence: UInt64,
        _ delivery: UsageDelivery,
        expected: Money?,
        metadata: String
    ) {
        var columns: [DatabaseValue] = []
        columns.reserveCapacity(45)
        columns += [
            delivery.node.text.databaseValue, delivery.boot.text.databaseValue,
            Int64(clamping: sequence).databaseValue, delivery.received.column.databaseValue,
            event.admitted.column.databaseValue, event.exchange.text.databaseValue,
            Int64(event.attempt).databaseValue, event.isLast.databaseValue,
            event.caller.team.text.databaseValue, event.caller.application.text.databaseValue,
            event.caller.user.databaseValue, event.caller.task.databaseValue, metadata.databaseValue,
        ]
        columns += Self.target(event)
        columns += Self.outcome(event, expected: expected)
        columns.append(event.target.prompt?.prompt.text.databaseValue ?? .null)
        columns.append(event.target.prompt.map { Int64($0.number).databaseValue } ?? .null)
        for kind in UsageTotals.rareKinds { columns.append(event.tokens[kind]?.databaseValue ?? .null) }
        columns.append(event.tokens.serviceTier?.rawValue.databaseValue ?? .null)
        self.columns = columns
    }

    private static func target(_ event: UsageEvent) -> [DatabaseValue] {
        [
            event.target.route?.text.databaseValue ?? .null, event.target.model?.text.databaseValue ?? .null,
            event.target.provider?.text.databaseValue ?? .null,
            event.target.priceVersion.map { Int64($0).databaseValue } ?? .null,
            event.target.providerRequest.databaseValue, Int64(clamping: event.snapshot.epoch).databaseValue,
            Int64(clamping: event.snapshot.sequence).databaseValue,
            Int64(clamping: event.snapshot.headVersion).databaseValue,
        ]
    }

    private static func outcome(_ event: UsageEvent, expected: Money?) -> [DatabaseValue] {
        [
            event.tokens.input?.databaseValue ?? .null, event.tokens.cachedInput?.databaseValue ?? .null,
            event.tokens.output?.databaseValue ?? .null, event.tokenSource.rawValue.databaseValue,
            event.cost.nanoDollars.databaseValue, expected?.nanoDollars.databaseValue ?? .null,
            event.latency.firstToken?.databaseValue ?? .null, event.latency.provider.databaseValue,
            event.latency.total.databaseValue, event.outcome.rawValue.databaseValue,
            event.code?.rawValue.databaseValue ?? .null,
            event.upstreamStatus.map { Int64($0).databaseValue } ?? .null, event.isStream.databaseValue,
            event.isUnconfirmed.databaseValue,
        ]
    }
}

/// The JSON of callers' metadata, made once for all events of a batch that have the same: making it is dearer than writing
/// the row.
struct MetadataTexts {
    private var texts: [[String: String]: String] = [:]

    mutating func text(of event: UsageEvent) throws -> String {
        let metadata = event.caller.metadata
        guard !metadata.isEmpty else { return "{}" }
        if let text = self.texts[metadata] { return text }
        let data = try JSONSerialization.data(withJSONObject: metadata, options: .sortedKeys)
        let text = String(decoding: data, as: UTF8.self)
        self.texts[metadata] = text
        return text
    }
}
