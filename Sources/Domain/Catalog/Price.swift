/// What a model's tokens cost from a date on. Immutable; a change of price is a new version.
package struct Price: Hashable, Sendable {
    /// Named on every usage event, so that a cost can be recomputed: 1, 2, 3 … per model.
    package let version: UInt32
    package let from: Timestamp
    package let tariff: Tariff

    package init(version: UInt32, from: Timestamp, tariff: Tariff) {
        self.version = version
        self.from = from
        self.tariff = tariff
    }

    package init(version: UInt32, from: Timestamp, input: Money, cachedInput: Money?, output: Money) {
        let rates = Rates(input: input, cachedInput: cachedInput, output: output)
        self.init(version: version, from: from, tariff: Tariff(rates))
    }

    package func beginning(at from: Timestamp) -> Price {
        Price(version: self.version, from: from, tariff: self.tariff)
    }

    package var input: Money { self.tariff.standard.input }
    package var output: Money { self.tariff.standard.output }

    /// What `tokens` cost: see ``Tariff/cost(of:)``.
    package func cost(of tokens: TokenCounts) -> Money? { self.tariff.cost(of: tokens) }

    /// The most that so many tokens can cost: see ``Tariff/worstCost(input:output:)``.
    package func worstCost(input: Int64, output: Int64) -> Money? {
        self.tariff.worstCost(input: input, output: output)
    }
}

extension [Price] {
    /// The price in force at `time`: the latest that has begun, by date and then by version.
    package func inForce(at time: Timestamp) -> Price? {
        self.filter { $0.from <= time }.max { ($0.from, $0.version) < ($1.from, $1.version) }
    }
}
