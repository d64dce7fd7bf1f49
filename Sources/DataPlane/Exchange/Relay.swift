internal import Dialects
internal import Domain
internal import NIOCore

/// Step 5, Relay: what the provider sends, on its way to the caller.
extension LiveExchange {
    mutating func replied(_ head: ReplyHead, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .waiting(var attempt):
            attempt.status = UInt32(clamping: head.status)
            // What comes first of the answer may take as long as its head might have: some providers send that at once.
            if (200..<300).contains(head.status), head.isEventStream {
                let relay = Relay(head, .stream, asksForUsage: attempt.admission.asksForUsage, at: now)
                self.state = .relaying(attempt, relay)
            } else {
                self.state = .holding(attempt, Held(head: head))
            }
        case let other: self.state = other
        }
    }

    mutating func replied(_ bytes: ByteBuffer, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .holding(var attempt, var held):
            attempt.deadline = self.deadline(in: attempt.admission.plan.timeouts.betweenChunks, attempt.admission, now)
            if attempt.firstByte == nil {
                attempt.firstByte = now
                out.append(.wake(at: attempt.deadline))
            }
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

    /// The reply is over, and with it the exchange.
    func endReply(_ out: inout ExchangeActions) {
        if self.client.isListening {
            out.append(.replyEnd(isWholeRequestRead: true))
            out.append(.flush)
        }
        out.append(.settled)
    }

    func deadline(of relay: Relay, in attempt: borrowing Attempt) -> Tick {
        let total = self.origin.arrived.advanced(milliseconds: attempt.admission.plan.timeouts.total)
        guard relay.isBegun || attempt.firstByte != nil else { return min(attempt.deadline, total) }
        // While the caller does not take what is here, the provider is not asked for more.
        if self.client == .listening(isWritable: false) { return total }
        return min(relay.lastByte.advanced(milliseconds: attempt.admission.plan.timeouts.betweenChunks), total)
    }
}

extension ReplyHead {
    fileprivate var isEventStream: Bool {
        guard let index = self.fields.index(of: "content-type") else { return false }
        return self.fields.hasValue("text/event-stream", endedBy: [UInt8(ascii: ";"), UInt8(ascii: " ")], at: index)
    }
}
