import Domain

/// What usage is added up by for a chart or the order of a table.
enum Measure: String, CaseIterable, Sendable {
    case cost
    case exchanges
    case tokens
    case failed
    case p95

    var title: String {
        switch self {
        case .cost: "Cost"
        case .exchanges: "Exchanges"
        case .tokens: "Tokens"
        case .failed: "Failed attempts"
        case .p95: "Latency, 95th percentile"
        }
    }

    var unit: String {
        switch self {
        case .cost: "usd"
        case .exchanges, .tokens, .failed: "count"
        case .p95: "ms"
        }
    }

    /// A decimal; nil where nothing was measured.
    func value(_ row: JSON) -> String? {
        switch self {
        case .cost: row["costUsd"]?.text
        case .exchanges: row["exchanges"]?.text
        case .tokens:
            TokenKind.allCases.filter { $0 != .cachedInput }.sum(row).integer.map { String($0) }
        case .failed: row["failed"]?.text
        case .p95: row["latencyMs"]?["p95"]?.text
        }
    }

    func weight(_ row: JSON) -> Double { self.value(row).flatMap { Double($0) } ?? -1 }
}
