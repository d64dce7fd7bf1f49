import Domain
import NIOCore
import Testing

@testable import DataPlane

@Suite struct AttemptTests {
    private static func two(retryBilled: Bool = false, timeouts: Timeouts = Timeouts()) throws -> Snapshot {
        try .fixture(providers: [.fixture("one"), .fixture("two")], timeouts: timeouts, retryBilled: retryBilled)
    }

    @Test func `the provider gets the body, our credential and an allow-list of headers, never the caller's key`()
        throws
    {
        let bench = try ExchangeBench(
            .fixture(providers: [.fixture(url: "http://localhost:81/base/v1")]),
            credentials: FixedCredentials(answers: ["one": .value("sk-ours")])
        )
        bench.request(
            Chat.request(),
            [
                "authorization": "Bearer \(goodKey)", "cookie": "a=b", "openai-organization": "org",
                "content-type": "application/json", "user-agent": "test", "x-stainless-lang": "python",
                "openai-beta": "x", "accept-encoding": "gzip", "x-forwarded-for": "::1", "host": "node",
            ]
        )
        bench.opened()
        let request = try #require(bench.sent.first)
        #expect(request.head.target == "/base/v1/chat/completions" && request.head.method == "POST")
        #expect(
            Set(request.head.fields.indices.map { request.head.fields.name(at: $0) }) == [
                "host", "content-type", "user-agent", "x-stainless-lang", "openai-beta", "accept-encoding",
                "content-length", "authorization",
            ]
        )
        #expect(request.head.fields["host"] == "localhost:81")
        #expect(request.head.fields["authorization"] == "Bearer sk-ours")
        #expect(request.head.fields["accept-encoding"] == "identity")
        #expect(request.head.fields["content-length"] == "\(request.body.utf8.count)")
        #expect(request.body.contains(#""model":"upstream-one""#) && request.body.contains(#""max_tokens":1024"#))
        #expect(!request.body.contains(goodKey))
    }

    @Test func `the next model is tried when one cannot be reached, is not trusted, or says 404, 408, 409, 429 or 5xx`()
        throws
    {
        let failures: [(String, (ExchangeBench) -> Void)] =
            [
                ("unreachable", { $0.connectFailed() }), ("untrusted", { $0.connectFailed(.untrusted) }),
                ("too many", { $0.connectFailed(.tooMany) }),
                ("connect timeout", { $0.wake(afterMilliseconds: 5_000) }),
            ]
            + [404, 408, 409, 429, 500, 502, 503, 504, 524, 529].map { status in
                (
                    "\(status)",
                    { bench in
                        bench.opened()
                        bench.replied(status)
                        bench.repliedBody(#"{"error":{"message":"no"}}"#)
                        bench.repliedEnd()
                    }
                )
            } + [
                (
                    "closed before an answer",
                    {
                        $0.opened()
                        $0.broke()
                    }
                )
            ]
        for (what, fail) in failures {
            let bench = try ExchangeBench(Self.two())
            bench.request(Chat.request())
            fail(bench)
            #expect(bench.connects.count == 2 && bench.head == nil, "\(what)")
            bench.opened()
            #expect(bench.sent.last?.body.contains("upstream-two") == true, "\(what)")
            bench.replied(200, ["content-type": "application/json"])
            bench.repliedBody(Chat.reply)
            bench.repliedEnd()
            bench.checkSettled()
            #expect(bench.head?.status == 200 && bench.body == Chat.reply, "\(what)")
            #expect(bench.head?.fields["martlet-attempts"] == "2" && bench.head?.fields["martlet-model"] == "two/small")
            #expect(bench.ended.map(\.isLast) == [false, true], "\(what)")
            #expect(bench.ended.last?.outcome == .answered)
        }
    }

    @Test func `what the caller's body caused is passed on, without another try`() throws {
        for status in [400, 413, 415, 422] {
            let bench = try ExchangeBench(Self.two())
            bench.request(Chat.request())
            bench.opened()
            bench.replied(status)
            bench.repliedBody(#"{"error":{"message":"your body","code":"x"}}"#)
            bench.repliedEnd()
            bench.checkSettled()
            #expect(bench.head?.status == status && bench.body.contains("your body"), "\(status)")
            #expect(bench.ended.map(\.outcome) == [.failed] && bench.ended.first?.cost == .zero)
            #expect(bench.ended.first?.isUnconfirmed == false && bench.ended.first?.upstreamStatus == UInt32(status))
        }
    }

    @Test func `a model that no provider knows is passed on as such once all were asked`() throws {
        let bench = try ExchangeBench(Self.two())
        bench.request(Chat.request())
        for _ in 0..<2 {
            bench.opened()
            bench.replied(404)
            bench.repliedBody(#"{"error":{"message":"no such model"}}"#)
            bench.repliedEnd()
        }
        bench.checkSettled()
        #expect(bench.head?.status == 404 && bench.body.contains("no such model"))
    }

    @Test func `a provider's own time-out may be billed, and the next model is tried all the same`() throws {
        for status in [504, 524] {
            let bench = try ExchangeBench(Self.two())
            bench.request(Chat.request())
            bench.opened()
            bench.replied(status)
            bench.repliedEnd()
            let event = try #require(bench.ended.first)
            #expect(event.outcome == .timedOut && event.isUnconfirmed && event.cost == bench.begun.first?.cost)
            #expect(event.code == .upstreamTimeout && bench.connects.count == 2)
            bench.connectFailed()
            bench.checkSettled()
            #expect(bench.head?.fields["x-should-retry"] == "false")
        }
        let early = try ExchangeBench(Self.two())
        early.request(Chat.request())
        early.opened()
        early.replied(408)
        early.repliedEnd()
        #expect(early.ended.first?.cost == .zero && early.connects.count == 2)
    }

    @Test func `the provider hears that the body is JSON, whatever the caller called it`() throws {
        let bench = try ExchangeBench(.fixture())
        bench.request(Chat.request(), ["x-api-key": goodKey, "content-type": "text/plain"])
        bench.opened()
        #expect(bench.sent.first?.head.fields.joined("content-type") == "application/json")
    }

    @Test func `when every attempt failed the caller hears of the last one`() throws {
        let cases: [(Int, Fields, Int, String)] = [
            (429, ["retry-after": "7"], 429, "upstream_rate_limited"), (500, [:], 502, "upstream_error"),
            (401, [:], 502, "upstream_error"), (529, [:], 503, "overloaded"),
        ]
        for (status, fields, ours, code) in cases {
            let bench = try ExchangeBench(Self.two())
            bench.request(Chat.request())
            for _ in 0..<2 {
                bench.opened()
                bench.replied(status, fields)
                bench.repliedEnd()
            }
            bench.checkSettled()
            #expect(bench.head?.status == ours && bench.head?.fields["martlet-error"] == code, "\(status)")
            #expect(bench.head?.fields["martlet-attempts"] == "2")
            if status == 429 { #expect(bench.head?.fields["retry-after"] == "7") }
            #expect(bench.head?.fields["x-should-retry"] == (ours == 502 ? "false" : nil))
        }
    }

    @Test func `a timeout after the body was sent is tried again only where the route says so`() throws {
        for retryBilled in [false, true] {
            let bench = try ExchangeBench(Self.two(retryBilled: retryBilled, timeouts: Timeouts(firstByteWhole: 1_000)))
            bench.request(Chat.request())
            bench.opened()
            bench.wake(afterMilliseconds: 999)
            #expect(bench.connects.count == 1)
            bench.wake(afterMilliseconds: 1)
            #expect(bench.connects.count == (retryBilled ? 2 : 1))
            let event = try #require(bench.ended.first)
            #expect(event.outcome == .timedOut && event.isUnconfirmed && event.cost > .zero)
            if retryBilled {
                bench.connectFailed()
            } else {
                #expect(bench.head?.status == 504 && bench.head?.fields["martlet-error"] == "upstream_timeout")
            }
            #expect(bench.head?.fields["x-should-retry"] == "false", "an attempt may have been billed")
            bench.checkSettled()
        }
    }

    @Test func `the time for a stream's first byte is its own, and the exchange's end bounds every wait`() throws {
        let timeouts = Timeouts(firstByteStreamed: 500, firstByteWhole: 9_000, total: 700)
        let stream = try ExchangeBench(.fixture(timeouts: timeouts))
        stream.request(Chat.request(stream: true))
        stream.opened()
        stream.wake(afterMilliseconds: 500)
        #expect(stream.head?.status == 504)
        let whole = try ExchangeBench(.fixture(timeouts: timeouts))
        whole.request(Chat.request())
        whole.opened()
        whole.wake(afterMilliseconds: 699)
        #expect(whole.head == nil)
        whole.wake(afterMilliseconds: 1)
        #expect(whole.head?.status == 504)
    }

    @Test func `a head that comes long before its body does not shorten the wait for it`() throws {
        let bench = try ExchangeBench(.fixture(timeouts: Timeouts(firstByteWhole: 100_000, betweenChunks: 10_000)))
        bench.request(Chat.request())
        bench.opened()
        bench.replied(200, ["content-type": "application/json"])
        bench.wake(afterMilliseconds: 99_999)
        #expect(bench.head == nil)
        bench.repliedBody("{")
        #expect(bench.wakes.last == bench.now.advanced(milliseconds: 10_000))
        bench.wake(afterMilliseconds: 9_999)
        #expect(bench.head == nil)
        bench.wake(afterMilliseconds: 1)
        #expect(bench.head?.status == 504)
        bench.checkSettled()
    }

    @Test func `a stale connection is replaced once by a fresh one, within the same attempt`() throws {
        let bench = try ExchangeBench(.fixture())
        bench.request(Chat.request())
        bench.opened(isReused: true)
        bench.broke()
        #expect(bench.connects.map(\.wanted) == [.any, .fresh] && bench.begun.count == 1)
        bench.opened()
        #expect(bench.sent.count == 2 && bench.sent[0].body == bench.sent[1].body)
        bench.broke()
        #expect(bench.connects.count == 2 && bench.head?.status == 502)
        #expect(bench.ended.count == 1)
        bench.checkSettled()
    }

    @Test func `a provider that has begun to answer, or whose caller has gone, is not asked a second time`() throws {
        let answering = try ExchangeBench(.fixture())
        answering.request(Chat.request())
        answering.opened(isReused: true)
        answering.broke(isSilent: false)
        #expect(answering.connects.count == 1 && answering.head?.status == 502)
        #expect(answering.ended.map(\.isUnconfirmed) == [true])
        answering.checkSettled()
        let alone = try ExchangeBench(.fixture())
        alone.request(Chat.request())
        alone.opened(isReused: true)
        alone.hangUp()
        alone.broke()
        #expect(alone.connects.count == 1 && alone.ended.count == 1)
        alone.checkSettled()
    }

    @Test func `a used connection that breaks late was not stale`() throws {
        let bench = try ExchangeBench(.fixture())
        bench.request(Chat.request())
        bench.opened(isReused: true)
        bench.wake(afterMilliseconds: 1_001)
        bench.broke()
        #expect(bench.connects.count == 1 && bench.head?.status == 502)
        bench.checkSettled()
    }

    @Test func `models without a credential are passed over, and none at all is an upstream fault`() throws {
        let passed = try ExchangeBench(Self.two(), credentials: FixedCredentials(answers: ["one": .missing]))
        passed.request(Chat.request())
        passed.opened()
        #expect(passed.sent.first?.body.contains("upstream-two") == true)
        let none = try ExchangeBench(
            Self.two(),
            credentials: FixedCredentials(answers: ["one": .missing, "two": .missing])
        )
        none.request(Chat.request())
        #expect(none.head?.status == 502 && none.connects.isEmpty)
        none.checkSettled()
    }

    @Test func `the worst case is noted before the first byte goes out`() throws {
        let bench = try ExchangeBench(.fixture())
        let text = Chat.request(more: #","max_tokens":100,"n":2"#)
        bench.request(text)
        #expect(bench.begun.isEmpty)
        bench.opened()
        let noted = try #require(bench.begun.first)
        #expect(noted.outcome == .lost && noted.isUnconfirmed)
        #expect(noted.cost.nanoDollars == Int64(text.utf8.count) * 1_000 + 200 * 2_000)
    }
}
