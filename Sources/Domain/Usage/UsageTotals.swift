/// Sums over usage events. Adding is commutative and associative, so that any order of arrival gives the same
/// totals; sums saturate instead of trapping.
package struct UsageTotals: Hashable, Sendable {
    /// One per event, denials included.
    package var events: Int64 = 0
    /// Exchanges that have ended: events marked last.
    package var requests: Int64 = 0
    package var outcomes: [UsageEvent.Outcome: Int64] = [:]
    package var unconfirmed: Int64 = 0
    package var streamed: Int64 = 0
    package var input = TokenSum()
    package var cachedInput = TokenSum()
    package var output = TokenSum()
    /// The kinds that only some providers tell apart, each nil where no attempt told it. The ordinary kinds and cached
    /// input are not in it: they have sums of their own above.
    package var rare = TokenCounts()
    package var cost = Money.zero
    /// Events whose cost is not what the price version they name gives.
    package var costMismatches: Int64 = 0
    /// In microseconds, of events that reached a provider.
    package var firstToken = Histogram()
    package var providerLatency = Histogram()
    package var totalLatency = Histogram()

    package init() {}

    /// The known counts of one kind of token, and how many attempts did not know theirs.
    package struct TokenSum: Hashable, Sendable {
        package var tokens: Int64
        /// Attempts with a count, zero included.
        package var known: Int64
        /// Attempts without one: their tokens are not zero but unknown.
        package var absent: Int64

        package init(tokens: Int64 = 0, known: Int64 = 0, absent: Int64 = 0) {
            self.tokens = tokens
            self.known = known
            self.absent = absent
        }

        mutating func add(_ count: Int64?) {
            guard let count else {
                self.absent.addSaturating(1)
                return
            }
            self.known.addSaturating(1)
            self.tokens.addSaturating(count)
        }

        package mutating func merge(_ other: TokenSum) {
            self.tokens.addSaturating(other.tokens)
            self.known.addSaturating(other.known)
            self.absent.addSaturating(other.absent)
        }
    }

    /// `mismatched`: the event's cost is not its price's.
    package mutating func add(_ event: UsageEvent, mismatched: Bool = false) {
        self.events.addSaturating(1)
        if event.isLast { self.requests.addSaturating(1) }
        self.outcomes[event.outcome, default: 0].addSaturating(1)
        if event.isUnconfirmed { self.unconfirmed.addSaturating(1) }
        if event.isStream { self.streamed.addSaturating(1) }
        if mismatched { self.costMismatches.addSaturating(1) }
        self.cost = self.cost.addingSaturating(event.cost)
        // A denial has no tokens to know, and its latency is not a provider's.
        guard event.outcome != .denied else { return }
        self.input.add(event.tokens.input)
        self.cachedInput.add(event.tokens.cachedInput)
        self.output.add(event.tokens.output)
        self.addRare(event.tokens)
        if let firstToken = event.latency.firstToken { self.firstToken.record(firstToken) }
        self.providerLatency.record(event.latency.provider)
        self.totalLatency.record(event.latency.total)
    }

    package static let rareKinds = TokenKind.allCases.filter { ![.input, .cachedInput, .output].contains($0) }

    private mutating func addRare(_ tokens: TokenCounts) {
        for kind in Self.rareKinds {
            guard let count = tokens[kind] else { continue }
            var sum = self.rare[kind] ?? 0
            sum.addSaturating(count)
            self.rare[kind] = sum
        }
    }

    package mutating func merge(_ other: UsageTotals) {
        self.events.addSaturating(other.events)
        self.requests.addSaturating(other.requests)
        for (outcome, count) in other.outcomes { self.outcomes[outcome, default: 0].addSaturating(count) }
        self.unconfirmed.addSaturating(other.unconfirmed)
        self.streamed.addSaturating(other.streamed)
        self.input.merge(other.input)
        self.cachedInput.merge(other.cachedInput)
        self.output.merge(other.output)
        self.addRare(other.rare)
        self.cost = self.cost.addingSaturating(other.cost)
        self.costMismatches.addSaturating(other.costMismatches)
        self.firstToken.merge(other.firstToken)
        self.providerLatency.merge(other.providerLatency)
        self.totalLatency.merge(other.totalLatency)
    }
}

extension Money {
    /// The sum, or the end of the range. For reports only: what is lent is added with `adding(_:)`.
    package func addingSaturating(_ other: Money) -> Money {
        var sum = self.nanoDollars
        sum.addSaturating(other.nanoDollars)
        return Money(nanoDollars: sum)
    }
}

extension Int64 {
    mutating func addSaturating(_ other: Int64) {
        let (sum, overflow) = self.addingReportingOverflow(other)
        self = overflow ? (other < 0 ? .min : .max) : sum
    }
}
