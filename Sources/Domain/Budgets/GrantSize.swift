/// How much a node's lease of an account should hold: minutes of its demand while the budget is rich, so that an outage of
/// the control plane stays invisible; seconds as it drains, so that little lies where it is not wanted.
package struct GrantSize: Hashable, Sendable {
    /// Seconds of demand while the budget is rich, and when it is all but drained.
    package static let horizon: ClosedRange<Double> = 5...900
    /// The share of a budget that is left: above `rich` the horizon is the longest, below `poor` the shortest.
    private static let (rich, poor) = (0.20, 0.01)
    /// Of what is left, so much is lent by demand, and so much in equal parts. *Why* equal parts: a node that was quiet is
    /// refused in an outage otherwise.
    private static let (byDemand, inEqualParts) = (0.5, 0.25)
    /// From `rich` down to here the equal parts fade.
    private static let scarce = 0.05
    /// Below so many mean reservations for each active node, attempts reserve centrally.
    private static let reservationsEach = 4.0

    /// Nano-dollars.
    package let left: Double
    package let limit: Double
    /// Nodes that spent from this account in the last minute.
    package let nodes: Int

    package init(_ ledger: BudgetLedger, nodes: Int) {
        self.limit = Double(ledger.limit.nanoDollars)
        self.left = Double(ledger.limit.remainder(after: ledger.posted).nanoDollars)
        self.nodes = max(nodes, 1)
    }

    private var share: Double { self.limit > 0 ? self.left / self.limit : 0 }

    /// Seconds of its own demand that a lease holds.
    package var horizonSeconds: Double {
        let part = min(max((self.share - Self.poor) / (Self.rich - Self.poor), 0), 1)
        return Self.horizon.lowerBound + part * (Self.horizon.upperBound - Self.horizon.lowerBound)
    }

    /// What a lease should have free, of a node that asks for `demand` nano-dollars a second where all together ask for
    /// `all`; weights multiply both.
    package func target(demand: Double, all: Double) -> Money {
        let wanted = max(demand, 0) * self.horizonSeconds
        let fair = all > 0 ? Self.byDemand * self.left * max(demand, 0) / all : 0
        let fade = min(max((self.share - Self.scarce) / (Self.rich - Self.scarce), 0), 1)
        let equal = Self.inEqualParts * fade * self.left / Double(self.nodes)
        // A budget has at most nine billion dollars, so that the number always fits.
        return Money(nanoDollars: Int64(min(max(min(wanted, fair) + equal, 0), self.left, 9e18)))
    }

    /// Whether each attempt asks the control plane now: what could still be lent is less than a few reservations of each.
    package func isCentral(available: Money, meanReservation: Money) -> Bool {
        Double(available.nanoDollars) < Self.reservationsEach * Double(meanReservation.nanoDollars) * Double(self.nodes)
    }
}
