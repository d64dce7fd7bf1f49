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
    /// The window's name, as it was told; nil until the first answer.
    package let window: String?
    /// The most that it was told. A control plane that was restored learns from it what it has forgotten.
    package let granted: Money
    package let returned: Money
    package let used: Money
    package let held: Money
    /// What attempts of the last minute held on average; zero where there were none.
    package let reservation: Money
    /// Nano-dollars a second; zero, like `reservation`, where nobody has asked for a while.
    package let demand: Int64

    package init(
        budget: Name<Budget>,
        unit: String = "",
        lease: UInt64,
        window: String? = nil,
        granted: Money = .zero,
        returned: Money = .zero,
        used: Money = .zero,
        held: Money = .zero,
        reservation: Money = .zero,
        demand: Int64 = 0
    ) {
        self.budget = budget
        self.unit = unit
        self.lease = lease
        self.window = window
        self.granted = granted
        self.returned = returned
        self.used = used
        self.held = held
        self.reservation = reservation
        self.demand = demand
    }

    /// What is to be loaded to answer it, where `now` is the budget's window: the account that it would be lent of, and the
    /// one that it says it was lent of.
    package func accounts(now window: BudgetWindow) -> [BudgetAccount] {
        let own = BudgetAccount(budget: self.budget, unit: self.unit, window: window)
        let told = self.toldAccount(now: window)
        return own == told ? [own] : [own, told]
    }

    /// Of a window that is over, only the name is known.
    func toldAccount(now window: BudgetWindow) -> BudgetAccount {
        let told = self.window.map { BudgetWindow(name: $0, start: window.start, end: nil) } ?? window
        return BudgetAccount(budget: self.budget, unit: self.unit, window: told == window ? window : told)
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
