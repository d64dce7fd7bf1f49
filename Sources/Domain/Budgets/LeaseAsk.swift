/// What a node's boot says of its lease of one account, and what it wants. It says all of it each time, so that a message that
/// is lost, doubled or late changes nothing.
package struct LeaseAsk: Hashable, Sendable {
    package let budget: Name<Budget>
    /// Whom the budget counts apart; empty where it counts all together.
    package let unit: String
    /// Numbered by the boot, and never again: an answer to a lease that it has forgotten is about nothing.
    package let lease: UInt64
    package let returned: Money
    package let used: Money
    package let held: Money
    /// The largest reservation that waits for this account.
    package let waiting: Money
    /// Nano-dollars a second.
    package let demand: Int64

    package init(
        budget: Name<Budget>,
        unit: String = "",
        lease: UInt64,
        returned: Money = .zero,
        used: Money = .zero,
        held: Money = .zero,
        waiting: Money = .zero,
        demand: Int64 = 0
    ) {
        self.budget = budget
        self.unit = unit
        self.lease = lease
        self.returned = returned
        self.used = used
        self.held = held
        self.waiting = waiting
        self.demand = demand
    }
}

/// What the control plane answers: all that it has ever granted on this lease.
package struct LeaseGrant: Hashable, Sendable {
    package let account: BudgetAccount
    package let lease: UInt64
    package let granted: Money
    /// What is free beyond this is to be given back.
    package let keep: Money
    /// From when the node sent what this answers; zero: the lease has ended, and another is to be asked for.
    package let validMilliseconds: Int64
    /// Nothing is left to lend, and nothing that is lent may come back: whoever waits is told so.
    package let isUsedUp: Bool

    package init(
        account: BudgetAccount,
        lease: UInt64,
        granted: Money,
        keep: Money,
        validMilliseconds: Int64,
        isUsedUp: Bool
    ) {
        self.account = account
        self.lease = lease
        self.granted = granted
        self.keep = keep
        self.validMilliseconds = validMilliseconds
        self.isUsedUp = isUsedUp
    }
}
