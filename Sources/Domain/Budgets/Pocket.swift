/// What a purse has of one budget: a lease for each window that is not over, and how much is asked of it.
struct Pocket: Hashable, Sendable {
    /// A lease that the control plane may have counted from a little earlier than we did, on a clock that is a little faster.
    private static let (marginMilliseconds, marginPart): (Int64, Int64) = (250, 100)
    /// Between leases that were each over when they were told.
    private static let pauseMilliseconds: ClosedRange<Int64> = 250...60_000

    private struct Slip: Hashable {
        let number: UInt64
        var lease = Lease()
        /// Nil until the first answer.
        var window: BudgetWindow?
        var goodUntil = Int64.min
        /// What the control plane would have it keep free.
        var keep = Money.zero
        /// What its budget had left at the last answer, lent or not.
        var left = Money.max
        /// The control plane has given it up, and counts what was left of it as spent.
        var isEnded = false
        /// When its numbers, as they still are, were said last, and whether that was heard.
        var said: Int64?
        var isHeard = false

        /// Nothing can be held of it any more, and the control plane knows all of it.
        func isDone(idle isIdle: Bool, wall: Timestamp) -> Bool {
            if self.isEnded { return self.lease.held == .zero }
            return (self.isOver(wall: wall) || isIdle) && self.isHeard && self.lease.held == .zero
                && self.lease.free == .zero
        }

        func isOver(wall: Timestamp) -> Bool { self.window?.end.map { $0 <= wall } ?? false }

        mutating func change(_ body: (inout Lease) -> Void) {
            let before = self.lease
            body(&self.lease)
            if self.lease != before { (self.said, self.isHeard) = (nil, false) }
        }

        func holds(_ admitted: Timestamp, at now: Int64) -> Bool {
            !self.isEnded && now < self.goodUntil && self.window?.holds(admitted) == true
        }
    }

    private var slips: [Slip] = []
    private var demand: Demand
    /// A moving mean of what attempts wished for.
    private var reservation = Money.zero
    /// What was spent without a lease of late.
    private var uncovered: Demand
    private var lastWish: Int64
    /// No new lease before then, and how long after the one that follows.
    private var (nextLease, pause): (Int64, Int64) = (.min, 0)

    init(at now: Int64) {
        self.demand = Demand(at: now)
        self.uncovered = Demand(at: now)
        self.lastWish = now
    }

    // MARK: - Attempts

    /// Somebody has asked for it: it is not idle.
    mutating func touch(at now: Int64) { self.lastWish = max(self.lastWish, now) }

    /// An attempt would hold so much: that counts, whether or not it can now.
    mutating func wish(_ amount: Money, at now: Int64) {
        self.demand.add(amount, at: now)
        let mean = self.reservation.nanoDollars
        let next = mean == 0 ? amount.nanoDollars : mean - mean / 10 + amount.nanoDollars / 10
        self.reservation = Money(nanoDollars: next)
    }

    /// The lease of which so much can be held now, and its window.
    func place(for amount: Money, admitted: Timestamp, at now: Int64) -> (lease: UInt64, window: BudgetWindow)? {
        guard let slip = self.slips.first(where: { $0.holds(admitted, at: now) }), let window = slip.window,
            slip.lease.free >= amount
        else { return nil }
        return (slip.number, window)
    }

    /// Whether nobody can cover so much, as the control plane said last: waiting would not help.
    func isBeyondReach(_ amount: Money, admitted: Timestamp) -> Bool {
        self.slips.contains { !$0.isEnded && $0.left < amount && $0.window?.holds(admitted) == true }
    }

    /// Returns whether little is left: it is time to ask for more.
    mutating func hold(_ amount: Money, of number: UInt64) -> Bool {
        guard let index = self.index(of: number) else { return false }
        self.slips[index].change { _ = $0.hold(amount) }
        return Purse.isLow(self.slips[index].lease.free, of: self.slips[index].keep)
    }

    /// Whether so much more can be held of this very lease.
    func canExtend(by amount: Money, of number: UInt64, at now: Int64) -> Bool {
        guard let index = self.index(of: number) else { return false }
        let slip = self.slips[index]
        return !slip.isEnded && now < slip.goodUntil && slip.lease.free >= amount
    }

    mutating func settle(_ amount: Money, cost: Money, of number: UInt64) {
        guard let index = self.index(of: number) else { return }
        self.slips[index].change { $0.settle(amount, cost: cost) }
    }

    private func index(of number: UInt64) -> Int? { self.slips.firstIndex { $0.number == number } }

    // MARK: - Without a lease

    /// Whether so much may be spent where `rate` a minute may.
    func maySpendUncovered(_ amount: Money, rate: Money, at now: Int64) -> Bool {
        let spent = Money(nanoDollars: self.uncovered.perSecond(at: now)).nanoDollars.multipliedReportingOverflow(
            by: 60
        )
        // One attempt that is dearer than the rate still passes, once in a while.
        return spent.partialValue == 0
            || !spent.overflow && amount <= rate.remainder(after: .init(nanoDollars: spent.partialValue))
    }

    mutating func spendUncovered(_ amount: Money, at now: Int64) { self.uncovered.add(amount, at: now) }

    /// The window that holds `admitted`, if the control plane has named it.
    func window(at admitted: Timestamp) -> BudgetWindow? {
        self.slips.compactMap(\.window).first { $0.holds(admitted) }
    }

    // MARK: - The control plane

    mutating func asks(
        for key: Purse.Key,
        numbering last: inout UInt64,
        wall: Timestamp,
        at now: Int64
    ) -> [LeaseAsk] {
        let isIdle = self.isIdle(at: now)
        self.slips.removeAll { $0.isDone(idle: isIdle, wall: wall) }
        if !isIdle { self.openLease(numbering: &last, wall: wall, at: now) }
        for index in self.slips.indices {
            let isOver = isIdle || !self.slips[index].holds(wall, at: now)
            let keep = isOver ? .zero : self.slips[index].keep
            self.slips[index].change { $0.giveBack(beyond: keep) }
            self.slips[index].said = now
        }
        return self.slips.map { slip in
            LeaseAsk(
                budget: key.budget,
                unit: key.unit,
                lease: slip.number,
                window: slip.window?.name,
                granted: slip.lease.granted,
                returned: slip.lease.returned,
                used: slip.lease.used,
                held: slip.lease.held,
                reservation: isIdle ? .zero : self.reservation,
                demand: isIdle ? 0 : self.demand.perSecond(at: now)
            )
        }
    }

    /// Where all its windows are over, the control plane is asked for the one that is now.
    ///
    /// *Why the pause*: to a clock that is wrong every window is over that the control plane names, and each call would
    /// open one more lease.
    private mutating func openLease(numbering last: inout UInt64, wall: Timestamp, at now: Int64) {
        guard !self.slips.contains(where: { !$0.isEnded && !$0.isOver(wall: wall) }) else {
            self.pause = 0
            return
        }
        guard now >= self.nextLease else { return }
        last += 1
        self.slips.append(Slip(number: last))
        self.nextLease = now + self.pause
        self.pause = min(max(2 * self.pause, Self.pauseMilliseconds.lowerBound), Self.pauseMilliseconds.upperBound)
    }

    /// The lease that an attempt of then would be held of, once it is granted enough.
    func lease(for admitted: Timestamp) -> UInt64? {
        self.slips.first { !$0.isEnded && $0.window?.holds(admitted) ?? true }?.number
    }

    mutating func hear(_ grant: LeaseGrant, sent: Int64) {
        guard let index = self.index(of: grant.lease) else { return }
        let valid = grant.validMilliseconds
        let goodUntil = sent + valid - valid / Self.marginPart - Self.marginMilliseconds
        // A control plane that was restored may know of another window by its name alone.
        let known = self.slips[index].window
        self.slips[index].window = known.map { $0.ended(with: grant.account.window) } ?? grant.account.window
        if self.slips[index].said == sent { self.slips[index].isHeard = true }
        self.slips[index].change { $0.hear(granted: grant.granted) }
        self.slips[index].goodUntil = max(self.slips[index].goodUntil, goodUntil)
        self.slips[index].isEnded = grant.validMilliseconds == 0
        self.slips[index].keep = grant.keep
        self.slips[index].left = grant.left
    }

    private func isIdle(at now: Int64) -> Bool { now - self.lastWish >= Purse.idleMilliseconds }

    /// Nobody asks, and nothing is left to say.
    func isDone(at now: Int64) -> Bool { self.isIdle(at: now) && self.slips.isEmpty }

    func free(of window: BudgetWindow, at now: Int64) -> Money {
        self.slips.reduce(.zero) { sum, slip in
            let isGood = slip.window == window && !slip.isEnded && now < slip.goodUntil
            return isGood ? sum.clampedSum(with: slip.lease.free) : sum
        }
    }
}
