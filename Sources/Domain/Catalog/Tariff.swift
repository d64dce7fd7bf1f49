/// What a model's tokens cost: rates by kind, by service tier and by size of input, and a fee per call. A ``Price`` is a
/// tariff from a date on.
///
/// Its tables lie behind one reference, so that a price is cheap to hand on, and its verbs allocate nothing: they run
/// on the traffic path.
package struct Tariff: Hashable, Sendable {
    /// For each attempt that a provider bills, whatever its tokens.
    package let perCall: Money
    /// The first is the standard tier's for all sizes; the others come by service tier and size.
    package let tables: [RateTable]

    package init(_ standard: Rates, perCall: Money = .zero, others: [RateTable] = []) {
        self.perCall = perCall
        self.tables =
            [RateTable(standard)]
            + others.sorted {
                ($0.serviceTier.order, $0.aboveInputTokens) < ($1.serviceTier.order, $1.aboveInputTokens)
            }
            .map { $0.over(standard) }
    }

    package static let tokensPerRate: Int64 = 1_000_000

    /// No price list has more: four service tiers, a few sizes each.
    package static let tablesMax = 64

    /// A hundred dollars a call.
    package static let perCallMax = Money(nanoDollars: 100 * Money.nanoDollarsPerDollar)

    /// Whether every rate and fee is within its bounds, no two tables are for the same requests, and each service tier
    /// that has any has one for all sizes.
    package var isWithinBounds: Bool {
        guard (.zero...Self.perCallMax).contains(self.perCall), self.tables.count <= Self.tablesMax,
            self.tables.allSatisfy(\.isWithinBounds)
        else { return false }
        var last = self.tables[0]
        for table in self.tables.dropFirst() {
            let isFirst = table.serviceTier != last.serviceTier
            guard isFirst ? table.aboveInputTokens == 0 : table.aboveInputTokens > last.aboveInputTokens else {
                return false
            }
            last = table
        }
        return true
    }

    /// The rates of the standard tier for requests of all sizes.
    package var standard: Rates { self.tables[0].rates }

    /// What `tokens` cost at the service tier that they name (the standard one where they name none), rounded up once to
    /// a whole nano-dollar, and the fee. An absent count adds nothing: whether it is known to be zero is the event's to
    /// say. Nil on overflow or a negative count.
    package func cost(of tokens: TokenCounts) -> Money? {
        self.sum(of: tokens, at: tokens.serviceTier ?? .standard).flatMap(self.money)
    }

    /// The same at whichever service tier is the dearest: for tokens that nobody has told the tier of.
    package func dearestCost(of tokens: TokenCounts) -> Money? {
        var dearest: UInt128 = 0
        for table in self.tables.indices where self.tables[table].aboveInputTokens == 0 {
            guard let sum = self.sum(of: tokens, at: self.tables[table].serviceTier) else { return nil }
            dearest = max(dearest, sum)
        }
        return self.money(dearest)
    }

    /// The most that a request can cost which has up to so many tokens of input and of output, however they fall into
    /// kinds and whatever tier it is billed at: the fee, and every token at the dearest rate of its side in the dearest
    /// table that so much input can lead to. Nil on overflow or a negative count.
    package func worstCost(input: Int64, output: Int64) -> Money? {
        var worst: UInt128 = 0
        for table in self.tables.indices where self.tables[table].takes(input: input) {
            guard let sum = self.tables[table].complete.worstSum(input: input, output: output) else { return nil }
            worst = max(worst, sum)
        }
        return self.money(worst)
    }

    /// A service tier that has no rates for an input this large costs at least what the standard tier does there: what is
    /// not written is no discount. One that has no rates at all costs what the standard tier does.
    private func sum(of tokens: TokenCounts, at tier: ServiceTier) -> UInt128? {
        let input = tokens.inputOfAllKinds
        let standard = self.table(of: .standard, input: input) ?? 0
        guard let sum = self.tables[standard].complete.sum(of: tokens) else { return nil }
        guard tier != .standard, let own = self.table(of: tier, input: input) else { return sum }
        guard let ownSum = self.tables[own].complete.sum(of: tokens) else { return nil }
        return self.tables[own].aboveInputTokens >= self.tables[standard].aboveInputTokens ? ownSum : max(ownSum, sum)
    }

    /// Where the table for that much input lies: the last that takes it, because they stand in order of size.
    private func table(of tier: ServiceTier, input: Int64) -> Int? {
        var found: Int?
        for table in self.tables.indices
        where self.tables[table].serviceTier == tier && self.tables[table].takes(input: input) {
            found = table
        }
        return found
    }

    private func money(_ sum: UInt128) -> Money? {
        let unit = UInt128(Self.tokensPerRate)
        let (whole, rest) = sum.quotientAndRemainder(dividingBy: unit)
        guard let nanoDollars = Int64(exactly: rest == 0 ? whole : whole + 1) else { return nil }
        let (cost, overflow) = nanoDollars.addingReportingOverflow(self.perCall.nanoDollars)
        return overflow ? nil : Money(nanoDollars: cost)
    }
}

extension ServiceTier {
    /// Of the tables of a tariff.
    fileprivate var order: Int {
        switch self {
        case .standard: 0
        case .batch: 1
        case .flex: 2
        case .priority: 3
        }
    }
}
