/// All accounts that anything is lent of, and which lease is of which: the control plane's side of lending as one value, so
/// that a message is taken in whole or not at all.
package struct LendingBook: Hashable, Sendable {
    /// What a budget is, as far as lending asks.
    package struct Terms: Hashable, Sendable {
        package let limit: Money
        package let isHard: Bool
        package let orphanMilliseconds: Int64

        package init(limit: Money, isHard: Bool, orphanMilliseconds: Int64) {
            self.limit = limit
            self.isHard = isHard
            self.orphanMilliseconds = orphanMilliseconds
        }
    }

    package private(set) var accounts: [BudgetAccount: LendingAccount] = [:]
    private var owners: [LeaseID: BudgetAccount] = [:]
    /// Boots whose streams are closed: nothing is lent to them, however late they ask.
    private var closed: Set<ID<Boot>> = []

    package init() {}

    /// Answers each ask of a boot. `open` says what budget it names and which of its windows is now; nil where there is no
    /// such budget.
    package mutating func take(
        _ asks: [LeaseAsk],
        from boot: ID<Boot>,
        at now: Int64,
        open: (Name<Budget>) -> (terms: Terms, window: BudgetWindow)?
    ) -> [LeaseGrant] {
        guard !self.closed.contains(boot) else { return [] }
        return asks.compactMap { ask in
            let id = LeaseID(boot: boot, number: ask.lease)
            guard let opened = open(ask.budget) else { return nil }
            let account =
                self.owners[id]
                ?? BudgetAccount(budget: ask.budget, unit: ask.unit, window: opened.window)
            self.owners[id] = account
            var lending = self.accounts[account] ?? LendingAccount(account, terms: opened.terms)
            lending.limit(to: opened.terms.limit)
            let grant = lending.take(ask, from: boot, at: now, isCurrent: account.window == opened.window)
            self.accounts[account] = lending
            return grant
        }
    }

    /// A usage event that names these leases of its boot.
    package mutating func post(_ cost: Money, on leases: [UInt64], of boot: ID<Boot>) {
        for number in leases {
            let id = LeaseID(boot: boot, number: number)
            guard let account = self.owners[id] else { continue }
            self.accounts[account]?.post(cost, on: id)
        }
    }

    package mutating func close(_ boot: ID<Boot>, machineWentDown: Bool) {
        self.closed.insert(boot)
        for account in Set(self.owners.filter { $0.key.boot == boot }.values) {
            self.accounts[account]?.close(boot, machineWentDown: machineWentDown)
        }
    }

    package mutating func sweep(at now: Int64) {
        for account in self.accounts.keys { self.accounts[account]?.sweep(at: now) }
    }
}
