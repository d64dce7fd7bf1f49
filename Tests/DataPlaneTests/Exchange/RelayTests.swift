import Dialects
import Domain
import NIOCore
import Testing

@testable import DataPlane

@Suite struct RelayTests {
    private static func waiting(
        stream: Bool,
        more: String = "",
        hangUp: Route.HangUp = .drain,
        retryBilled: Bool = false,
        timeouts: Timeouts = Timeouts(),
        bounds: ExchangeBounds = .init()
    ) throws -> ExchangeBench {
        let snapshot = try Snapshot.fixture(timeouts: timeouts, retryBilled: retryBilled, hangUp: hangUp)
        let bench = try ExchangeBench(snapshot, bounds: bounds)
        bench.request(
            Chat.request(stream: stream, more: more),
            ["x-api-key": goodKey, "martlet-task": "legal", "martlet-metadata": "user=ann, a=b"]
        )
        bench.opened()
        return bench
    }

    // MARK: - Whole replies

    @Test func `a whole reply passes unchanged, with its cost, and is counted once`() throws {
        let bench = try Self.waiting(stream: false)
        bench.now = bench.now.advanced(milliseconds: 250)
        bench.replied(200, ["content-type": "application/json", "x-request-id": "theirs", "set-cookie": "a=b"])
        bench.repliedBody(String(Chat.reply.prefix(40)))
        bench.repliedBody(String(Chat.reply.dropFirst(40)))
        #expect(bench.head == nil)
        bench.repliedEnd()
        bench.checkSettled()
        let fields = try #require(bench.head?.fields)
        #expect(bench.body == Chat.reply && bench.looksWhole)
        #expect(fields["martlet-cost-usd"] == Chat.replyCost)
        #expect(fields["martlet-model"] == "one/small" && fields["martlet-provider"] == "one")
        #expect(fields["martlet-attempts"] == "1" && fields["x-request-id"] == "01exchange")
        #expect(fields["server-timing"] == "node;dur=0.000, provider;dur=250.000")
        #expect(fields["set-cookie"] == nil)
        let event = try #require(bench.ended.first)
        #expect(event.tokens == TokenCounts(input: 10, cachedInput: nil, output: 5) && event.tokenSource == .provider)
        #expect(event.cost.dollars == Chat.replyCost && event.outcome == .answered && !event.isUnconfirmed)
        #expect(event.caller.task == "legal" && event.caller.user == "ann" && event.caller.metadata == ["a": "b"])
        #expect(event.target.route?.text == "assistant" && event.target.priceVersion == 3)
        #expect(event.target.providerRequest == "chatcmpl-1" && event.upstreamStatus == 200)
        #expect(event.latency == .init(firstToken: 250_000, provider: 250_000, total: 250_000))
        #expect(event.snapshot == SnapshotVersion(epoch: 1, sequence: 42, headVersion: 57))
    }

    @Test func `a reply without a count is an answer whose cost is the worst case and not told`() throws {
        let bench = try Self.waiting(stream: false)
        bench.replied(200, ["content-type": "application/json"])
        bench.repliedBody(#"{"id":"x","choices":[{"message":{"content":"a"}}]}"#)
        bench.repliedEnd()
        #expect(bench.head?.status == 200 && bench.head?.fields["martlet-cost-usd"] == nil)
        #expect(bench.ended.first?.isUnconfirmed == true && bench.ended.first?.cost == bench.begun.first?.cost)
    }

    @Test func `a reply of exactly the bound is held, a longer one passes as it comes, and both are counted`() throws {
        var bounds = ExchangeBounds()
        bounds.heldMax = Chat.reply.utf8.count
        let held = try Self.waiting(stream: false, bounds: bounds)
        held.replied(200)
        held.repliedBody(Chat.reply)
        #expect(held.head == nil)
        bounds.heldMax -= 1
        let passing = try Self.waiting(stream: false, bounds: bounds)
        passing.replied(200, ["content-length": "\(Chat.reply.utf8.count)"])
        passing.repliedBody(Chat.reply)
        #expect(passing.head?.fields["content-length"] == "\(Chat.reply.utf8.count)" && passing.droppedBody)
        #expect(passing.head?.fields["martlet-cost-usd"] == nil && passing.body == Chat.reply)
        passing.repliedEnd()
        passing.checkSettled()
        #expect(passing.looksWhole && passing.ended.first?.cost.dollars == Chat.replyCost)
    }

    @Test func `a long reply that breaks is cut short, never ended`() throws {
        var bounds = ExchangeBounds()
        bounds.heldMax = 10
        let broken = try Self.waiting(stream: false, bounds: bounds)
        broken.replied(200)
        broken.repliedBody(String(Chat.reply.dropLast(5)))
        broken.broke()
        broken.checkSettled()
        #expect(broken.wasCut && !broken.hasEnded && broken.ended.first?.outcome == .cut)
        let undelimited = try Self.waiting(stream: false, bounds: bounds)
        undelimited.replied(200, [:], isDelimited: false)
        undelimited.repliedBody(String(Chat.reply.dropLast(5)))
        undelimited.repliedEnd()
        undelimited.checkSettled()
        #expect(undelimited.wasCut)
    }

    @Test func `a short reply without length is whole only if its JSON is`() throws {
        let whole = try Self.waiting(stream: false)
        whole.replied(200, [:], isDelimited: false)
        whole.repliedBody(Chat.reply)
        whole.repliedEnd()
        #expect(whole.looksWhole)
        let cut = try Self.waiting(stream: false)
        cut.replied(200, [:], isDelimited: false)
        cut.repliedBody(String(Chat.reply.dropLast(1)))
        cut.repliedEnd()
        cut.checkSettled()
        #expect(cut.head?.status == 502 && cut.ended.first?.isUnconfirmed == true)
    }

    @Test func `an absurd count costs no more than the model can make, and its cost is not told`() throws {
        for stream in [false, true] {
            let usage = #""usage":{"prompt_tokens":-5,"completion_tokens":9223372036854775807}"#
            let bench = try Self.waiting(stream: stream)
            if stream { bench.repliedStream() } else { bench.replied(200) }
            let answer = #"{"id":"x","choices":[],\#(usage)}"#
            bench.repliedBody(stream ? "data: \(answer)\n\n" + Chat.done : answer)
            if !stream { bench.repliedEnd() }
            bench.checkSettled()
            let event = try #require(bench.ended.first)
            #expect(event.tokens == TokenCounts(input: 0, output: 1_024) && event.isUnconfirmed)
            #expect(event.cost == Money(nanoDollars: 1_024 * 2_000))
            #expect(bench.head?.status == 200 && bench.head?.fields["martlet-cost-usd"] == nil)
        }
    }

    // MARK: - Streams

    @Test func `a stream passes event by event, without the usage that only we asked for`() throws {
        let bench = try Self.waiting(stream: true)
        #expect(bench.sent.first?.body.contains(#""include_usage":true"#) == true)
        bench.repliedStream()
        #expect(bench.head == nil)
        let text = Chat.chunk("Hel") + Chat.chunk("lo") + Chat.usage + Chat.done
        for byte in text.utf8.dropLast(3) { bench.repliedBody(String(decoding: [byte], as: UTF8.self)) }
        #expect(bench.head?.fields["content-type"] == "text/event-stream; charset=utf-8")
        #expect(bench.body == Chat.chunk("Hel") + Chat.chunk("lo"))
        bench.repliedBody(String(decoding: Array(text.utf8.suffix(3)), as: UTF8.self))
        bench.checkSettled()
        #expect(bench.body == Chat.chunk("Hel") + Chat.chunk("lo") + Chat.done && bench.looksWhole)
        #expect(bench.ended.first?.cost.dollars == Chat.replyCost && bench.ended.first?.outcome == .answered)
        #expect(bench.ended.first?.isStream == true && bench.droppedBody)
    }

    @Test func `a caller that asked for usage gets it`() throws {
        let bench = try Self.waiting(stream: true, more: #","stream_options":{"include_usage":true}"#)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a") + Chat.usage + Chat.done)
        #expect(bench.body == Chat.chunk("a") + Chat.usage + Chat.done)
    }

    @Test func `a stream that fails after its first byte ends with an error event and without the end marker`() throws {
        let endings: [(String, (ExchangeBench) -> Void, UsageEvent.Outcome)] = [
            ("broken", { $0.broke() }, .cut), ("ended without a marker", { $0.repliedEnd() }, .cut),
            ("the provider's own error", { $0.repliedBody(Chat.failure) }, .failed),
            ("silence", { $0.wake(afterMilliseconds: 60_000) }, .timedOut), ("the node stops", { $0.stop() }, .cut),
        ]
        for (what, end, outcome) in endings {
            let bench = try Self.waiting(stream: true)
            bench.repliedStream()
            bench.repliedBody(Chat.chunk("a") + Chat.chunk("b"))
            if outcome != .failed { bench.repliedBody("data: {\"half") }
            end(bench)
            bench.checkSettled()
            #expect(bench.body.hasPrefix(Chat.chunk("a") + Chat.chunk("b") + #"data: {"error":{"#), "\(what)")
            #expect(!bench.body.contains("[DONE]") && !bench.body.contains("half"), "\(what)")
            #expect(bench.hasEnded && !bench.looksWhole, "\(what)")
            let event = try #require(bench.ended.first)
            #expect(event.outcome == outcome && event.isUnconfirmed && event.tokenSource == .counted, "\(what)")
            #expect(event.tokens.output == 2, "\(what)")
        }
    }

    @Test func `an error as the first event leaves room for another model`() throws {
        let bench = try ExchangeBench(.fixture(providers: [.fixture("one"), .fixture("two")]))
        bench.request(Chat.request(stream: true))
        bench.opened()
        bench.repliedStream()
        bench.repliedBody(Chat.failure)
        #expect(bench.head == nil && bench.connects.count == 2)
        #expect(bench.ended.first?.cost == .zero && bench.ended.first?.isLast == false)
        bench.connectFailed()
        bench.checkSettled()
        #expect(bench.head?.status == 502)
    }

    @Test func `an error after a count, or an event too long to be read, is billed and tried again only if allowed`()
        throws
    {
        for retryBilled in [false, true] {
            let snapshot = try Snapshot.fixture(
                providers: [.fixture("one"), .fixture("two")],
                retryBilled: retryBilled
            )
            for isCounted in [true, false] {
                let bench = try ExchangeBench(snapshot)
                bench.request(Chat.request(stream: true))
                bench.opened()
                bench.repliedStream()
                if isCounted {
                    bench.repliedBody(Chat.usage + Chat.failure)
                } else {
                    bench.repliedBody("data: " + String(repeating: "x", count: EventScanner.eventLengthMax))
                }
                #expect(bench.connects.count == (retryBilled ? 2 : 1))
                let event = try #require(bench.ended.first)
                #expect(event.outcome == .failed && event.isUnconfirmed == !isCounted)
                if isCounted {
                    #expect(event.cost.dollars == Chat.replyCost)
                } else {
                    #expect(event.cost == bench.begun.first?.cost)
                }
                if retryBilled { bench.connectFailed() }
                bench.checkSettled()
                #expect(bench.head?.status == 502 && bench.head?.fields["x-should-retry"] == "false")
            }
        }
    }

    @Test func `silence is measured from the last chunk`() throws {
        let bench = try Self.waiting(stream: true)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a"))
        for _ in 0..<5 {
            bench.wake(afterMilliseconds: 59_000)
            #expect(!bench.hasEnded)
            bench.repliedBody(Chat.chunk("b"))
        }
    }

    @Test func `the wait between chunks begins with the first, however long that was waited for`() throws {
        let bench = try Self.waiting(
            stream: true,
            timeouts: Timeouts(firstByteStreamed: 300_000, betweenChunks: 10_000)
        )
        bench.repliedStream()
        let asked = bench.wakes.count
        bench.repliedBody(Chat.chunk("a"))
        let due = bench.now.advanced(milliseconds: 10_000)
        #expect(bench.wakes.dropFirst(asked).contains(due), "the shell is asked to look in time")
    }

    @Test func `a caller that takes its answer again does not hide a silent provider`() throws {
        let bench = try Self.waiting(stream: true)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a"))
        // More was asked for, and the caller is slow with what is here.
        bench.writable(false)
        bench.wake(afterMilliseconds: 59_000)
        let asked = bench.wakes.count
        bench.writable(true)
        #expect(bench.wakes.dropFirst(asked).contains(bench.now.advanced(milliseconds: 1_000)))
        bench.wake(afterMilliseconds: 1_000)
        #expect(bench.hasEnded && !bench.looksWhole)
    }

    @Test func `an event that does not end is broken off where there is no memory for it`() throws {
        let bench = try Self.waiting(stream: true)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a"))
        bench.repliedBody("data: " + String(repeating: "x", count: 60_000))
        #expect(bench.exchange.replyBytesHeld == 0, "that much is nothing to count")
        bench.repliedBody(String(repeating: "x", count: 60_000))
        #expect(bench.exchange.replyBytesHeld > 120_000)
        bench.foundNo(.places)
        #expect(!bench.hasEnded)
        bench.foundNo(.memory)
        #expect(bench.hasEnded && !bench.looksWhole && bench.body.contains("overloaded"))
        #expect(bench.ended.map(\.outcome) == [.failed])
        bench.checkSettled()
    }

    // MARK: - Back-pressure

    @Test func `the provider is read only while the client can take more`() throws {
        let bench = try Self.waiting(stream: true)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a"))
        let reads = bench.reads
        bench.paused()
        #expect(bench.reads == reads + 1)
        bench.writable(false)
        bench.repliedBody(Chat.chunk("b"))
        bench.paused()
        #expect(bench.reads == reads + 1, "nothing is asked for")
        bench.wake(afterMilliseconds: 100_000)
        #expect(!bench.hasEnded, "a slow client is not the provider's silence")
        bench.writable(true)
        #expect(bench.reads == reads + 2)
        bench.wake(afterMilliseconds: 59_999)
        #expect(!bench.hasEnded)
        bench.wake(afterMilliseconds: 1)
        #expect(bench.hasEnded && !bench.looksWhole)
    }

    // MARK: - Hang-ups

    @Test func `after a hang-up the answer is read on for its count`() throws {
        for stream in [false, true] {
            let bench = try Self.waiting(stream: stream)
            if stream { bench.repliedStream() } else { bench.replied(200) }
            bench.repliedBody(stream ? Chat.chunk("a") : String(Chat.reply.prefix(9)))
            if stream { bench.writable(false) }
            bench.paused()
            bench.hangUp()
            let reads = bench.reads
            bench.paused()
            #expect(bench.reads == reads + 1, "nobody is slow any more")
            bench.repliedBody(stream ? Chat.usage + Chat.done : String(Chat.reply.dropFirst(9)))
            if !stream { bench.repliedEnd() }
            bench.checkSettled()
            #expect(bench.ended.first?.outcome == .answered && bench.ended.first?.cost.dollars == Chat.replyCost)
        }
    }

    @Test func `a hung-up answer is not read for ever`() throws {
        let bench = try Self.waiting(stream: true)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a"))
        bench.hangUp()
        for _ in 0..<3 {
            bench.wake(afterMilliseconds: 19_000)
            bench.repliedBody(Chat.chunk("b"))
        }
        #expect(bench.ended.isEmpty)
        bench.wake(afterMilliseconds: 3_000)
        bench.checkSettled()
        #expect(bench.ended.first?.outcome == .cancelled && bench.ended.first?.isUnconfirmed == true)
        #expect(bench.ended.first?.tokens.output == 4)
    }

    @Test func `where the route says cancel, a hang-up ends the attempt at once`() throws {
        let bench = try Self.waiting(stream: true, hangUp: .cancel)
        bench.repliedStream()
        bench.repliedBody(Chat.chunk("a"))
        bench.hangUp()
        bench.checkSettled()
        #expect(bench.ended.first?.outcome == .cancelled && bench.ended.first?.tokens.output == 1)
        let early = try ExchangeBench(.fixture())
        early.request(Chat.request())
        early.hangUp()
        early.checkSettled()
        #expect(early.ended.first?.outcome == .cancelled && early.ended.first?.cost == .zero)
    }

    @Test func `after a hang-up no other model is asked`() throws {
        let bench = try ExchangeBench(.fixture(providers: [.fixture("one"), .fixture("two")]))
        bench.request(Chat.request())
        bench.opened()
        bench.hangUp()
        bench.replied(500)
        bench.repliedEnd()
        bench.checkSettled()
        #expect(bench.connects.count == 1)
    }
}
