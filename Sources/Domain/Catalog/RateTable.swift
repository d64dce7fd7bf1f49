/// The rates of one service tier from one size of input on.
package struct RateTable: Hashable, Sendable {
    package let serviceTier: ServiceTier
    /// These rates are for requests with more input tokens than this, of all kinds together; 0: for all.
    package let aboveInputTokens: Int64
    package let rates: Rates
    let complete: CompleteRates

    package init(_ rates: Rates, of serviceTier: ServiceTier = .standard, aboveInputTokens: Int64 = 0) {
        self.init(rates, of: serviceTier, aboveInputTokens: aboveInputTokens, over: rates)
    }

    private init(_ rates: Rates, of serviceTier: ServiceTier, aboveInputTokens: Int64, over standard: Rates) {
        self.serviceTier = serviceTier
        self.aboveInputTokens = aboveInputTokens
        self.rates = rates
        self.complete = CompleteRates(rates, over: standard)
    }

    /// The same, with its gaps filled from `standard`.
    func over(_ standard: Rates) -> RateTable {
        RateTable(self.rates, of: self.serviceTier, aboveInputTokens: self.aboveInputTokens, over: standard)
    }

    func takes(input: Int64) -> Bool { self.aboveInputTokens == 0 || input > self.aboveInputTokens }

    var isWithinBounds: Bool {
        (0...TokenCounts.countMax).contains(self.aboveInputTokens) && self.rates.areWithinBounds
    }
}
