/// What a boot of a node says of its leases, and what it wants. It says all of it each time, so that a message that is lost,
/// doubled or late changes nothing.
package struct LeaseCall: Hashable, Sendable {
    package let asks: [LeaseAsk]
    /// Attempts that wait, first come first. Each is covered whole, of all its budgets, or not at all.
    package let waiting: [[LeaseWish]]
    /// What it says of its shares of limits, which goes the same way.
    package let limits: LimitCall?

    package static let asksMax = 4_096
    package static let waitingMax = 64

    package init(asks: [LeaseAsk], waiting: [[LeaseWish]] = [], limits: LimitCall? = nil) {
        self.asks = asks
        self.waiting = waiting
        self.limits = limits
    }
}

/// One lease of a boot.
package struct LeaseAsk: Hashable, Sendable {
    package let budget: Name<Budget>
    /// Whom the budget counts apart; empty where it counts all together.
    package let unit: String
    /// Numbered by the boot, and never again: an answer to a lease that it has forgotten is about nothing.
    package let lease: UInt64
    package let returned: Money
    package let used: Money
    package let held: Money
    /// What attempts of the last minute held on average; zero where there were none.
    package let reservation: Money
    /// Nano-dollars a second.
    package let demand: Int64

    package init(
        budget: Name<Budget>,
        unit: String = "",
        lease: UInt64,
        returned: Money = .zero,
        used: Money = .zero,
        held: Money = .zero,
        reservation: Money = .zero,
        demand: Int64 = 0
    ) {
        self.budget = budget
        self.unit = unit
        self.lease = lease
        self.returned = returned
        self.used = used
        self.held = held
        self.reservation = reservation
        self.demand = demand
    }
}

/// What an attempt that waits must hold of one lease.
package struct LeaseWish: Hashable, Sendable {
    package let lease: UInt64
    package let amount: Money

    package init(lease: UInt64, amount: Money) {
        self.lease = lease
        self.amount = amount
    }
}
