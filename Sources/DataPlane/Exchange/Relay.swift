internal import Dialects
internal import Domain
internal import NIOCore

/// A reply that is collected before anything of it is sent on.
struct Held {
    let head: ReplyHead
    var body = ByteBuffer()

    var isRefusal: Bool { !(200..<300).contains(self.head.status) }
}

/// A reply that passes as it comes. A class, so that the state machine moves a pointer for each chunk.
final class Relay {
    enum Kind {
        case stream
        /// A whole reply too long to be held. `kept` is a copy for its usage; nil once that has become too long too.
        case whole(kept: ByteBuffer?)
    }

    let head: ReplyHead
    var kind: Kind
    var scanner = EventScanner()
    var chat: ChatStream
    /// Whether the caller has our reply's head: from then on a failure can only be told in the stream.
    var isBegun = false
    var lastByte: Tick

    init(_ head: ReplyHead, _ kind: Kind, asksForUsage: Bool, at now: Tick) {
        self.head = head
        self.kind = kind
        self.chat = ChatStream(asksForUsage: asksForUsage)
        self.lastByte = now
    }

    /// So much of an event that has not ended is nothing to count.
    private static let uncountedMax = 64 * 1_024

    /// What is held of the reply beside what was sent on.
    var bytesHeld: Int {
        switch self.kind {
        case .stream: self.scanner.bytesHeld > Self.uncountedMax ? self.scanner.bytesHeld : 0
        case .whole(let kept): kept?.readableBytes ?? 0
        }
    }
}

/// Step 5, Relay: what the provider sends, on its way to the caller.
extension LiveExchange {
    mutating func replied(_ head: ReplyHead, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .waiting(var attempt):
            attempt.status = UInt32(clamping: head.status)
            if (200..<300).contains(head.status), head.isEventStream {
                // The first event may take as long as the first byte of the head might have.
                let relay = Relay(head, .stream, asksForUsage: attempt.admission.asksForUsage, at: now)
                self.state = .relaying(attempt, relay)
            } else {
                let patience = attempt.admission.plan.timeouts.betweenChunks
                attempt.deadline = self.deadline(in: patience, attempt.admission, now)
                out.append(.wake(at: attempt.deadline))
                self.state = .holding(attempt, Held(head: head))
            }
        case let other: self.state = other
        }
    }

    mutating func replied(_ bytes: ByteBuffer, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .holding(var attempt, var held):
            attempt.firstByte = attempt.firstByte ?? now
            attempt.deadline = self.deadline(in: attempt.admission.plan.timeouts.betweenChunks, attempt.admission, now)
            held.body.writeImmutableBuffer(bytes)
            self.hold(attempt, held, at: now, &out)
        case .relaying(var attempt, let relay):
            relay.lastByte = now
            if attempt.firstByte == nil {
                attempt.firstByte = now
                // The wait for the first byte may have been much longer than the one between two is.
                out.append(.wake(at: self.deadline(of: relay, in: attempt)))
            }
            switch relay.kind {
            case .stream: self.pass(bytes, of: relay, in: attempt, at: now, &out)
            case .whole(let kept):
                relay.kind = .whole(kept: nil)
                relay.kind = .whole(kept: self.keep(bytes, kept))
                self.passOn(bytes, &out)
                self.state = .relaying(attempt, relay)
            }
        case let other: self.state = other
        }
    }

    /// The reply is over as HTTP sees it.
    mutating func repliedAll(at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .holding(let attempt, let held):
            out.append(.giveBackUpstream)
            if held.isRefusal {
                self.failRefused(attempt, held, at: now, &out)
            } else {
                self.answerWhole(attempt, held, at: now, &out)
            }
        case .relaying(let attempt, let relay):
            out.append(.giveBackUpstream)
            switch relay.kind {
            case .stream: self.endStream(attempt, relay, at: now, &out)
            case .whole(let kept): self.endWhole(attempt, relay, kept, at: now, &out)
            }
        case let other: self.state = other
        }
    }

    // MARK: - Whole replies

    private mutating func hold(
        _ attempt: consuming Attempt,
        _ held: Held,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        let length = held.body.readableBytes
        if held.isRefusal, length > self.rules.bounds.errorMax {
            out.append(.closeUpstream)
            self.failRefused(attempt, held, at: now, &out)
        } else if !held.isRefusal, length > self.rules.bounds.heldMax {
            let relay = Relay(held.head, .whole(kept: held.body), asksForUsage: false, at: now)
            self.beginReply(attempt, relay, &out)
            self.passOn(held.body, &out)
            self.state = .relaying(attempt, relay)
        } else {
            self.state = .holding(attempt, held)
        }
    }

    private func keep(_ bytes: ByteBuffer, _ kept: consuming ByteBuffer?) -> ByteBuffer? {
        guard var kept, kept.readableBytes + bytes.readableBytes <= self.rules.bounds.readableMax else { return nil }
        kept.writeImmutableBuffer(bytes)
        return kept
    }

    private mutating func answerWhole(
        _ attempt: consuming Attempt,
        _ held: Held,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        let reply: ChatReply
        do throws(Fault) {
            reply = try ChatReply(held.body, with: self.reader)
        } catch {
            // Nothing was sent on. The provider may bill what it sent, whatever it was.
            let fault = Fault(error.code, from: error.origin, retry: attempt.retryIfBilled, error.message)
            self.fail(attempt, fault, .init(.failed, .unseen), at: now, &out)
            return
        }
        let result = reply.result
        let settlement = attempt.settlement(of: result)
        var head = self.replyHead(held.head, for: attempt, at: now)
        if !settlement.isUnconfirmed { head.fields.add("martlet-cost-usd", settlement.cost.dollars) }
        head.fields.add("content-length", String(held.body.readableBytes))
        self.settle(attempt, result, isLast: true, at: now, &out)
        if self.client.isListening {
            out.append(.replyHead(head))
            out.append(.replyBody(held.body))
            out.append(.replyEnd(isWholeRequestRead: true))
            out.append(.flush)
        }
        out.append(.settled)
    }

    private mutating func endWhole(
        _ attempt: consuming Attempt,
        _ relay: Relay,
        _ kept: ByteBuffer?,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        var reply: ChatReply?
        if let kept {
            do { reply = try ChatReply(kept, with: self.reader) } catch {
                reply = nil  // what follows says so: cut, or without a count
            }
        }
        guard reply != nil || relay.head.isDelimited else {
            // Only the text itself could have said that it is whole.
            self.breakOff(attempt, relay, .broken("in the middle of its answer"), .cut, at: now, &out)
            return
        }
        let result = reply?.result ?? Result(.answered, .unseen)
        self.settle(attempt, result, isLast: true, at: now, &out)
        if self.client.isListening {
            out.append(.replyEnd(isWholeRequestRead: true))
            out.append(.flush)
        }
        out.append(.settled)
    }

    mutating func failRefused(
        _ attempt: consuming Attempt,
        _ held: Held,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        let error = UpstreamError(
            status: held.head.status,
            retryAfter: held.head.fields["retry-after"],
            date: held.head.fields["date"],
            body: held.body,
            with: self.reader
        )
        self.fail(
            attempt,
            error.fault,
            error.mayBeBilled ? .init(.timedOut, .unseen) : .init(.failed, .refused),
            retryAfterSeconds: error.retryAfterSeconds,
            at: now,
            &out
        )
    }

    // MARK: - Streams

    private mutating func pass(
        _ bytes: ByteBuffer,
        of relay: Relay,
        in attempt: consuming Attempt,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        relay.scanner.feed(bytes)
        do throws(Fault) {
            while let event = try relay.scanner.next() {
                switch relay.chat.take(event, with: self.reader) {
                case .pass(let bytes):
                    if !relay.isBegun { self.beginReply(attempt, relay, &out) }
                    self.passOn(bytes, &out)
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
            self.breakOff(attempt, relay, error, .failed, at: now, &out)
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
        if self.client.isListening {
            out.append(.replyEnd(isWholeRequestRead: true))
            out.append(.flush)
        }
        out.append(.settled)
    }

    private mutating func endStream(
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
        if self.client.isListening {
            switch relay.kind {
            case .stream:
                out.append(.replyBody(ErrorBody.event(fault)))
                out.append(.replyEnd(isWholeRequestRead: true))
                out.append(.flush)
            case .whole: out.append(.cutReply)
            }
        }
        out.append(.settled)
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

    // MARK: - Towards the caller

    /// From here on there is no other model to try.
    func beginReply(_ attempt: borrowing Attempt, _ relay: Relay, _ out: inout ExchangeActions) {
        relay.isBegun = true
        attempt.admission.dropRequest()
        out.append(.dropBody)
        guard self.client.isListening else { return }
        var head = self.replyHead(relay.head, for: attempt, at: relay.lastByte)
        switch relay.kind {
        case .stream: head.fields.add("cache-control", "no-cache")
        case .whole:
            if let length = relay.head.fields["content-length"] { head.fields.add("content-length", length) }
        }
        out.append(.replyHead(head))
    }

    func passOn(_ bytes: ByteBuffer, _ out: inout ExchangeActions) {
        if self.client.isListening { out.append(.replyBody(bytes)) }
    }

    func deadline(of relay: Relay, in attempt: borrowing Attempt) -> Tick {
        let total = self.origin.arrived.advanced(milliseconds: attempt.admission.plan.timeouts.total)
        guard relay.isBegun || attempt.firstByte != nil else { return min(attempt.deadline, total) }
        // While the caller does not take what is here, the provider is not asked for more.
        if self.client == .listening(isWritable: false) { return total }
        return min(relay.lastByte.advanced(milliseconds: attempt.admission.plan.timeouts.betweenChunks), total)
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

extension ChatReply {
    fileprivate var result: LiveExchange.Result {
        // Whole, but without a count: its length is not known.
        let ending: Settlement.Ending = self.tokens == .unknown ? .unseen : .providerCount(self.tokens)
        return LiveExchange.Result(.answered, ending, providerRequest: self.id)
    }
}

extension ReplyHead {
    fileprivate var isEventStream: Bool {
        guard let index = self.fields.index(of: "content-type") else { return false }
        return self.fields.hasValue("text/event-stream", endedBy: [UInt8(ascii: ";"), UInt8(ascii: " ")], at: index)
    }
}
