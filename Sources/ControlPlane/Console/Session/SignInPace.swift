package import Domain

/// How often one address may fail to sign in: guessing a token is hopeless anyway, but should be seen and be slow.
package struct SignInPace: Sendable {
    package static let failuresMax = 10
    package static let windowMilliseconds: Int64 = 60_000
    /// Addresses remembered; beyond it the one that failed longest ago is forgotten.
    package static let addressesMax = 1_024

    private var failures: [String: Failures] = [:]

    package init() {}

    private struct Failures: Sendable {
        let began: Timestamp
        var count: Int
    }

    /// Seconds to wait; nil if it may try.
    package func wait(_ address: String, at now: Timestamp) -> Int64? {
        guard let failures = self.failures[address], failures.count >= Self.failuresMax else { return nil }
        let left = Self.windowMilliseconds - now.milliseconds(since: failures.began)
        return left > 0 ? (left + 999) / 1_000 : nil
    }

    package mutating func failed(_ address: String, at now: Timestamp) {
        self.failures = self.failures.filter { now.milliseconds(since: $0.value.began) < Self.windowMilliseconds }
        if self.failures[address] == nil, self.failures.count >= Self.addressesMax {
            let oldest = self.failures.min { ($0.value.began, $0.key) < ($1.value.began, $1.key) }
            if let oldest { self.failures[oldest.key] = nil }
        }
        self.failures[address, default: Failures(began: now, count: 0)].count += 1
    }
}
