/// What callers are told of the limits that they are under: of each rate the one that has least left.
package struct LimitStanding: Hashable, Sendable {
    package struct Rate: Hashable, Sendable {
        /// A minute, over all nodes.
        package let limit: Int64
        /// What this node lets through at once.
        package let remaining: Int64
        /// Until as much is left as there can be.
        package let resetMilliseconds: Int64

        package init(limit: Int64, remaining: Int64, resetMilliseconds: Int64) {
            self.limit = limit
            self.remaining = remaining
            self.resetMilliseconds = resetMilliseconds
        }

        init(limit: Int64, _ bucket: RateBucket, rate: Int64) {
            self.init(
                limit: limit,
                remaining: min(bucket.left, limit),
                resetMilliseconds: bucket.millisecondsUntilFull(rate: rate) ?? Allowance.patienceMilliseconds
            )
        }

        fileprivate func isTighter(than other: Rate) -> Bool {
            (self.remaining, other.resetMilliseconds) < (other.remaining, self.resetMilliseconds)
        }
    }

    package private(set) var requests: Rate?
    package private(set) var tokens: Rate?

    package init(requests: Rate? = nil, tokens: Rate? = nil) {
        self.requests = requests
        self.tokens = tokens
    }

    package mutating func add(_ other: LimitStanding) {
        self.requests = Self.tighter(self.requests, other.requests)
        self.tokens = Self.tighter(self.tokens, other.tokens)
    }

    private static func tighter(_ one: Rate?, _ other: Rate?) -> Rate? {
        guard let one, let other else { return one ?? other }
        return other.isTighter(than: one) ? other : one
    }
}
