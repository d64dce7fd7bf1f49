import Domain

/// A node: a purse in memory, and on its disk the streams of this boot and of those before it that are not sent yet.
struct SimulatedNode {
    /// An attempt that went out. It is on the disk before its first byte goes.
    struct Attempt {
        let hold: Purse.Hold
        let written: Int64
    }

    struct Stream {
        let boot: ID<Boot>
        var records: [UsageBatch.Record] = []
        /// When each record was written, and so when it is safe from a power cut.
        var written: [Int64] = []
        var acked: UInt64 = 0
        var isClosed: Bool { self.records.last?.isClose == true }

        mutating func append(_ content: UsageBatch.Record.Content, at now: Int64) {
            self.records.append(UsageBatch.Record(number: UInt64(self.records.count) + 1, content: content))
            self.written.append(now)
        }
    }

    /// After so long a record is on the disk, and not only in the kernel.
    static let syncMilliseconds: Int64 = 100
    /// So long an attempt waits.
    static let patienceMilliseconds: Int64 = 2_000

    let number: Int
    private(set) var boots = 0
    private(set) var purse = Purse()
    private(set) var streams: [Stream] = []
    private(set) var inFlight: [Int: Attempt] = [:]
    var isUp = true
    /// It does nothing until then, and does not know.
    var pausedUntil: Int64 = 0
    /// Parts per million by which its clock is slow.
    let drift: Int64
    /// By how much its clock on the wall is wrong.
    var wallOffset: Int64 = 0

    init(_ number: Int, drift: Int64) {
        self.number = number
        self.drift = drift
        self.start(at: 0)
    }

    var boot: ID<Boot> { self.streams[self.streams.count - 1].boot }

    func steady(at now: Int64) -> Int64 { now - now / 1_000_000 * self.drift }
    func wall(at now: Int64) -> Timestamp { Timestamp(unixMilliseconds: max(now + self.wallOffset, 0)) }

    private mutating func start(at now: Int64) {
        self.boots += 1
        self.isUp = true
        self.purse = Purse()
        self.inFlight = [:]
        let boot = ID<Boot>("n\(self.number)-b\(self.boots)")
        guard let boot else { preconditionFailure("a boot's id") }
        self.streams.append(Stream(boot: boot))
    }

    // MARK: - Traffic

    /// What is short waits.
    mutating func hold(_ attempt: Int, _ claims: [Purse.Claim], at now: Int64) -> Purse.Answer {
        let answer = self.purse.hold(claims, admitted: self.wall(at: now), at: self.steady(at: now))
        guard case .short = answer else { return answer }
        let end = self.steady(at: now) + Self.patienceMilliseconds
        let waits = self.purse.wait(UInt64(attempt), for: claims, admitted: self.wall(at: now), until: end)
        precondition(waits, "a line of a simulated node is never full")
        return answer
    }

    mutating func serve(at now: Int64) -> [(attempt: Int, answer: Purse.Answer)] {
        self.purse.serve(at: self.steady(at: now)).map { (Int($0.ticket), $0.answer) }
    }

    mutating func begin(_ attempt: Int, _ hold: Purse.Hold, at now: Int64) {
        self.inFlight[attempt] = Attempt(hold: hold, written: now)
    }

    mutating func end(_ attempt: Int, cost: Money, at now: Int64) {
        guard let ended = self.inFlight.removeValue(forKey: attempt) else { return }
        self.purse.settle(ended.hold, cost: cost)
        self.streams[self.streams.count - 1].append(.event(cost, ended.hold.parts), at: now)
    }

    mutating func call(at now: Int64) -> LeaseCall {
        self.purse.call(wall: self.wall(at: now), at: self.steady(at: now))
    }

    mutating func hear(_ grants: [LeaseGrant], sent: Int64) {
        for grant in grants { self.purse.hear(grant, sent: sent) }
    }

    /// The oldest stream that is not sent, as far as it is on the disk.
    func batch(at now: Int64, countMax: Int) -> UsageBatch? {
        for stream in self.streams {
            let first = Int(stream.acked)
            let durable = stream.written.count { $0 + Self.syncMilliseconds <= now || stream.isClosed }
            guard first < durable else { continue }
            let end = min(durable, first + countMax)
            return UsageBatch(boot: stream.boot, records: Array(stream.records[first..<end]))
        }
        return nil
    }

    mutating func acknowledge(_ boot: ID<Boot>, through number: UInt64) {
        guard let index = self.streams.firstIndex(where: { $0.boot == boot }) else { return }
        self.streams[index].acked = max(self.streams[index].acked, number)
    }

    // MARK: - Ends

    enum Crash: CaseIterable {
        /// `kill -9`: what is in the kernel stays.
        case process
        /// What is not on the disk is gone.
        case power
        /// Nothing comes back.
        case disk
    }

    /// What it was about stops; `restart` says what is left of it.
    mutating func crash() { self.isUp = false }

    mutating func restart(after crash: Crash, at now: Int64) {
        self.pausedUntil = 0
        switch crash {
        case .process: self.close(machineWentDown: false, losing: nil, at: now)
        case .power: self.close(machineWentDown: true, losing: now - Self.syncMilliseconds, at: now)
        case .disk: self.streams = []
        }
        self.start(at: now)
    }

    /// Closes the last boot's stream in its name: an attempt whose end was not written counts at its worst case.
    private mutating func close(machineWentDown: Bool, losing since: Int64?, at now: Int64) {
        let last = self.streams.count - 1
        if let since {
            let kept = self.streams[last].written.count { $0 <= since }
            self.streams[last].records.removeSubrange(kept...)
            self.streams[last].written.removeSubrange(kept...)
            self.inFlight = self.inFlight.filter { $0.value.written <= since }
        }
        for (_, attempt) in self.inFlight.sorted(by: { $0.key < $1.key }) {
            let worst = attempt.hold.parts.map(\.amount).max() ?? .zero
            self.streams[last].append(.event(worst, attempt.hold.parts), at: now)
        }
        self.streams[last].append(.closed(machineWentDown: machineWentDown), at: now)
    }

    /// A clean end: what is in flight is over.
    mutating func stop(at now: Int64) {
        self.close(machineWentDown: false, losing: nil, at: now)
        self.isUp = false
    }
}
