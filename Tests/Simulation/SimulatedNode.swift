import Domain

/// A node: a purse in memory, and on its disk the streams of this boot and of those before it.
struct SimulatedNode {
    /// An attempt that went out. It is on the disk before its first byte goes.
    private struct Attempt {
        var hold: Purse.Hold
        var written: Int64
    }

    /// So long an attempt waits.
    static let patienceMilliseconds: Int64 = 2_000

    private(set) var boot: Int
    private(set) var purse = Purse()
    private(set) var streams: [UsageStream] = []
    private var inFlight: [Int: Attempt] = [:]
    private(set) var isUp = true
    /// It does nothing until then, and does not know.
    var pausedUntil: Int64 = 0
    /// Nothing reaches it until then, and nothing of it reaches anybody.
    var cutUntil: Int64 = 0
    /// Parts per million by which its clock is slow.
    private let drift: Int64
    /// By how much its clock on the wall is wrong.
    var wallOffset: Int64 = 0
    private var epoch = 0

    init(boot: Int, drift: Int64) {
        self.boot = boot
        self.drift = drift
        self.streams = [UsageStream(boot: boot)]
    }

    func steady(at now: Int64) -> Int64 { now - now * self.drift / 1_000_000 }
    func wall(at now: Int64) -> Timestamp { Timestamp(unixMilliseconds: max(now + self.wallOffset, 0)) }
    func free(of account: BudgetAccount, at now: Int64) -> Int64 {
        self.isUp ? self.purse.free(of: account, at: self.steady(at: now)).nanoDollars : 0
    }

    // MARK: - Traffic

    /// What is short waits.
    mutating func hold(_ ticket: Int, _ claims: [Purse.Claim], at now: Int64) -> Purse.Answer {
        let answer = self.purse.hold(claims, admitted: self.wall(at: now), at: self.steady(at: now))
        guard answer == .short else { return answer }
        let end = self.steady(at: now) + Self.patienceMilliseconds
        let waits = self.purse.wait(UInt64(ticket), for: claims, admitted: self.wall(at: now), until: end)
        precondition(waits, "a line of a simulated node is never full")
        return answer
    }

    mutating func serve(at now: Int64) -> [(ticket: Int, answer: Purse.Answer)] {
        self.purse.serve(at: self.steady(at: now)).map { (Int($0.ticket), $0.answer) }
    }

    mutating func begin(_ attempt: Int, _ hold: Purse.Hold, at now: Int64) {
        self.inFlight[attempt] = Attempt(hold: hold, written: now)
    }

    /// A stream holds its next slab of the leases that it has.
    mutating func extend(_ attempt: Int, by amount: Money, of budget: Name<Budget>, at now: Int64) -> Bool {
        guard var running = self.inFlight[attempt],
            self.purse.extend(&running.hold, by: amount, of: [budget], at: self.steady(at: now))
        else { return false }
        running.written = now
        self.inFlight[attempt] = running
        return true
    }

    /// A stream that waited for its next slab takes it over, if it is of the very same lease; else it is given back.
    mutating func absorb(_ more: Purse.Hold, into attempt: Int, at now: Int64) -> Bool {
        guard var running = self.inFlight[attempt], let part = more.parts.first,
            let index = running.hold.parts.firstIndex(where: { $0.lease == part.lease && $0.account == part.account })
        else {
            self.purse.settle(more, cost: .zero)
            return false
        }
        let old = running.hold.parts[index]
        let amount = old.amount.clampedSum(with: part.amount)
        var parts = running.hold.parts
        parts[index] = old.holding(amount)
        running.hold = Purse.Hold(parts: parts)
        running.written = now
        self.inFlight[attempt] = running
        return true
    }

    mutating func end(_ attempt: Int, cost: Money, at now: Int64) {
        guard let ended = self.inFlight.removeValue(forKey: attempt) else { return }
        self.purse.settle(ended.hold, cost: cost)
        self.streams[self.streams.count - 1].append(.event(cost, ended.hold.parts), at: now)
    }

    // MARK: - The control plane

    mutating func call(at now: Int64) -> LeaseCall {
        self.purse.call(wall: self.wall(at: now), at: self.steady(at: now))
    }

    mutating func hear(_ grants: [LeaseGrant], sent: Int64) {
        for grant in grants { self.purse.hear(grant, sent: sent) }
    }

    /// A higher epoch: the control plane was restored, and may have forgotten what it took in.
    mutating func hear(epoch: Int) {
        guard epoch > self.epoch else { return }
        self.epoch = epoch
        for index in self.streams.indices { self.streams[index].offerAgain() }
    }

    /// Of the oldest stream that is not sent.
    func batch(at now: Int64, countMax: Int) -> UsageBatch? {
        for stream in self.streams {
            if let batch = stream.batch(at: now, countMax: countMax) { return batch }
        }
        return nil
    }

    mutating func hear(_ reply: SimulatedControl.UsageReply, of boot: Int) {
        guard let index = self.streams.firstIndex(where: { $0.boot == boot }) else { return }
        switch reply {
        case .acknowledged(let through): self.streams[index].acknowledge(through: through)
        case .rewind(let expected): self.streams[index].rewind(to: expected)
        case .fence: return
        }
    }

    // MARK: - Ends

    /// What it was about stops; `restart` says what is left of it.
    mutating func crash() { self.isUp = false }

    mutating func restart(after crash: FleetPlan.Crash, as boot: Int, at now: Int64, _ chance: inout Chance) {
        switch crash {
        case .process: self.close(machineWentDown: false, at: now)
        case .power:
            self.tear(at: now, &chance)
            self.close(machineWentDown: true, at: now)
        case .disk: self.streams = []
        }
        self.pausedUntil = 0
        self.isUp = true
        self.purse = Purse()
        self.inFlight = [:]
        self.boot = boot
        self.streams.append(UsageStream(boot: boot))
    }

    private mutating func tear(at now: Int64, _ chance: inout Chance) {
        self.streams[self.streams.count - 1].tear(at: now, &chance)
        for (attempt, running) in self.inFlight.sorted(by: { $0.key < $1.key })
        where running.written + UsageStream.syncMilliseconds > now && chance.isChosen(500) {
            self.inFlight[attempt] = nil
        }
    }

    /// Closes the last boot's stream in its name: an attempt whose end was not written counts at its worst case.
    private mutating func close(machineWentDown: Bool, at now: Int64) {
        let last = self.streams.count - 1
        for (_, attempt) in self.inFlight.sorted(by: { $0.key < $1.key }) {
            let worst = attempt.hold.parts.map(\.amount).max() ?? .zero
            self.streams[last].append(.event(worst, attempt.hold.parts), at: now)
        }
        self.streams[last].append(.closed(machineWentDown: machineWentDown), at: now)
    }

    /// A clean end: what is in flight is over.
    mutating func stop(at now: Int64) {
        self.close(machineWentDown: false, at: now)
        self.isUp = false
    }
}
