/// What a model's tokens cost from a date on. Immutable; a change of price is a new version.
package struct Price: Hashable, Sendable {
    /// Named on every usage event, so that a cost can be recomputed: 1, 2, 3 … per model.
    package let version: UInt32
    package let from: Timestamp
    /// Each rate is money per million tokens.
    package let input: Money
    /// The rate of input tokens that the provider read from its cache; `input`'s rate where it is nil, which is
    /// never too little.
    package let cachedInput: Money?
    package let output: Money

    package init(version: UInt32, from: Timestamp, input: Money, cachedInput: Money?, output: Money) {
        self.version = version
        self.from = from
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }

    package static let tokensPerRate: Int64 = 1_000_000

    /// A dollar a token. No snapshot holds a higher rate, so that the cost of clamped counts always fits.
    package static let rateMax = Money(nanoDollars: 1_000_000 * Money.nanoDollarsPerDollar)

    /// Whether every rate lies in `0...rateMax`.
    package var isWithinBounds: Bool {
        [self.input, self.cachedInput ?? .zero, self.output].allSatisfy { (.zero...Self.rateMax).contains($0) }
    }

    /// What `tokens` cost, rounded up once to a whole nano-dollar. An absent count adds nothing: whether it is
    /// known to be zero is the event's to say. Nil on overflow or a negative count.
    package func cost(of tokens: TokenCounts) -> Money? {
        let lines = [
            (tokens.input, self.input), (tokens.cachedInput, self.cachedInput ?? self.input),
            (tokens.output, self.output),
        ]
        var sum: UInt128 = 0
        for (count, rate) in lines {
            guard let count else { continue }
            guard count >= 0, rate.nanoDollars >= 0 else { return nil }
            // Two 63-bit factors, three times: below 2^128, but not below 2^127.
            sum += UInt128(count) * UInt128(rate.nanoDollars)
        }
        let unit = UInt128(Self.tokensPerRate)
        return Int64(exactly: (sum + unit - 1) / unit).map(Money.init(nanoDollars:))
    }
}

extension [Price] {
    /// The price in force at `time`: the latest that has begun, by date and then by version.
    package func inForce(at time: Timestamp) -> Price? {
        self.filter { $0.from <= time }.max { ($0.from, $0.version) < ($1.from, $1.version) }
    }
}
