internal import Dialects
internal import Domain
internal import NIOCore

/// One request and its answer on their way through this node, as a pure state machine: one method per event; what
/// is to be done about it is appended to `out`. It knows no channel, no codec, no clock and no random number.
///
/// What always holds: at most one reply head is sent; a reply that failed never looks whole; every attempt that
/// went upstream gets exactly one usage event, the last one marked; `settled` comes exactly once and last.
/// The six steps are extensions, a file each: Arrive, Admit, Shape, Attempt, Relay, Settle.
struct LiveExchange: ~Copyable {
    let origin: Origin
    let rules: ExchangeRules
    /// Scratch memory of this event loop.
    let reader: JSONReader
    /// Scratch memory of the client's connection.
    let lookup: ApplicationLookup
    var state: State = .arriving
    var client: Client = .listening(isWritable: true)
    /// The upstream connection has delivered what it read, and more was not asked for yet.
    var isUpstreamPaused = false
    /// Attempts that have begun, whether or not they reached a provider.
    var attempts: UInt32 = 0
    /// Whether an attempt failed that its provider may bill.
    var wasBilled = false
    /// What it takes of the limits that count exchanges; nil where none does, and once it is over.
    var pass: Pass?
    /// What its attempts came to.
    var tokens: Int64 = 0
    /// What its caller is told of limits; nil where none is about it.
    var standing: LimitStanding?

    /// Where and when it came from; fixed at the door.
    struct Origin {
        let id: ID<Domain.Exchange>
        let admitted: Timestamp
        let arrived: Tick
        /// Pinned on arrival: a swap never changes a request in flight. Nil if the node has none yet.
        let snapshot: Snapshot?
    }

    enum Client: Hashable {
        case listening(isWritable: Bool)
        case gone(since: Tick)
    }

    enum State: ~Copyable {
        /// Nothing has been seen.
        case arriving
        /// The request was accepted so far; its body is awaited.
        case collecting(Collecting)
        /// The request was refused; the rest of it is read off before it is answered.
        case refusing(Refusing)
        /// What it may cost is being reserved.
        case reserving(Attempt)
        /// A connection is awaited.
        case connecting(Attempt)
        /// The request is with the provider; nothing has come back.
        case waiting(Attempt)
        /// The reply is being collected; nothing has been sent on.
        case holding(Attempt, Held)
        /// The reply passes as it comes.
        case relaying(Attempt, Relay)
        case settled
    }

    init(_ origin: Origin, _ rules: ExchangeRules, reader: JSONReader, lookup: ApplicationLookup) {
        self.origin = origin
        self.rules = rules
        self.reader = reader
        self.lookup = lookup
    }

    /// The state's name without what it holds.
    var phase: Phase {
        switch self.state {
        case .arriving: .arriving
        case .collecting: .collecting
        case .refusing: .refusing
        case .reserving: .reserving
        case .connecting: .connecting
        case .waiting: .waiting
        case .holding: .holding
        case .relaying: .relaying
        case .settled: .settled
        }
    }

    enum Phase: Hashable, CaseIterable {
        case arriving
        case collecting
        case refusing
        case reserving
        case connecting
        case waiting
        case holding
        case relaying
        case settled
    }
}

// MARK: - Events that are no step of their own

extension LiveExchange {
    /// The client's connection can take more, or cannot.
    mutating func clientBecame(isWritable: Bool, at now: Tick, _ out: inout ExchangeActions) {
        guard self.client.isListening else { return }
        self.client = .listening(isWritable: isWritable)
        guard isWritable, self.phase == .relaying else { return }
        switch exchange(&self.state, with: .settled) {
        case .relaying(let attempt, let relay):
            // If the provider was not asked meanwhile, its patience begins anew.
            if self.isUpstreamPaused { relay.lastByte = now }
            out.append(.wake(at: self.deadline(of: relay, in: attempt)))
            self.state = .relaying(attempt, relay)
        case let other: self.state = other
        }
        if self.isUpstreamPaused { self.readOn(&out) }
    }

    /// The upstream connection has delivered all that it read.
    mutating func upstreamPaused(_ out: inout ExchangeActions) {
        guard self.phase != .settled else { return }
        // Before the reply passes, nothing has been written that the client could be slow to take.
        let isTaken = self.phase != .relaying || self.client != .listening(isWritable: false)
        self.isUpstreamPaused = !isTaken
        if self.phase == .relaying, self.client.isListening { out.append(.flush) }
        if isTaken { out.append(.readUpstream) }
    }

    private mutating func readOn(_ out: inout ExchangeActions) {
        self.isUpstreamPaused = false
        out.append(.readUpstream)
    }

    /// The client hung up. `mayDrain`: whether the node has room for an answer that nobody waits for.
    mutating func clientLeft(mayDrain: Bool, at now: Tick, _ out: inout ExchangeActions) {
        guard case .listening = self.client, self.phase != .settled else { return }
        self.client = .gone(since: now)
        switch exchange(&self.state, with: .settled) {
        case .arriving: out.append(.settled)
        case .collecting: out.append(.settled)
        case .refusing: out.append(.settled)
        case .settled: break
        case .reserving(let attempt):
            self.settle(attempt, Result(.cancelled, .notSent), isLast: true, at: now, &out)
            out.append(.settled)
        case .connecting(let attempt): self.abandon(attempt, at: now, &out)
        case .waiting(let attempt):
            guard mayDrain, attempt.isReadToItsEnd else { return self.abandon(attempt, at: now, &out) }
            self.state = .waiting(attempt)
            self.drain(from: now, &out)
        case .holding(let attempt, let held):
            guard mayDrain, attempt.isReadToItsEnd else { return self.abandon(attempt, at: now, &out) }
            self.state = .holding(attempt, held)
            self.drain(from: now, &out)
        case .relaying(let attempt, let relay):
            guard mayDrain, attempt.isReadToItsEnd else { return self.abandon(attempt, relay, at: now, &out) }
            self.state = .relaying(attempt, relay)
            self.drain(from: now, &out)
        }
    }

    private mutating func drain(from now: Tick, _ out: inout ExchangeActions) {
        out.append(.wake(at: now.advanced(milliseconds: self.rules.bounds.drainMilliseconds)))
        if self.isUpstreamPaused { self.readOn(&out) }
    }

    /// A time that was asked for has come, or is near.
    mutating func woke(at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .arriving: self.state = .arriving
        case .settled: break
        case .collecting(let collecting):
            guard self.isDue(collecting.deadline, now, &out) else {
                self.state = .collecting(collecting)
                return
            }
            self.turnAway(collecting, .slowSender, at: now, &out)
        case .refusing(let refusing):
            let isDue = self.isDue(refusing.deadline, now, &out)
            self.state = .refusing(refusing)
            if isDue { self.answerRefusal(isWholeRequestRead: false, &out) }
        case .reserving(let attempt):
            guard self.isDue(attempt.deadline, now, &out) else {
                self.state = .reserving(attempt)
                return
            }
            self.state = .reserving(attempt)
            self.foundUnaffordable(.uncovered, at: now, &out)
        case .connecting(let attempt):
            guard self.isDue(attempt.deadline, now, &out) else {
                self.state = .connecting(attempt)
                return
            }
            out.append(.closeUpstream)
            let result = Result(.timedOut, attempt.endingUnanswered)
            let fault = Fault.timedOut("could not be connected", retry: .onAnotherModel)
            self.fail(attempt, fault, result, at: now, &out)
        case .waiting(let attempt):
            guard self.isDue(attempt.deadline, now, &out) else {
                self.state = .waiting(attempt)
                return
            }
            self.timeOut(attempt, "did not answer", at: now, &out)
        case .holding(let attempt, let held):
            guard self.isDue(attempt.deadline, now, &out) else {
                self.state = .holding(attempt, held)
                return
            }
            self.timeOut(attempt, "did not finish its answer", at: now, &out)
        case .relaying(let attempt, let relay):
            let deadline = self.deadline(of: relay, in: attempt)
            guard self.isDue(deadline, now, &out) else {
                self.state = .relaying(attempt, relay)
                return
            }
            self.timeOut(attempt, relay, at: now, &out)
        }
    }

    /// Whether the present wait is over; if not, asks to be woken again.
    private func isDue(_ deadline: Tick, _ now: Tick, _ out: inout ExchangeActions) -> Bool {
        let due: Tick
        switch self.client {
        case .listening: due = deadline
        case .gone(let since): due = min(deadline, since.advanced(milliseconds: self.rules.bounds.drainMilliseconds))
        }
        if now < due { out.append(.wake(at: due)) }
        return now >= due
    }

    private mutating func timeOut(
        _ attempt: consuming Attempt,
        _ what: String,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        guard self.client.isListening else { return self.abandon(attempt, at: now, &out) }
        out.append(.closeUpstream)
        let fault = Fault.timedOut(what, retry: attempt.retryIfBilled)
        self.fail(attempt, fault, .init(.timedOut, .unseen), at: now, &out)
    }

    private mutating func timeOut(
        _ attempt: consuming Attempt,
        _ relay: Relay,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        guard self.client.isListening else { return self.abandon(attempt, relay, at: now, &out) }
        out.append(.closeUpstream)
        let fault = Fault.timedOut("did not go on with its answer", retry: attempt.retryIfBilled)
        self.breakOff(attempt, relay, fault, .timedOut, at: now, &out)
    }

    /// The node stops and has waited long enough: whatever is open ends now, honestly.
    mutating func stop(at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .settled: return
        case .arriving: out.append(.settled)
        case .collecting(let collecting): self.turnAway(collecting, .stopping, at: now, &out)
        case .refusing(let refusing):
            self.state = .refusing(refusing)
            self.answerRefusal(isWholeRequestRead: false, &out)
        case .reserving(let attempt):
            self.fail(attempt, .stopping, Result(.cancelled, .notSent), at: now, &out)
        case .connecting(let attempt): self.stop(attempt, at: now, &out)
        case .waiting(let attempt): self.stop(attempt, at: now, &out)
        case .holding(let attempt, _): self.stop(attempt, at: now, &out)
        case .relaying(let attempt, let relay):
            out.append(.closeUpstream)
            self.breakOff(attempt, relay, .stopping, .cut, at: now, &out)
        }
    }

    private mutating func stop(_ attempt: consuming Attempt, at now: Tick, _ out: inout ExchangeActions) {
        out.append(.closeUpstream)
        let result = Result(.cancelled, attempt.endingUnanswered)
        self.fail(attempt, .stopping, result, at: now, &out)
    }
}

extension Fault {
    fileprivate static let slowSender = Fault(
        .requestTimeout,
        "The request did not arrive in time. Send it again, faster."
    )
    fileprivate static let stopping = Fault(
        .overloaded,
        from: .node,
        retry: .later(afterSeconds: 1),
        "This node is stopping. Send the request again; another node takes it."
    )
}
