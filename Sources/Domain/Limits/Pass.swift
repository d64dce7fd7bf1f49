/// Whoever keeps the allowances that passes were taken from.
package protocol PassKeeper: AnyObject, Sendable {
    /// An exchange is over and came to so many tokens.
    func settle(_ taken: [Allowances.Taken], tokens: Int64)

    /// It was not needed.
    func void(_ taken: [Allowances.Taken])

    /// A pass was let go of without an end. That is a fault of the program, and counts the most that it may have come to.
    func dropped(_ taken: [Allowances.Taken])
}

/// What an exchange, or an attempt, takes of the limits that it is under. It cannot be copied, and ends once.
package struct Pass: ~Copyable {
    private var taken: [Allowances.Taken]?
    private let keeper: any PassKeeper

    package init(_ taken: [Allowances.Taken], of keeper: any PassKeeper) {
        self.taken = taken
        self.keeper = keeper
    }

    package consuming func settle(tokens: Int64) {
        if let taken = self.taken.take() { self.keeper.settle(taken, tokens: tokens) }
    }

    /// Nothing went out.
    package consuming func void() {
        if let taken = self.taken.take() { self.keeper.void(taken) }
    }

    deinit {
        if let taken = self.taken { self.keeper.dropped(taken) }
    }
}
