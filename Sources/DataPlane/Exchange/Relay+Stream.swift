internal import Dialects
internal import Domain
internal import NIOCore

/// Streams: events pass one by one, and how one ends says what the answer was.
extension LiveExchange {
    mutating func pass(
        _ bytes: ByteBuffer,
        of relay: Relay,
        in attempt: consuming Attempt,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        relay.scanner.feed(bytes)
        var attempt = attempt
        do throws(Fault) {
            while let event = try relay.scanner.next() {
                switch relay.chat.take(event, with: self.reader) {
                case .pass(let bytes):
                    if !relay.isBegun { self.beginReply(attempt, relay, &out) }
                    self.passOn(bytes, &out)
                    let seen = relay.chat.outputEvents
                    guard self.cover(&attempt, seen: seen, at: now, &out) else { throw Fault.budgetRanOut }
                case .drop: break
                case .end(let bytes):
                    out.append(.giveBackUpstream)
                    self.finishStream(attempt, relay, bytes, at: now, &out)
                    return
                case .fail(let fault): throw fault
                }
            }
        } catch {
            out.append(.closeUpstream)
            let outcome: UsageEvent.Outcome = error.code == .budgetExceeded ? .cut : .failed
            self.breakOff(attempt, relay, error, outcome, at: now, &out)
            return
        }
        self.state = .relaying(attempt, relay)
    }

    /// The stream's end marker is here: the answer is whole, whatever becomes of the connection.
    private mutating func finishStream(
        _ attempt: consuming Attempt,
        _ relay: Relay,
        _ marker: ByteBuffer,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        if !relay.isBegun { self.beginReply(attempt, relay, &out) }
        self.settle(attempt, relay.result(.answered), isLast: true, at: now, &out)
        self.passOn(marker, &out)
        self.endReply(&out)
    }

    mutating func endStream(
        _ attempt: consuming Attempt,
        _ relay: Relay,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        switch relay.chat.finish(rest: relay.scanner.rest()) {
        case .end(let marker): self.finishStream(attempt, relay, marker, at: now, &out)
        case .fail(let fault): self.breakOff(attempt, relay, fault, .cut, at: now, &out)
        case .pass, .drop: self.breakOff(attempt, relay, .broken("before the end marker"), .cut, at: now, &out)
        }
    }

    /// The answer failed on its way. If nothing of it was sent on, another model may be tried; else the caller is told
    /// in the stream, or by a connection that ends too early.
    mutating func breakOff(
        _ attempt: consuming Attempt,
        _ relay: Relay,
        _ fault: Fault,
        _ outcome: UsageEvent.Outcome,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        guard relay.isBegun else { return self.failUnbegun(attempt, relay, fault, outcome, at: now, &out) }
        let result = relay.result(outcome)
        self.settle(attempt, result.with(fault.code), isLast: true, at: now, &out)
        switch relay.kind {
        case .stream:
            self.passOn(ErrorBody.event(fault), &out)
            self.endReply(&out)
        case .whole:
            if self.client.isListening { out.append(.cutReply) }
            out.append(.settled)
        }
    }

    /// The answer failed and nothing of it was sent on. Whether that was for nothing depends on what was seen of it.
    private mutating func failUnbegun(
        _ attempt: consuming Attempt,
        _ relay: Relay,
        _ fault: Fault,
        _ outcome: UsageEvent.Outcome,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        // A provider that says that it failed before it said anything else does not bill.
        if outcome == .failed, relay.chat.isRefusal {
            return self.fail(attempt, fault, Result(outcome, .refused), at: now, &out)
        }
        var result = relay.result(outcome)
        // It failed for us but not by its own account: an event too long to be read can hold any number of tokens.
        let isUnread = outcome == .failed && relay.chat.tokens == nil
        if isUnread { result = Result(outcome, .unseen, providerRequest: relay.chat.id) }
        let isBilled = isUnread || relay.chat.tokens != nil
        let known =
            isBilled ? Fault(fault.code, from: fault.origin, retry: attempt.retryIfBilled, fault.message) : fault
        self.fail(attempt, known, result, at: now, &out)
    }
}

extension Relay {
    func result(_ outcome: UsageEvent.Outcome) -> LiveExchange.Result {
        let ending: Settlement.Ending
        switch self.kind {
        case .stream:
            ending = self.chat.tokens.map { .providerCount($0) } ?? .seen(outputTokens: self.chat.outputEvents)
        case .whole: ending = .unseen
        }
        return LiveExchange.Result(outcome, ending, providerRequest: self.chat.id)
    }
}
