/// All leases of one boot of a node: what its attempts hold before their first byte goes out.
///
/// Pure: `now` is in milliseconds of a clock that never goes back and counts suspension; `admitted` is the time on the wall,
/// which says in which window an attempt falls. What always holds: a lease's `used + held + returned` stays within `granted`
/// while no attempt costs more than it held, and nothing new is held on a lease whose time is over.
package struct Purse: Hashable, Sendable {
    /// A budget that nobody has used for so long gets back all that is free.
    package static let idleMilliseconds: Int64 = 60_000
    /// A lease with less than this part of what it should have is asked for ahead of its end.
    private static let lowPart: Int64 = 5

    /// One budget, and whom it counts apart.
    package struct Key: Hashable, Sendable {
        package let budget: Name<Budget>
        package let unit: String

        package init(_ budget: Name<Budget>, unit: String = "") {
            self.budget = budget
            self.unit = unit
        }
    }

    /// What an attempt must hold of one budget. An attempt has one for each budget that matches it.
    package struct Claim: Hashable, Sendable {
        package let key: Key
        package let amount: Money

        package init(_ key: Key, _ amount: Money) {
            self.key = key
            self.amount = amount
        }
    }

    /// What an attempt holds, until it is settled.
    package struct Hold: Hashable, Sendable {
        package struct Part: Hashable, Sendable {
            package let account: BudgetAccount
            package let lease: UInt64
            package let amount: Money
        }

        /// One for each claim; its usage event names their leases.
        package let parts: [Part]
    }

    private var pockets: [Key: Pocket] = [:]
    private var lastLease: UInt64 = 0

    package init() {}

    // MARK: - Attempts

    /// Holds all of `claims` or nothing of them. Nil where one cannot be held: it is then asked for.
    package mutating func hold(_ claims: [Claim], admitted: Timestamp, at now: Int64) -> Hold? {
        var parts: [Hold.Part] = []
        for claim in claims {
            var pocket = self.pockets[claim.key] ?? Pocket(at: now)
            let found = pocket.wish(claim.amount, admitted: admitted, at: now)
            self.pockets[claim.key] = pocket
            guard let (lease, window) = found else { continue }
            let account = BudgetAccount(budget: claim.key.budget, unit: claim.key.unit, window: window)
            parts.append(Hold.Part(account: account, lease: lease, amount: claim.amount))
        }
        guard parts.count == claims.count else { return nil }
        for part in parts { self.pockets[Self.key(of: part)]?.hold(part.amount, of: part.lease) }
        return Hold(parts: parts)
    }

    /// An attempt is over and has cost `cost`, of every budget that it held of.
    package mutating func settle(_ hold: Hold, cost: Money) {
        for part in hold.parts {
            self.pockets[Self.key(of: part)]?.settle(part.amount, cost: cost, of: part.lease)
        }
    }

    private static func key(of part: Hold.Part) -> Key { Key(part.account.budget, unit: part.account.unit) }

    // MARK: - The control plane

    /// Whether to ask now rather than at the next turn: something waits, or runs low.
    package var isPressing: Bool { self.pockets.values.contains(where: \.isPressing) }

    /// What to say of every lease, and to ask for. What is to be given back is given back here, before it is said.
    package mutating func asks(wall: Timestamp, at now: Int64) -> [LeaseAsk] {
        var asks: [LeaseAsk] = []
        for key in self.pockets.keys.sorted(by: { ($0.budget, $0.unit) < ($1.budget, $1.unit) }) {
            asks += self.pockets[key]?.asks(for: key, numbering: &self.lastLease, wall: wall, at: now) ?? []
            if self.pockets[key]?.isDone(at: now) == true { self.pockets[key] = nil }
        }
        return asks
    }

    /// Takes what the control plane answered to what was asked at `sent`.
    package mutating func hear(_ grant: LeaseGrant, sent: Int64) {
        self.pockets[Key(grant.account.budget, unit: grant.account.unit)]?.hear(grant, sent: sent)
    }

    /// Whether the budget's window at `admitted` is used up, as the control plane last said: then nobody waits for it.
    package func isUsedUp(_ key: Key, admitted: Timestamp) -> Bool {
        self.pockets[key]?.isUsedUp(admitted: admitted) ?? false
    }

    /// What new attempts can hold of an account at once.
    package func free(of account: BudgetAccount, at now: Int64) -> Money {
        self.pockets[Key(account.budget, unit: account.unit)]?.free(of: account.window, at: now) ?? .zero
    }

    static func isLow(_ free: Money, of keep: Money) -> Bool {
        free.nanoDollars < keep.nanoDollars / Self.lowPart
    }
}
