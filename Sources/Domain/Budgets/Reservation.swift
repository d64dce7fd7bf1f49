/// Whoever keeps the purse that reservations were taken from.
package protocol ReservationKeeper: AnyObject, Sendable {
    /// An attempt is over and has cost so much.
    func settle(_ hold: Purse.Hold, cost: Money)

    /// Holds so much more of the leases of `budgets`, or nothing; false where one cannot.
    func extend(_ hold: inout Purse.Hold, by amount: Money, of budgets: Set<Name<Budget>>) -> Bool

    /// A reservation was let go of without an end. That is a fault of the program, and costs the worst case.
    func dropped(_ hold: Purse.Hold)
}

/// What an attempt in flight may cost at most, taken from the node's leases. It cannot be copied, and ends once: whoever
/// has it settles it, or gives it back unused.
package struct Reservation: ~Copyable {
    private var hold: Purse.Hold?
    private let keeper: any ReservationKeeper

    package init(_ hold: Purse.Hold, of keeper: any ReservationKeeper) {
        self.hold = hold
        self.keeper = keeper
    }

    /// What the attempt's usage event says of who paid.
    package var postings: [LeasePosting] {
        (self.hold?.parts ?? []).map { part in
            LeasePosting(
                budget: part.account.budget,
                unit: part.account.unit,
                window: part.account.window.name,
                lease: part.lease
            )
        }
    }

    /// False, and nothing changes, where so much more cannot be held.
    package mutating func extend(by amount: Money, of budgets: Set<Name<Budget>>) -> Bool {
        guard var hold = self.hold else { return false }
        defer { self.hold = hold }
        return self.keeper.extend(&hold, by: amount, of: budgets)
    }

    /// Takes over what `other` holds more of the very same leases. False, and `other` is given back, where it is of others: one
    /// attempt has one lease of a budget.
    package mutating func absorb(_ other: consuming Reservation) -> Bool {
        guard var hold = self.hold, let more = other.hold.take() else { return false }
        for part in more.parts {
            let index = hold.parts.firstIndex { $0.account == part.account && $0.lease == part.lease }
            guard let index else {
                self.keeper.settle(more, cost: .zero)
                return false
            }
            hold.parts[index].amount = hold.parts[index].amount.clampedSum(with: part.amount)
        }
        self.hold = hold
        return true
    }

    package consuming func settle(cost: Money) {
        if let hold = self.hold.take() { self.keeper.settle(hold, cost: cost) }
    }

    /// It was not needed: nothing went out.
    package consuming func void() { self.settle(cost: .zero) }

    deinit {
        if let hold = self.hold { self.keeper.dropped(hold) }
    }
}
