/// What the control plane answers: all that it has ever granted on this lease.
package struct LeaseGrant: Hashable, Sendable {
    package let account: BudgetAccount
    package let lease: UInt64
    package let granted: Money
    /// What is free beyond this is to be given back.
    package let keep: Money
    /// From when the node sent what this answers; zero: the lease has ended, and another is to be asked for.
    package let validMilliseconds: Int64
    /// What the window's budget has left that is not spent, lent or not. What needs more is covered by nobody.
    package let left: Money

    /// Of a budget that is gone: the lease has ended, whatever it was.
    static func ended(_ ask: LeaseAsk) -> LeaseGrant {
        let window = BudgetWindow(name: ask.window ?? "none", start: Timestamp(unixMilliseconds: 0), end: nil)
        return LeaseGrant(
            account: BudgetAccount(budget: ask.budget, unit: ask.unit, window: window),
            lease: ask.lease,
            granted: .zero,
            keep: .zero,
            validMilliseconds: 0,
            left: .zero
        )
    }

    package init(
        account: BudgetAccount,
        lease: UInt64,
        granted: Money,
        keep: Money,
        validMilliseconds: Int64,
        left: Money
    ) {
        self.account = account
        self.lease = lease
        self.granted = granted
        self.keep = keep
        self.validMilliseconds = validMilliseconds
        self.left = left
    }
}
