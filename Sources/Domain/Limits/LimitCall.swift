/// A limit, and whom of those that it counts apart.
package struct LimitKey: Hashable, Sendable {
    package let limit: Name<Limit>
    /// Empty where it counts all together.
    package let unit: String

    package init(_ limit: Name<Limit>, unit: String = "") {
        self.limit = limit
        self.unit = unit
    }
}

/// What a boot of a node says of its shares, all of it each time. Rounds are numbered: an answer to any but the latest is not
/// taken, so that what a boot says it holds is all that it can ever hold of what it was told before.
package struct LimitCall: Hashable, Sendable {
    package let round: UInt64
    package let asks: [LimitAsk]

    /// As many as a boot has allowances.
    package static let asksMax = Allowances.keysMax + ScopedIndex<Limit>.itemsMax

    package init(round: UInt64, asks: [LimitAsk]) {
        self.round = round
        self.asks = asks
    }
}

/// What a boot holds of one limit, and what its callers ask for.
package struct LimitAsk: Hashable, Sendable {
    package let key: LimitKey
    /// It lets through no more than this until it hears of more.
    package let holds: LimitAmounts
    /// What was asked of it of late, let through or not.
    package let demand: LimitAmounts

    package init(_ key: LimitKey, holds: LimitAmounts, demand: LimitAmounts) {
        self.key = key
        self.holds = holds
        self.demand = demand
    }
}

/// A node's part of a limit.
package struct LimitShare: Hashable, Sendable {
    package let key: LimitKey
    package let amounts: LimitAmounts

    package init(_ key: LimitKey, _ amounts: LimitAmounts) {
        self.key = key
        self.amounts = amounts
    }
}

/// The shares of a boot, as the answer to one round.
package struct LimitAnswer: Hashable, Sendable {
    package let round: UInt64
    /// From when the call was sent.
    package let validMilliseconds: Int64
    package let shares: [LimitShare]

    package init(round: UInt64, validMilliseconds: Int64, shares: [LimitShare]) {
        self.round = round
        self.validMilliseconds = validMilliseconds
        self.shares = shares
    }
}
