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

    package consuming func settle(cost: Money) {
        if let hold = self.hold.take() { self.keeper.settle(hold, cost: cost) }
    }

    /// It was not needed: nothing went out.
    package consuming func void() { self.settle(cost: .zero) }

    deinit {
        if let hold = self.hold { self.keeper.dropped(hold) }
    }
}
