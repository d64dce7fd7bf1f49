/// One account with all that is lent of it: the control plane's side of lending, as pure state.
///
/// What always holds: `ledger.pending` is what its leases may still spend; see `BudgetLedger`.
package struct LendingAccount: Hashable, Sendable {
    /// A lease and what sizes it.
    package struct Borrowing: Hashable, Sendable {
        package internal(set) var lease = LentLease()
        /// Nano-dollars a second, as its node said last.
        package internal(set) var demand: Int64 = 0
        /// Milliseconds, by the control plane's clock.
        package internal(set) var heard: Int64
    }

    /// How long a lease is good without a word, by its node's clock that counts suspension.
    package static let validMilliseconds: Int64 = 900_000
    /// A node that was not heard for so long does not count as one that spends.
    private static let activeMilliseconds: Int64 = 60_000

    package let account: BudgetAccount
    package private(set) var ledger: BudgetLedger
    package private(set) var borrowings: [LeaseID: Borrowing] = [:]
    package let isHard: Bool
    /// After this the rest of a lease that nobody was heard of counts as spent (hard) or is lent again (soft).
    private let orphanMilliseconds: Int64
    /// A moving mean of what waited: for telling when little is left.
    private var meanReservation = Money.zero

    package init(_ account: BudgetAccount, terms: LendingBook.Terms) {
        self.account = account
        self.ledger = BudgetLedger(limit: terms.limit)
        self.isHard = terms.isHard
        self.orphanMilliseconds = terms.orphanMilliseconds
    }

    package mutating func limit(to limit: Money) { self.ledger.limit = limit }

    /// Hears what a boot says, and lends what it should have: what waits, or so much of its demand as the budget can spare;
    /// nothing of a window that is over.
    package mutating func take(
        _ ask: LeaseAsk,
        from boot: ID<Boot>,
        at now: Int64,
        isCurrent: Bool
    ) -> LeaseGrant {
        let id = LeaseID(boot: boot, number: ask.lease)
        var borrowing = self.borrowings[id] ?? Borrowing(heard: now)
        borrowing.heard = max(borrowing.heard, now)
        borrowing.demand = max(ask.demand, 0)
        self.ledger.hear(returned: ask.returned, used: ask.used, on: &borrowing.lease)
        self.note(reservation: ask.waiting)
        self.borrowings[id] = borrowing
        let target = isCurrent ? self.target(for: ask, borrowing, at: now) : .zero
        let grant = min(target.remainder(after: self.free(of: borrowing.lease, ask)), self.ledger.available)
        if self.ledger.lend(grant, on: &borrowing.lease) { self.borrowings[id] = borrowing }
        return LeaseGrant(
            account: self.account,
            lease: ask.lease,
            granted: borrowing.lease.granted,
            keep: target,
            validMilliseconds: borrowing.lease.isOpen ? Self.validMilliseconds : 0,
            isUsedUp: self.isUsedUp
        )
    }

    /// Whether nothing can be lent now, and nothing is lent out that could come back.
    package var isUsedUp: Bool { self.ledger.available == .zero && self.ledger.pending == .zero }

    /// What the node could spend now, by what it says of itself: of two words the smaller one is the older.
    private func free(of lease: LentLease, _ ask: LeaseAsk) -> Money {
        lease.granted.remainder(after: lease.returned).remainder(after: max(lease.used, ask.used))
            .remainder(after: ask.held)
    }

    private func target(for ask: LeaseAsk, _ borrowing: Borrowing, at now: Int64) -> Money {
        let active = self.borrowings.values.filter {
            $0.lease.isOpen && now - $0.heard < Self.activeMilliseconds
        }
        let size = GrantSize(self.ledger, nodes: active.count)
        if size.isCentral(available: self.ledger.available, meanReservation: self.meanReservation) {
            return ask.waiting
        }
        let all = active.reduce(Money.zero) { $0.clampedSum(with: Money(nanoDollars: $1.demand)) }.nanoDollars
        return max(size.target(demand: borrowing.demand, all: all), ask.waiting)
    }

    private mutating func note(reservation: Money) {
        guard reservation > .zero else { return }
        let mean = self.meanReservation.nanoDollars
        // A moving average of the last ten or so.
        let next = mean == 0 ? reservation.nanoDollars : mean - mean / 10 + reservation.nanoDollars / 10
        self.meanReservation = Money(nanoDollars: next)
    }

    // MARK: - What becomes of leases

    /// A usage event that names this lease.
    package mutating func post(_ cost: Money, on id: LeaseID) {
        guard var borrowing = self.borrowings[id] else { return self.ledger.post(cost) }
        self.ledger.post(cost, on: &borrowing.lease)
        self.borrowings[id] = borrowing
    }

    /// The boot is over, and its last event is in. Where its machine went down with it, records of its last moments may
    /// be missing.
    package mutating func close(_ boot: ID<Boot>, machineWentDown: Bool) {
        for id in self.borrowings.keys where id.boot == boot { self.end(id, machineWentDown ? self.lost : .known) }
    }

    /// Gives up the leases of boots that were not heard for too long.
    package mutating func sweep(at now: Int64) {
        for (id, borrowing) in self.borrowings
        where borrowing.lease.isOpen && now - borrowing.heard >= self.orphanMilliseconds {
            self.end(id, self.lost)
        }
    }

    private var lost: LentLease.End { self.isHard ? .assumedSpent : .released }

    private mutating func end(_ id: LeaseID, _ end: LentLease.End) {
        guard var borrowing = self.borrowings[id] else { return }
        self.ledger.end(&borrowing.lease, end)
        self.borrowings[id] = borrowing
    }
}
