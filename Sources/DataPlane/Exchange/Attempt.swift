internal import Dialects
internal import Domain
internal import NIOCore

/// One try of an exchange at one model. Not copyable: it is handed from state to state and ends in `settle`, so that
/// no way out of a state can forget its usage event or write it twice.
struct Attempt: ~Copyable {
    let admission: Admission
    /// Its place in the plan.
    let index: Int
    /// What stands there. A copy of its own: reading it out of the plan would copy it each time.
    let planned: PlannedAttempt
    /// 1, 2, 3 … within the exchange.
    let number: UInt32
    let credential: String?
    let began: Tick
    var deadline: Tick
    /// When the request went out; from then on the usage recorder knows of the attempt.
    var sent: Tick?
    /// Whether the connection had served another exchange before.
    var isReused = false
    var firstByte: Tick?
    var status: UInt32?
    /// What it may cost, held of the budgets that match it; nil where none does.
    var reservation: Reservation?
    /// What it takes of the limits that count attempts; nil where none does.
    var pass: Pass?
    /// What its usage events say of who pays.
    var postings: [LeasePosting] = []
    /// Tokens of output that the reservation pays for; nil where it pays for all that there can be.
    var coveredTokens: Int64?
    /// More was asked for, and there is no answer yet.
    var asksForMore = false
}

/// Step 4, Attempt: a connection, the request on its way, and what follows when that fails before anything was sent
/// on to the caller.
extension LiveExchange {
    mutating func begin(at index: Int, of admission: Admission, now: Tick, _ out: inout ExchangeActions) {
        let planned = admission.plan.attempts[index]
        self.attempts += 1
        self.isUpstreamPaused = false
        let answer = self.rules.credentials.value(for: planned.provider)
        var attempt = Attempt(
            admission: admission,
            index: index,
            planned: planned,
            number: self.attempts,
            credential: answer.text,
            began: now,
            deadline: self.deadline(in: Leases.patienceMilliseconds * 2, admission, now)
        )
        guard answer != .missing else {
            // It was there when the plan was made: a rotation came between.
            self.fail(attempt, .noCredential(planned.provider), .init(.failed, .notSent), at: now, &out)
            return
        }
        do { attempt.pass = try self.pass(admission.limits.ofAttempt(index)) } catch {
            self.skip(attempt, error, at: now, &out)
            return
        }
        let charge = admission.charge(of: index)
        guard !charge.claims.isEmpty else { return self.connect(attempt, at: now, &out) }
        out.append(.wake(at: attempt.deadline))
        out.append(.reserve(charge.claims))
        self.state = .reserving(attempt)
    }

    mutating func connect(
        _ attempt: consuming Attempt,
        _ wanted: ConnectionPool.Wanted = .any,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        var attempt = attempt
        let milliseconds = attempt.admission.plan.timeouts.connect
        attempt.deadline = self.deadline(in: milliseconds, attempt.admission, now)
        out.append(.wake(at: attempt.deadline))
        let endpoint = Endpoint(attempt.planned.provider.baseURL)
        out.append(.connect(endpoint, wanted, timeoutMilliseconds: milliseconds))
        self.state = .connecting(attempt)
    }

    /// A connection is there; the request goes out. The usage recorder hears of it first.
    mutating func upstreamOpened(isReused: Bool, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .connecting(var attempt):
            guard let request = attempt.admission.request else { return }  // kept until a reply is passed on
            if attempt.sent == nil { self.note(attempt, at: now, &out) }
            attempt.sent = now
            attempt.isReused = isReused
            let timeouts = attempt.admission.plan.timeouts
            let patience = attempt.admission.isStream ? timeouts.firstByteStreamed : timeouts.firstByteWhole
            attempt.deadline = self.deadline(in: patience, attempt.admission, now)
            let (head, body) = Shape.request(
                request,
                attempt.admission.fields,
                for: attempt.planned,
                credential: attempt.credential
            )
            out.append(.wake(at: attempt.deadline))
            out.append(.send(head, body))
            out.append(.readUpstream)
            self.state = .waiting(attempt)
        case let other: self.state = other
        }
    }

    mutating func upstreamFailed(_ failure: ConnectFailure, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .connecting(let attempt):
            let fault = failure.fault(to: attempt.planned.provider)
            // A stale connection may have carried the request already: then the provider may bill it.
            let result = Result(.failed, attempt.endingUnanswered)
            self.fail(attempt, fault, result, at: now, &out)
        case let other: self.state = other
        }
    }

    /// The connection is gone in the middle of the exchange. `isSilent`: not a byte of an answer has come.
    mutating func upstreamBroke(isSilent: Bool, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .waiting(let attempt):
            if isSilent, self.client.isListening, self.wasStale(attempt, at: now) {
                self.connect(attempt, .fresh, at: now, &out)
            } else {
                let fault = Fault.broken("before it answered", retry: .onAnotherModel)
                self.fail(attempt, fault, .init(.failed, .unseen), at: now, &out)
            }
        case .holding(let attempt, let held):
            if held.isRefusal {
                self.failRefused(attempt, held, at: now, &out)
            } else {
                let fault = Fault.broken("in the middle of its answer", retry: attempt.retryIfBilled)
                self.fail(attempt, fault, .init(.cut, .unseen), at: now, &out)
            }
        case .relaying(let attempt, let relay):
            self.breakOff(attempt, relay, .broken("in the middle of its answer"), .cut, at: now, &out)
        case let other: self.state = other
        }
    }

    private func wasStale(_ attempt: borrowing Attempt, at now: Tick) -> Bool {
        guard attempt.isReused, let sent = attempt.sent else { return false }
        return now <= sent.advanced(milliseconds: self.rules.bounds.staleMilliseconds)
    }

    /// Nothing of this attempt was sent on. The next model is tried if the fault says that this may help, else the
    /// caller is told.
    mutating func fail(
        _ attempt: consuming Attempt,
        _ fault: Fault,
        _ result: Result,
        retryAfterSeconds: Int? = nil,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        if attempt.settlement(of: result).cost > .zero { self.wasBilled = true }
        let admission = attempt.admission
        let next = attempt.index + 1
        let isTimeLeft = now < self.origin.arrived.advanced(milliseconds: admission.plan.timeouts.total)
        let goesOn =
            self.client.isListening && fault.retry == .onAnotherModel && isTimeLeft
            && next < admission.plan.attempts.count
        let asked = AskedModel(attempt)
        self.settle(attempt, result.with(fault.code), isLast: !goesOn, at: now, &out)
        if goesOn {
            self.begin(at: next, of: admission, now: now, &out)
        } else {
            self.answer(fault, asked: asked, retryAfterSeconds: retryAfterSeconds, &out)
            out.append(.settled)
        }
    }

    /// The time until a wait's end, never past the exchange's own.
    func deadline(in milliseconds: Int64, _ admission: Admission, _ now: Tick) -> Tick {
        min(
            now.advanced(milliseconds: milliseconds),
            self.origin.arrived.advanced(milliseconds: admission.plan.timeouts.total)
        )
    }
}

extension Attempt {
    /// Whether the answer is read on for its token count once the caller has hung up.
    var isReadToItsEnd: Bool { self.admission.plan.hangUp == .drain }

    /// What may follow a failure after which the provider may send a bill.
    var retryIfBilled: Fault.Retry { self.admission.plan.retryBilled ? .onAnotherModel : .never }
}

extension LiveExchange.Client {
    var isListening: Bool {
        switch self {
        case .listening: true
        case .gone: false
        }
    }
}

extension CredentialAnswer {
    fileprivate var text: String? {
        switch self {
        case .value(let text): text
        case .notNeeded, .missing: nil
        }
    }
}

extension Fault {
    static func broken(_ when: String, retry: Retry = .never) -> Fault {
        Fault(.upstreamError, from: .upstream, retry: retry, "The provider closed the connection \(when).")
    }

    static func timedOut(_ what: String, retry: Retry) -> Fault {
        Fault(.upstreamTimeout, from: .upstream, retry: retry, "The provider \(what) in time.")
    }

    fileprivate static func noCredential(_ provider: Provider) -> Fault {
        Fault(
            .upstreamError,
            from: .node,
            retry: .onAnotherModel,
            "This node holds no credential for the provider '\(provider.name)'."
        )
    }
}
