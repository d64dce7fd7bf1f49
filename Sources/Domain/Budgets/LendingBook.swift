/// Accounts and what is lent of them: the control plane's side of lending as one value, so that a message is taken in whole
/// or not at all.
///
/// It holds what was loaded into it, and says what has changed: whoever keeps accounts on a disk loads those that a message
/// is about, and keeps what it changed in the same transaction.
///
/// What always holds: of each account, `pending` is what its open leases may still spend; see `BudgetLedger`.
package struct LendingBook: Hashable, Sendable {
    /// How long a lease is good without a word, by its node's clock that counts suspension.
    package static let validMilliseconds: Int64 = 900_000

    package struct Entry: Hashable, Sendable {
        package let account: BudgetAccount
        package internal(set) var lease: LentLease

        package init(account: BudgetAccount, lease: LentLease = LentLease()) {
            self.account = account
            self.lease = lease
        }
    }

    package private(set) var accounts: [BudgetAccount: BudgetLedger] = [:]
    package private(set) var leases: [LeaseID: Entry] = [:]
    /// Since it was made.
    package private(set) var changedAccounts: Set<BudgetAccount> = []
    package private(set) var changedLeases: Set<LeaseID> = []

    package init() {}

    /// Puts in what was kept.
    package mutating func load(_ ledger: BudgetLedger, of account: BudgetAccount) { self.accounts[account] = ledger }

    /// Puts in what was kept. Its account is to be loaded too.
    package mutating func load(_ entry: Entry, as id: LeaseID) { self.leases[id] = entry }

    /// What is loaded is as it is kept.
    package mutating func markKept() {
        self.changedAccounts.removeAll()
        self.changedLeases.removeAll()
    }

    // MARK: - Loans

    /// Hears what a boot says, and lends what it should have: what waits, as long as there is so much; and so much of its
    /// demand as the budgets can spare. `terms` is nil where there is no such budget (any more): what was lent of that has ended.
    /// While `isLending` is false, as older loans may still be spent of which a restored control plane does not know, it
    /// only hears: so it learns of them.
    package mutating func answer(
        _ call: LeaseCall,
        from boot: ID<Boot>,
        at now: Int64,
        isLending: Bool = true,
        _ activity: inout LendingActivity,
        terms: (Name<Budget>) -> LendingTerms?
    ) -> [LeaseGrant] {
        var heard: [UInt64: Hearing] = [:]
        for ask in call.asks.prefix(LeaseCall.asksMax) {
            guard let terms = terms(ask.budget) else { continue }
            let hearing = self.hear(ask, from: boot, terms, isLending: isLending)
            activity.hear(ask, of: hearing.id, hearing.account, at: now)
            heard[ask.lease] = hearing
        }
        for attempt in call.waiting.prefix(LeaseCall.waitingMax) { self.cover(attempt, &heard) }
        return call.asks.map { ask in
            guard var hearing = heard[ask.lease] else { return .ended(ask) }
            let target = self.target(for: ask, hearing, at: now, activity)
            if target > .zero {
                self.lend(min(hearing.missing(target), self.available(of: hearing.account)), &hearing)
            }
            // While nothing is lent, what was given back could not be had again.
            let keep = isLending ? max(target, hearing.promised) : hearing.free
            return self.grant(hearing, keep: keep)
        }
    }

    /// One lease of the boot that speaks, while it is answered.
    private struct Hearing {
        let id: LeaseID
        let account: BudgetAccount
        /// The account as its node is to know it: where another window is now, its own is over, whatever it was said to be.
        /// *Why:* a budget may have been given other windows meanwhile.
        let told: BudgetAccount
        /// It may be lent more: loans are made, it is of the window that is now, has not ended, and its node has not said
        /// anything newer already.
        let isOpen: Bool
        /// What the node could spend now, by what it says of itself, beside what was promised in this answer. Below zero
        /// where attempts have cost more than they held.
        private var spare: Int64
        var promised = Money.zero

        init(
            _ ask: LeaseAsk,
            _ id: LeaseID,
            _ account: BudgetAccount,
            _ lease: LentLease,
            now: BudgetWindow,
            isOpen: Bool
        ) {
            self.id = id
            self.account = account
            self.told = account.window == now ? account : account.ended(by: now.start)
            self.isOpen = isOpen && lease.isOpen && ask.used >= lease.used && ask.returned >= lease.returned
            // Of two words about `used` the smaller one is the older.
            let gone = lease.returned.clampedSum(with: max(lease.used, ask.used)).clampedSum(with: ask.held)
            self.spare = lease.granted.nanoDollars - gone.nanoDollars
        }

        var free: Money { Money(nanoDollars: max(self.spare, 0)) }

        /// What is to be lent so that the node can hold so much.
        func missing(_ amount: Money) -> Money {
            guard self.spare < 0 else { return amount.remainder(after: Money(nanoDollars: self.spare)) }
            return amount.clampedSum(with: Money(nanoDollars: -self.spare))
        }

        mutating func add(_ amount: Money) {
            self.spare = Money(nanoDollars: self.spare).clampedSum(with: amount).nanoDollars
        }

        mutating func promise(_ amount: Money) {
            self.promised = self.promised.clampedSum(with: amount)
            self.spare = Money(nanoDollars: max(self.spare, 0)).remainder(after: amount).nanoDollars
        }
    }

    private mutating func hear(
        _ ask: LeaseAsk,
        from boot: ID<Boot>,
        _ terms: LendingTerms,
        isLending: Bool
    ) -> Hearing {
        let id = LeaseID(boot: boot, number: ask.lease)
        let account = self.leases[id]?.account ?? ask.toldAccount(now: terms.window)
        self.open(account, limit: terms.limit)
        self.change(id, of: account) { ledger, lease in
            let end: LentLease.End? = isLending ? terms.isHard ? .assumedSpent : .released : nil
            ledger.recall(granted: ask.granted, returned: ask.returned, on: &lease, end)
            ledger.hear(returned: ask.returned, used: ask.used, on: &lease)
        }
        let lease = self.leases[id]?.lease ?? LentLease()
        let isOpen = isLending && account.window == terms.window
        return Hearing(ask, id, account, lease, now: terms.window, isOpen: isOpen)
    }

    /// Lends what one attempt that waits lacks, of all its budgets in one go; nothing where one of them cannot.
    private mutating func cover(_ attempt: [LeaseWish], _ heard: inout [UInt64: Hearing]) {
        let isCovered = attempt.allSatisfy { wish in
            guard let hearing = heard[wish.lease], hearing.isOpen else { return false }
            let lease = self.leases[hearing.id]?.lease ?? LentLease()
            return self.accounts[hearing.account]?.canLend(hearing.missing(wish.amount), on: lease) == true
        }
        guard isCovered else { return }
        for wish in attempt {
            guard var hearing = heard[wish.lease] else { continue }
            self.lend(hearing.missing(wish.amount), &hearing)
            hearing.promise(wish.amount)
            heard[wish.lease] = hearing
        }
    }

    private mutating func lend(_ amount: Money, _ hearing: inout Hearing) {
        guard hearing.isOpen, amount > .zero else { return }
        var isLent = false
        self.change(hearing.id, of: hearing.account) { ledger, lease in isLent = ledger.lend(amount, on: &lease) }
        if isLent { hearing.add(amount) }
    }

    private func available(of account: BudgetAccount) -> Money { self.accounts[account]?.available ?? .zero }

    /// What the lease should have free beside what was promised.
    private func target(
        for ask: LeaseAsk,
        _ hearing: Hearing,
        at now: Int64,
        _ activity: LendingActivity
    ) -> Money {
        // Nobody wants it: what was given back for that is not lent again.
        guard hearing.isOpen, ask.demand > 0 || ask.reservation > .zero,
            let ledger = self.accounts[hearing.account]
        else { return .zero }
        let size = GrantSize(ledger, nodes: activity.nodes(of: hearing.account, at: now))
        let mean = activity.meanReservation(of: hearing.account)
        guard !size.isCentral(available: ledger.available, meanReservation: mean) else { return .zero }
        return size.target(demand: ask.demand, all: activity.demand(for: hearing.account, at: now))
    }

    private func grant(_ hearing: Hearing, keep: Money) -> LeaseGrant {
        let lease = self.leases[hearing.id]?.lease ?? LentLease()
        let ledger = self.accounts[hearing.account] ?? BudgetLedger(limit: .zero)
        return LeaseGrant(
            account: hearing.told,
            lease: hearing.id.number,
            granted: lease.granted,
            keep: keep,
            validMilliseconds: lease.isOpen ? Self.validMilliseconds : 0,
            left: ledger.limit.remainder(after: ledger.posted)
        )
    }

    // MARK: - What becomes of leases

    /// What an attempt has cost, by a usage event that names the lease which paid for it. It is spent also where the lease
    /// or the account are not known here (any more).
    package mutating func post(_ cost: Money, on id: LeaseID, of account: BudgetAccount, limit: Money = .zero) {
        let known = self.leases[id]?.account
        self.open(known ?? account, limit: limit, isNews: false)
        self.change(id, of: known ?? account) { ledger, lease in ledger.post(cost, on: &lease) }
    }

    /// Ends leases: their boot is over, or was not heard of for too long.
    package mutating func end(
        _ ids: some Sequence<LeaseID>,
        _ end: (LendingBook.Entry) throws -> LentLease.End
    ) rethrows {
        for id in ids {
            guard let entry = self.leases[id] else { continue }
            let how = try end(entry)
            self.change(id, of: entry.account) { ledger, lease in ledger.end(&lease, how) }
        }
    }

    private mutating func open(_ account: BudgetAccount, limit: Money, isNews: Bool = true) {
        guard let ledger = self.accounts[account] else {
            self.accounts[account] = BudgetLedger(limit: limit)
            self.changedAccounts.insert(account)
            return
        }
        guard isNews, ledger.limit != limit else { return }
        self.accounts[account]?.limit = limit
        self.changedAccounts.insert(account)
    }

    private mutating func change(
        _ id: LeaseID,
        of account: BudgetAccount,
        _ body: (inout BudgetLedger, inout LentLease) -> Void
    ) {
        guard var ledger = self.accounts[account] else { return }
        var entry = self.leases[id] ?? Entry(account: account)
        body(&ledger, &entry.lease)
        if self.leases[id] != entry {
            self.leases[id] = entry
            self.changedLeases.insert(id)
        }
        guard self.accounts[account] != ledger else { return }
        self.accounts[account] = ledger
        self.changedAccounts.insert(account)
    }
}
