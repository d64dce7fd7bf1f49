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
