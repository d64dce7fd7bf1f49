/// All leases of one boot of a node: what its attempts hold before their first byte goes out, and who waits for more.
///
/// Pure: `now` is in milliseconds of a clock that never goes back and counts suspension; `admitted` is the time on the wall,
/// which says in which window an attempt falls. What always holds: a lease's `used + held + returned` stays within `granted`
/// while no attempt costs more than it held, and nothing new is held on a lease whose time is over.
package struct Purse: Hashable, Sendable {
    /// A budget that nobody has used for so long gets back all that is free.
    package static let idleMilliseconds: Int64 = 60_000
    /// Budgets, each for one of those that it counts apart; what comes beyond waits in vain until others are idle.
    package static let pocketsMax = LeaseCall.asksMax / 2
    /// Stands for no lease: a soft budget pays without one.
    package static let uncovered: UInt64 = 0
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
        /// Of a soft budget: what may be spent of it a minute without a lease. Nil: nothing, it is a hard one.
        package let safeRate: Money?

        package init(_ key: Key, _ amount: Money, safeRate: Money? = nil) {
            self.key = key
            self.amount = amount
            self.safeRate = safeRate
        }
    }

    /// What an attempt holds, until it is settled.
    package struct Hold: Hashable, Sendable {
        package struct Part: Hashable, Sendable {
            package let account: BudgetAccount
            package let lease: UInt64
            package internal(set) var amount: Money
            /// Where its pocket is in the purse.
            let pocket: Int

            /// Of no purse: settling it gives nothing back.
            package init(account: BudgetAccount, lease: UInt64, amount: Money) {
                self.init(account: account, lease: lease, amount: amount, pocket: -1)
            }

            /// The same, of so much.
            package func holding(_ amount: Money) -> Part {
                Part(account: self.account, lease: self.lease, amount: amount, pocket: self.pocket)
            }

            init(account: BudgetAccount, lease: UInt64, amount: Money, pocket: Int) {
                self.account = account
                self.lease = lease
                self.amount = amount
                self.pocket = pocket
            }
        }

        /// One for each claim; its usage event names their leases.
        package internal(set) var parts: [Part]

        package init(parts: [Part]) { self.parts = parts }
    }

    package enum Answer: Hashable, Sendable {
        case held(Hold)
        /// Nobody can cover what it claims of this budget.
        case beyond(Name<Budget>)
        /// This node cannot cover it now. It may wait.
        case short
    }

    private var pockets = Pockets()
    private var lastLease: UInt64 = 0
    private var line = WaitingLine()
    /// Something was held that left little, since the control plane was asked last.
    private var isLow = false

    package init() {}

    // MARK: - Attempts

    /// Holds all of `claims` or nothing of them. What is short is asked for. Whoever comes while others wait for one of the
    /// same budgets comes after them.
    package mutating func hold(_ claims: [Claim], admitted: Timestamp, at now: Int64) -> Answer {
        var places: [Int] = []
        places.reserveCapacity(claims.count)
        for claim in claims {
            guard let place = self.pockets.place(opening: claim.key, at: now) else { return .short }
            self.pockets[place]?.touch(at: now)
            places.append(place)
        }
        let answer =
            self.line.isWaited(for: claims)
            ? self.beyond(claims, admitted) ?? .short
            : self.take(claims, at: places, admitted: admitted, at: now)
        // What nobody can cover sizes nobody's loans.
        if case .beyond = answer { return answer }
        for (claim, place) in zip(claims, places) { self.pockets[place]?.wish(claim.amount, at: now) }
        return answer
    }

    private mutating func take(_ claims: [Claim], at places: [Int], admitted: Timestamp, at now: Int64) -> Answer {
        var parts: [Hold.Part] = []
        parts.reserveCapacity(claims.count)
        for (claim, place) in zip(claims, places) {
            let found =
                self.pockets[place]?.place(for: claim.amount, admitted: admitted, at: now)
                ?? self.uncovered(claim, at: place, admitted: admitted, at: now)
            guard let (lease, window) = found else { return self.beyond(claims, admitted) ?? .short }
            let account = BudgetAccount(budget: claim.key.budget, unit: claim.key.unit, window: window)
            parts.append(Hold.Part(account: account, lease: lease, amount: claim.amount, pocket: place))
        }
        for part in parts {
            if part.lease == Self.uncovered { self.pockets[part.pocket]?.spendUncovered(part.amount, at: now) }
            self.hold(part.amount, of: part)
        }
        return .held(Hold(parts: parts))
    }

    /// A soft budget lets a little pass without a lease, unless nobody could cover it.
    private func uncovered(
        _ claim: Claim,
        at place: Int,
        admitted: Timestamp,
        at now: Int64
    ) -> (lease: UInt64, window: BudgetWindow)? {
        guard let rate = claim.safeRate, let pocket = self.pockets[place],
            !pocket.isBeyondReach(claim.amount, admitted: admitted),
            pocket.maySpendUncovered(claim.amount, rate: rate, at: now)
        else { return nil }
        return (Self.uncovered, pocket.window(at: admitted) ?? .unknown)
    }

    private func beyond(_ claims: [Claim], _ admitted: Timestamp) -> Answer? {
        let claim = claims.first { claim in
            let place = self.pockets.place(of: claim.key)
            return place.flatMap { self.pockets[$0] }?.isBeyondReach(claim.amount, admitted: admitted) == true
        }
        return claim.map { .beyond($0.key.budget) }
    }

    /// Holds so much more of each of its leases that is of one of these budgets, or of none.
    package mutating func extend(
        _ hold: inout Hold,
        by amount: Money,
        of budgets: Set<Name<Budget>>,
        at now: Int64
    ) -> Bool {
        let indices = hold.parts.indices.filter { budgets.contains(hold.parts[$0].account.budget) }
        for index in indices { self.pockets[hold.parts[index].pocket]?.wish(amount, at: now) }
        let isCovered = indices.allSatisfy { index in
            let part = hold.parts[index]
            return self.pockets[part.pocket]?.canExtend(by: amount, of: part.lease, at: now) == true
        }
        guard isCovered else { return false }
        for index in indices {
            self.hold(amount, of: hold.parts[index])
            hold.parts[index].amount = hold.parts[index].amount.clampedSum(with: amount)
        }
        return true
    }

    private mutating func hold(_ amount: Money, of part: Hold.Part) {
        let isLow = self.pockets[part.pocket]?.hold(amount, of: part.lease) ?? false
        self.isLow = self.isLow || isLow
    }

    /// An attempt is over and has cost `cost`, of every budget that it held of.
    package mutating func settle(_ hold: Hold, cost: Money) {
        for part in hold.parts {
            self.pockets[part.pocket]?.settle(part.amount, cost: cost, of: part.lease)
        }
    }

    // MARK: - Waiting

    /// Puts an attempt that was `short` at the end of the line; false where the line is as long as it may be. `ticket` is the
    /// caller's own and not in the line yet.
    package mutating func wait(
        _ ticket: UInt64,
        for claims: [Claim],
        admitted: Timestamp,
        until end: Int64
    ) -> Bool {
        self.line.append(WaitingLine.Place(ticket: ticket, claims: claims, admitted: admitted, end: end))
    }

    package mutating func leave(_ ticket: UInt64) { self.line.remove(ticket) }

    /// Those who need not wait any longer, in order, and why: `short` has waited as long as it may.
    package mutating func serve(at now: Int64) -> [(ticket: UInt64, answer: Answer)] {
        guard !self.line.isEmpty else { return [] }
        var served: [(ticket: UInt64, answer: Answer)] = []
        var waitedFor: Set<Key> = []
        for place in self.line.places {
            let isBehind = place.claims.contains { waitedFor.contains($0.key) }
            let answer =
                isBehind
                ? self.beyond(place.claims, place.admitted) ?? .short
                : self.take(place, at: now)
            if answer == .short, now < place.end {
                waitedFor.formUnion(place.claims.map(\.key))
            } else {
                served.append((place.ticket, answer))
            }
        }
        for (ticket, _) in served { self.line.remove(ticket) }
        return served
    }

    private mutating func take(_ waiting: WaitingLine.Place, at now: Int64) -> Answer {
        let places = waiting.claims.compactMap { self.pockets.place(opening: $0.key, at: now) }
        guard places.count == waiting.claims.count else { return .short }
        return self.take(waiting.claims, at: places, admitted: waiting.admitted, at: now)
    }

    // MARK: - The control plane

    /// Whether to ask now rather than at the next turn: something waits, or runs low.
    package var isPressing: Bool { !self.line.isEmpty || self.isLow }

    /// Whether anybody waits.
    package var isWaitedFor: Bool { !self.line.isEmpty }

    /// What to say of every lease, and to ask for. What is to be given back is given back here, before it is said.
    package mutating func call(wall: Timestamp, at now: Int64) -> LeaseCall {
        self.isLow = false
        var asks: [LeaseAsk] = []
        for key in self.pockets.keys.sorted(by: { ($0.budget, $0.unit) < ($1.budget, $1.unit) }) {
            guard let place = self.pockets.place(of: key) else { continue }
            asks += self.pockets[place]?.asks(for: key, numbering: &self.lastLease, wall: wall, at: now) ?? []
            if self.pockets[place]?.isDone(at: now) == true { self.pockets.remove(key) }
        }
        // One of whose budgets there is no lease yet is told the next time: it is covered whole or not at all.
        let waiting = self.line.places.prefix(LeaseCall.waitingMax).compactMap { place -> [LeaseWish]? in
            let wishes = place.claims.compactMap { claim in
                self.pocket(claim.key)?.lease(for: place.admitted).map { LeaseWish(lease: $0, amount: claim.amount) }
            }
            return wishes.count == place.claims.count ? wishes : nil
        }
        return LeaseCall(asks: Array(asks.prefix(LeaseCall.asksMax)), waiting: waiting)
    }

    /// Takes what the control plane answered to what was asked at `sent`.
    package mutating func hear(_ grant: LeaseGrant, sent: Int64) {
        let key = Key(grant.account.budget, unit: grant.account.unit)
        if let place = self.pockets.place(of: key) { self.pockets[place]?.hear(grant, sent: sent) }
    }

    /// What new attempts can hold of an account at once.
    package func free(of account: BudgetAccount, at now: Int64) -> Money {
        self.pocket(Key(account.budget, unit: account.unit))?.free(of: account.window, at: now) ?? .zero
    }

    private func pocket(_ key: Key) -> Pocket? { self.pockets.place(of: key).flatMap { self.pockets[$0] } }

    static func isLow(_ free: Money, of keep: Money) -> Bool {
        free.nanoDollars < keep.nanoDollars / Self.lowPart
    }
}
