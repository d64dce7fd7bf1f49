import Foundation

/// What an attack has seen so far.
struct AttackTally: Sendable {
    /// An answer that must not be, and to what.
    struct Example: Encodable, Sendable {
        let kind: String
        let outcome: String
        /// What our own side says of it, if it does.
        let reason: String?
        /// The first bytes of the request, readable.
        let request: String
    }

    private static let examplesMax = 20
    private static let exampleBytesMax = 400

    /// The good key, which no report shows.
    let secret: String
    var kinds: [String: [String: Int]] = [:]
    var wrong = 0
    var examples: [Example] = []
    var nanoseconds: Int64 = 0

    init(secret: String) { self.secret = secret }

    var requests: Int { self.kinds.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

    mutating func add(_ request: HostileRequest, _ verdict: HostileRequest.Verdict, reason: String? = nil) {
        self.kinds[request.kind.rawValue, default: [:]][verdict.outcome, default: 0] += 1
        guard verdict.isWrong else { return }
        self.wrong += 1
        guard self.examples.count < Self.examplesMax else { return }
        let text = String(decoding: request.bytes.prefix(Self.exampleBytesMax), as: UTF8.self)
            .replacingOccurrences(of: self.secret, with: "KEY")
        self.examples.append(
            Example(
                kind: request.kind.rawValue,
                outcome: verdict.outcome,
                reason: reason,
                request: text.debugDescription
            )
        )
    }
}

/// A tally as it is printed.
struct AttackReport: Encodable {
    let requests: Int
    let seed: UInt64
    let seconds: Double
    let requestsPerSecond: Double
    /// For each kind how often each outcome occurred.
    let kinds: [String: [String: Int]]
    let wrong: Int
    let examples: [AttackTally.Example]

    init(_ tally: AttackTally, seed: UInt64) {
        let seconds = Double(tally.nanoseconds) / 1e9
        self.requests = tally.requests
        self.seed = seed
        self.seconds = seconds
        self.requestsPerSecond = seconds > 0 ? (Double(tally.requests) / seconds).rounded() : 0
        self.kinds = tally.kinds
        self.wrong = tally.wrong
        self.examples = tally.examples
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
