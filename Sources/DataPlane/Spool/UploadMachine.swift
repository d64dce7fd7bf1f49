import Domain
import Wire

/// The order of sending one stream: batches in order, one in flight, repeated until acknowledged. Pure: the clock (in
/// milliseconds that never go back) and chance are arguments, sending is an action.
package struct UploadMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Send records from this number on, and say by `sent(through:)` how far they went.
        case send(from: UInt64, through: UInt64)
        /// Ask again at this time, or when something else happens.
        case wait(until: Int64)
        /// Nothing to do until more is durable or a reply comes.
        case rest
        /// Everything up to CLOSED is acknowledged.
        case done
        /// Another writer of this stream was found: never send again.
        case fenced
    }

    private enum State: Hashable {
        case ready
        case inFlight(through: UInt64)
        case backingOff(until: Int64)
        case fenced
    }

    /// Full jitter between nothing and this, doubling.
    private static let backoffFirstMilliseconds: Int64 = 500
    private static let backoffMaxMilliseconds: Int64 = 30_000
    /// No server's wish is obeyed beyond this: it might be a mistake.
    private static let retryAfterMaxMilliseconds: Int64 = 300_000

    private var state: State = .ready
    private var failures = 0
    private var rewindsInARow = 0
    /// When the oldest record that waits became durable.
    private var waitingSince: Int64?
    private let lingerMilliseconds: Int64
    /// CLOSED's number, once it is durable.
    private var last: UInt64?
    private var isHurried = false
    private(set) package var ackedThrough: UInt64
    private(set) package var durableThrough: UInt64

    package init(ackedThrough: UInt64, durableThrough: UInt64, last: UInt64? = nil, lingerMilliseconds: Int64) {
        self.ackedThrough = min(ackedThrough, durableThrough)
        self.durableThrough = durableThrough
        self.last = last
        self.lingerMilliseconds = lingerMilliseconds
    }

    package mutating func grew(to durable: UInt64, last: UInt64? = nil, at now: Int64) {
        if let last { self.last = last }
        guard durable > self.durableThrough else { return }
        if self.durableThrough == self.ackedThrough { self.waitingSince = now }
        self.durableThrough = durable
    }

    /// The node goes down: what waits is sent without waiting for more.
    package mutating func hurry() { self.isHurried = true }

    package mutating func next(at now: Int64) -> Action {
        switch self.state {
        case .fenced: return .fenced
        case .inFlight: return .rest
        case .backingOff(let until):
            guard now >= until else { return .wait(until: until) }
            self.state = .ready
            return self.next(at: now)
        case .ready: return self.nextBatch(at: now)
        }
    }

    private func nextBatch(at now: Int64) -> Action {
        if let last = self.last, self.ackedThrough >= last { return .done }
        let waiting = self.durableThrough - self.ackedThrough
        guard waiting > 0 else { return .rest }
        let ripe = (self.waitingSince ?? now) + self.lingerMilliseconds
        let isFull = waiting >= UInt64(UsageBatch.recordsMax)
        guard isFull || self.isHurried || self.last != nil || self.waitingSince == nil || now >= ripe else {
            return .wait(until: ripe)
        }
        return .send(from: self.ackedThrough + 1, through: self.durableThrough)
    }

    package mutating func sent(through last: UInt64) { self.state = .inFlight(through: last) }

    package mutating func replied(_ reply: UploadReply, at now: Int64, draw: (ClosedRange<Int64>) -> Int64) {
        guard case .inFlight = self.state else { return }
        switch reply {
        case .fenced: self.state = .fenced
        case .accepted(let through): self.accepted(through, at: now, draw: draw)
        case .rewind(let expected):
            guard expected > 0, expected - 1 <= self.durableThrough else {
                // It knows more than this disk ever had: another writer, or a disk that was set back.
                self.state = .fenced
                return
            }
            self.ackedThrough = expected - 1
            self.waitingSince = nil
            self.rewindsInARow += 1
            // The first is an answer; more of them without progress are a quarrel, and go slower and slower.
            if self.rewindsInARow > 1 {
                self.backOff(atLeast: 0, at: now, draw: draw)
            } else {
                self.state = .ready
            }
        }
    }

    private mutating func accepted(_ through: UInt64, at now: Int64, draw: (ClosedRange<Int64>) -> Int64) {
        guard through <= self.durableThrough else {
            self.state = .fenced
            return
        }
        guard through != self.ackedThrough else {
            self.backOff(atLeast: 0, at: now, draw: draw)
            return
        }
        let isProgress = through > self.ackedThrough
        self.ackedThrough = through
        self.state = .ready
        self.failures = isProgress ? 0 : self.failures
        self.rewindsInARow = isProgress ? 0 : self.rewindsInARow
        self.waitingSince = isProgress ? now : nil
    }

    /// No answer, or one that is none.
    package mutating func failed(
        retryAfterMilliseconds: Int64? = nil,
        at now: Int64,
        draw: (ClosedRange<Int64>) -> Int64
    ) {
        guard self.state != .fenced else { return }
        self.backOff(atLeast: retryAfterMilliseconds ?? 0, at: now, draw: draw)
    }

    private mutating func backOff(atLeast wish: Int64, at now: Int64, draw: (ClosedRange<Int64>) -> Int64) {
        let bound = min(Self.backoffMaxMilliseconds, Self.backoffFirstMilliseconds << Int64(min(self.failures, 10)))
        self.failures += 1
        let delay = max(draw(0...bound), min(max(wish, 0), Self.retryAfterMaxMilliseconds))
        self.state = .backingOff(until: now + delay)
    }
}

/// What the control plane says to a batch.
package enum UploadReply: Hashable, Sendable {
    /// 200: everything up to here is committed.
    case accepted(through: UInt64)
    /// 409: send again from here.
    case rewind(to: UInt64)
    /// 409: this stream is not to be written any more.
    case fenced
}
