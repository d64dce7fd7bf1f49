/// The control plane's account of one budget in one window.
///
/// What always holds: `pending` is the sum of its open leases' `pending`, and lending never raises `posted + pending` above
/// `limit`. Postings always go through, also beyond it (an estimate was too low, an event came late, the amount was
/// lowered): then nothing is lent until the sum is below it again.
package struct BudgetLedger: Hashable, Sendable {
    package var limit: Money
    /// Of usage events, and assumed for leases that were given up.
    package private(set) var posted: Money
    package private(set) var pending: Money
    /// The part of `posted` that no usage event stands for.
    package private(set) var unconfirmed: Money

    package init(limit: Money, posted: Money = .zero, pending: Money = .zero, unconfirmed: Money = .zero) {
        self.limit = limit
        self.posted = posted
        self.pending = pending
        self.unconfirmed = unconfirmed
    }

    /// What can be lent.
    package var available: Money { self.limit.remainder(after: self.posted).remainder(after: self.pending) }
    package var overspent: Money { self.posted.remainder(after: self.limit) }

    /// Whether so much can be lent. What a lease has cost beyond what was granted on it is spent already: to grant that
    /// much more takes nothing of what is left.
    func canLend(_ amount: Money, on lease: LentLease) -> Bool {
        guard amount != .zero else { return lease.isOpen }
        guard lease.isOpen, amount > .zero, self.available > .zero, let granted = lease.granted.adding(amount) else {
            return false
        }
        var after = lease
        after.granted = granted
        return after.pending.remainder(after: lease.pending) <= self.available
    }

    /// False, and nothing changes, where there is not so much left, or the lease has ended.
    package mutating func lend(_ amount: Money, on lease: inout LentLease) -> Bool {
        guard self.canLend(amount, on: lease) else { return false }
        self.change(&lease) { $0.granted = $0.granted.clampedSum(with: amount) }
        return true
    }

    /// A node says that it was granted more than is known here: that was forgotten in a restore, and is pending again,
    /// whether or not there is so much left. `end`: the time of what was forgotten is over, and others may have been lent
    /// it meanwhile.
    mutating func recall(granted: Money, returned: Money, on lease: inout LentLease, _ end: LentLease.End?) {
        guard lease.isOpen, granted > lease.granted else { return }
        self.change(&lease) { lease in
            lease.granted = granted
            lease.returned = max(lease.returned, min(returned, granted))
        }
        if let end { self.end(&lease, end) }
    }

    /// What a node says of its lease. A node that says less than before was overtaken by itself; one that returns what it was
    /// never granted is not believed.
    package mutating func hear(returned: Money, used: Money, on lease: inout LentLease) {
        self.change(&lease) { lease in
            lease.returned = max(lease.returned, min(returned, lease.granted))
            lease.used = max(lease.used, used)
        }
    }

    /// What an attempt has cost by its usage event, which names the lease that paid for it.
    package mutating func post(_ cost: Money, on lease: inout LentLease) {
        let corrected = min(cost, lease.assumed)
        self.change(&lease) { lease in
            lease.posted = lease.posted.clampedSum(with: cost)
            lease.assumed = lease.assumed.remainder(after: corrected)
        }
        self.posted = self.posted.remainder(after: corrected).clampedSum(with: cost)
        self.unconfirmed = self.unconfirmed.remainder(after: corrected)
    }

    /// What an attempt has cost that no lease paid for: it is spent all the same.
    package mutating func post(_ cost: Money) { self.posted = self.posted.clampedSum(with: cost) }

    /// Ends a lease; one that was given up before may end once more, when all is known.
    package mutating func end(_ lease: inout LentLease, _ end: LentLease.End) {
        let rest = lease.pending
        self.change(&lease) { $0.isOpen = false }
        switch end {
        case .released: break
        case .assumedSpent:
            lease.assumed = lease.assumed.clampedSum(with: rest)
            self.posted = self.posted.clampedSum(with: rest)
            self.unconfirmed = self.unconfirmed.clampedSum(with: rest)
        case .known:
            self.posted = self.posted.remainder(after: lease.assumed)
            self.unconfirmed = self.unconfirmed.remainder(after: lease.assumed)
            lease.assumed = .zero
        }
    }

    private mutating func change(_ lease: inout LentLease, _ body: (inout LentLease) -> Void) {
        let before = lease.pending
        body(&lease)
        self.pending = self.pending.remainder(after: before).clampedSum(with: lease.pending)
    }
}
