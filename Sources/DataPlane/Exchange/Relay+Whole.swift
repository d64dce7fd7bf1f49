internal import Dialects
internal import Domain
internal import NIOCore

/// Whole replies: short ones are held, read and told with their cost; longer ones pass, with a copy kept for their count.
extension LiveExchange {
    mutating func hold(
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

    func keep(_ bytes: ByteBuffer, _ kept: consuming ByteBuffer?) -> ByteBuffer? {
        guard var kept, kept.readableBytes + bytes.readableBytes <= self.rules.bounds.readableMax else { return nil }
        kept.writeImmutableBuffer(bytes)
        return kept
    }

    mutating func answerWhole(
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
        }
        self.endReply(&out)
    }

    mutating func endWhole(
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
        self.endReply(&out)
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
}

extension ChatReply {
    fileprivate var result: LiveExchange.Result {
        // Whole, but without a count: its length is not known.
        let ending: Settlement.Ending = self.tokens == .unknown ? .unseen : .providerCount(self.tokens)
        return LiveExchange.Result(.answered, ending, providerRequest: self.id)
    }
}
