/// The accounts of one budget in one window, added up.
package struct BudgetTotals: Hashable, Sendable {
    /// How many have an account.
    package private(set) var units = 0
    package private(set) var limit = Money.zero
    package private(set) var posted = Money.zero
    package private(set) var pending = Money.zero
    package private(set) var unconfirmed = Money.zero
    package private(set) var overspent = Money.zero
    /// What can be lent: one unit's overspending takes nothing from another's.
    package private(set) var available = Money.zero

    package init() {}

    package mutating func add(_ ledger: BudgetLedger) {
        self.units += 1
        self.limit = self.limit.clampedSum(with: ledger.limit)
        self.posted = self.posted.clampedSum(with: ledger.posted)
        self.pending = self.pending.clampedSum(with: ledger.pending)
        self.unconfirmed = self.unconfirmed.clampedSum(with: ledger.unconfirmed)
        self.overspent = self.overspent.clampedSum(with: ledger.overspent)
        self.available = self.available.clampedSum(with: ledger.available)
    }
}
