/// How much a node's lease of an account should hold: minutes of its demand while the budget is rich, so that an outage of
/// the control plane stays invisible; seconds as it drains, so that little lies where it is not wanted.
///
/// In whole numbers: nano-dollars, milliseconds, and parts of a million of the budget.
package struct GrantSize: Hashable, Sendable {
    /// Milliseconds of demand while the budget is all but drained, and while it is rich.
    package static let horizon: ClosedRange<Int64> = 5_000...900_000
    /// The part of a budget that is left: above `rich` the horizon is the longest, below `poor` the shortest.
    private static let (rich, poor): (Int64, Int64) = (200_000, 10_000)
    /// From `rich` down to here the equal parts fade.
    private static let scarce: Int64 = 50_000
    /// Of what is left, one in so many is lent by demand, and one in so many in equal parts. *Why* equal parts: a node that
    /// was quiet is refused in an outage otherwise.
    private static let (byDemand, inEqualParts): (Int64, Int64) = (2, 4)
    /// Below so many mean reservations for each active node, attempts reserve centrally.
    private static let reservationsEach: Int64 = 4
    private static let nodesMax = 1_000_000

    package let left: Int64
    package let limit: Int64
    /// Nodes that spent from this account in the last minute.
    package let nodes: Int64

    package init(_ ledger: BudgetLedger, nodes: Int) {
        self.limit = ledger.limit.nanoDollars
        self.left = ledger.limit.remainder(after: ledger.posted).nanoDollars
        self.nodes = Int64(min(max(nodes, 1), Self.nodesMax))
    }

    /// Of a million.
    private var share: Int64 { self.limit > 0 ? Self.scaled(self.left, by: 1_000_000, over: self.limit) : 0 }

    /// How much of its own demand a lease holds, in milliseconds of it.
    package var horizonMilliseconds: Int64 {
        let part = min(max(self.share - Self.poor, 0), Self.rich - Self.poor)
        let span = Self.horizon.upperBound - Self.horizon.lowerBound
        return Self.horizon.lowerBound + Self.scaled(span, by: part, over: Self.rich - Self.poor)
    }

    /// What a lease should have free, of a node that asks for `demand` nano-dollars a second where all together ask for
    /// `all`.
    package func target(demand: Int64, all: Int64) -> Money {
        let demand = max(demand, 0)
        let wanted = Self.scaled(demand, by: self.horizonMilliseconds, over: 1_000)
        let fair = all > 0 ? Self.scaled(self.left / Self.byDemand, by: min(demand, all), over: all) : 0
        let fade = min(max(self.share - Self.scarce, 0), Self.rich - Self.scarce)
        let equal = Self.scaled(self.left / Self.inEqualParts, by: fade, over: (Self.rich - Self.scarce)) / self.nodes
        return Money(nanoDollars: min(wanted, fair)).clampedSum(with: Money(nanoDollars: equal))
    }

    /// Whether each attempt asks the control plane now: what could still be lent is less than a few reservations of each.
    package func isCentral(available: Money, meanReservation: Money) -> Bool {
        let enough = Self.scaled(meanReservation.nanoDollars, by: Self.reservationsEach * self.nodes, over: 1)
        return available.nanoDollars < enough
    }

    /// `value` × `factor` ÷ `divisor` of numbers that are not negative, without overflow on the way or in the end.
    private static func scaled(_ value: Int64, by factor: Int64, over divisor: Int64) -> Int64 {
        let product = max(value, 0).multipliedFullWidth(by: max(factor, 0))
        guard product.high < max(divisor, 1) else { return .max }
        return Int64(clamping: UInt64(divisor).dividingFullWidth((UInt64(product.high), UInt64(product.low))).quotient)
    }
}
