package import Domain

/// How many token requests are under way. Whoever begins a sign-in can make us send one, with a code that they made up:
/// an issuer that is slow to say no is not asked by ever more at once, nor does it keep others' people waiting.
package struct TokenRequestsUnderWay: Sendable {
    package static let requestsPerIssuerMax = 16

    private var counts: [Name<Issuer>: Int] = [:]

    package init() {}

    /// Whether there may be another; it is one until `end`.
    package mutating func begin(at issuer: Name<Issuer>) -> Bool {
        let count = self.counts[issuer] ?? 0
        guard count < Self.requestsPerIssuerMax else { return false }
        self.counts[issuer] = count + 1
        return true
    }

    package mutating func end(at issuer: Name<Issuer>) {
        // None is left behind for issuers that are gone.
        self.counts[issuer] = self.counts[issuer].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
}
