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
