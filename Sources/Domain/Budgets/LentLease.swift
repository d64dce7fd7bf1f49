/// A node's permission to spend a slice of a budget, as the control plane knows it.
///
/// `granted` is said by the control plane; `returned` and `used` by the node. All three only grow, and both sides keep the
/// maximum of what they have heard: so lost, doubled, delayed and reordered messages are harmless.
package struct LentLease: Hashable, Sendable {
    package internal(set) var granted = Money.zero
    package internal(set) var returned = Money.zero
    /// Sizes the next grant; moves no money.
    package internal(set) var used = Money.zero
    /// Of usage events that name it.
    package internal(set) var posted = Money.zero
    /// Posted without an event when it was given up: later events of it correct this much.
    package internal(set) var assumed = Money.zero
    package internal(set) var isOpen = true

    package init() {}

    /// As it was kept.
    package init(
        granted: Money,
        returned: Money,
        used: Money,
        posted: Money,
        assumed: Money,
        isOpen: Bool
    ) {
        self.granted = granted
        self.returned = returned
        self.used = used
        self.posted = posted
        self.assumed = assumed
        self.isOpen = isOpen
    }

    /// What its node may still spend, or has spent and not told.
    package var pending: Money {
        self.isOpen ? self.granted.remainder(after: self.returned).remainder(after: self.posted) : .zero
    }

    /// Why nothing more is lent on it.
    package enum End: Hashable, Sendable {
        /// Its node's boot is over and all its usage is known: what is left was never spent.
        case known
        /// Nobody knows what became of the rest, and nobody may spend it twice: it counts as spent, until events say better.
        case assumedSpent
        /// The same, for a budget that may be overspent a little: the rest is lent again.
        case released
    }
}
