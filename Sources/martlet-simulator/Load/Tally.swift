import Foundation

/// What a load has seen so far.
struct Tally: Sendable {
    /// Requests answered in full with a 200, and with the end marker if they are streams.
    var answered = 0
    var errors: [String: Int] = [:]
    var events = 0
    /// Streams that were open at once, where they are held.
    var held = 0
    /// Streams that the caller let go of in their middle.
    var hungUp = 0
    var latencies = Histogram()
    /// From the first request that was due to the last that ended.
    var nanoseconds: Int64 = 0

    var failed: Int { self.errors.values.reduce(0, +) }

    mutating func fail(_ kind: String) { self.errors[kind, default: 0] += 1 }

    mutating func add(_ other: Tally) {
        self.answered += other.answered
        self.errors.merge(other.errors, uniquingKeysWith: +)
        self.events += other.events
        self.held += other.held
        self.hungUp += other.hungUp
        self.latencies.add(other.latencies)
        self.nanoseconds = max(self.nanoseconds, other.nanoseconds)
    }
}

/// A tally as it is printed. Latencies are in microseconds.
struct LoadReport: Encodable {
    let requests: Int
    let failed: Int
    let errors: [String: Int]
    let seconds: Double
    let requestsPerSecond: Double
    let events: Int
    let held: Int
    let hungUp: Int
    let p50: Double
    let p90: Double
    let p99: Double
    let p999: Double
    let max: Double

    init(_ tally: Tally) {
        let seconds = Double(tally.nanoseconds) / 1e9
        self.requests = tally.answered
        self.failed = tally.failed
        self.errors = tally.errors
        self.seconds = seconds
        self.requestsPerSecond = seconds > 0 ? (Double(tally.answered) / seconds).rounded() : 0
        self.events = tally.events
        self.held = tally.held
        self.hungUp = tally.hungUp
        self.p50 = Self.microseconds(tally.latencies.quantile(0.5))
        self.p90 = Self.microseconds(tally.latencies.quantile(0.9))
        self.p99 = Self.microseconds(tally.latencies.quantile(0.99))
        self.p999 = Self.microseconds(tally.latencies.quantile(0.999))
        self.max = Self.microseconds(tally.latencies.max)
    }

    private static func microseconds(_ nanoseconds: UInt64) -> Double {
        (Double(nanoseconds) / 100).rounded() / 10
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
