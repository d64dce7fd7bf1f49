import Dialects
import Domain
import NIOCore
import Testing

@testable import DataPlane

@Suite struct ArriveAndAdmitTests {
    @Test func `every vendor's header carries the key`() throws {
        let headers: [Fields] = [
            ["authorization": "Bearer \(goodKey)"], ["authorization": "bearer   \(goodKey)"], ["x-api-key": goodKey],
            ["api-key": goodKey], ["x-goog-api-key": goodKey],
            ["x-api-key": goodKey, "authorization": "Bearer \(goodKey)"],
        ]
        for fields in headers {
            let bench = try ExchangeBench(.fixture())
            bench.arrive("GET", "/v1/models", fields)
            bench.end()
            #expect(bench.head?.status == 200, "\(fields)")
            bench.checkSettled()
        }
    }

    @Test func `no key, an unknown key, a revoked key and two keys are 401 and no event`() throws {
        let cases: [(Fields, Bool)] = [
            ([:], false), (["authorization": "Basic \(goodKey)"], false), (["x-api-key": "mk_other"], false),
            (["x-api-key": goodKey, "api-key": "mk_other"], false), (["x-api-key": goodKey], true),
        ]
        for (fields, revoked) in cases {
            let bench = try ExchangeBench(.fixture(revoked: revoked))
            bench.request(Chat.request(), fields)
            #expect(bench.head?.status == 401)
            #expect(bench.head?.fields["martlet-error"] == "invalid_api_key")
            #expect(bench.denied.isEmpty && bench.begun.isEmpty)
            bench.checkSettled()
        }
    }

    @Test func `each request on a connection is judged by its own key and its own snapshot`() throws {
        let lookup = ApplicationLookup(KnownTokens(JSONReader()))
        let requests: [(key: String, isRevoked: Bool, status: Int)] = [
            ("mk_other", false, 401), (goodKey, false, 200), (goodKey, false, 200), (goodKey + "x", false, 401),
            (String(goodKey.dropLast()), false, 401), (goodKey, true, 401), (goodKey, false, 200), ("", false, 401),
            (String(repeating: "k", count: 9_000), false, 401), (goodKey, false, 200),
        ]
        for (key, isRevoked, status) in requests {
            let bench = try ExchangeBench(.fixture(revoked: isRevoked), lookup: lookup)
            bench.arrive("GET", "/v1/models", ["x-api-key": key])
            bench.end()
            #expect(bench.head?.status == status, "\(key), revoked: \(isRevoked)")
        }
    }

    @Test func `unknown paths are 404, wrong methods 405, a node without a snapshot says 503`() throws {
        let cases: [(String, String, Int, String)] = [
            ("POST", "/v1/chat/completion", 404, "invalid_request"), ("GET", "/", 404, "invalid_request"),
            ("GET", "/v1/chat/completions", 405, "invalid_request"), ("DELETE", "/v1/models", 405, "invalid_request"),
            ("GET", "/v1/models/", 404, "invalid_request"), ("GET", "/v1/models/a%2", 404, "invalid_request"),
        ]
        for (method, target, status, code) in cases {
            let bench = try ExchangeBench(.fixture())
            bench.arrive(method, target)
            bench.end()
            #expect(bench.head?.status == status, "\(method) \(target)")
            #expect(bench.head?.fields["martlet-error"] == code)
            #expect(bench.head?.fields["allow"] == (status == 405 ? (method == "GET" ? "POST" : "GET, HEAD") : nil))
            bench.checkSettled()
        }
        let bench = try ExchangeBench(nil)
        bench.request(Chat.request())
        #expect(bench.head?.status == 503)
        #expect(bench.head?.fields["martlet-error"] == "not_ready")
        #expect(bench.head?.fields["retry-after"] == "5")
    }

    @Test func `query items are ignored`() throws {
        let bench = try ExchangeBench(.fixture())
        bench.arrive("POST", "/v1/chat/completions?api-version=2")
        bench.body(Chat.request())
        bench.end()
        #expect(bench.upstream == .connecting)
    }

    @Test func `lists what the key may ask for, and one of it by its name, plain or escaped`() throws {
        let list = try ExchangeBench(.fixture(providers: [.fixture("one"), .fixture("two")]))
        list.arrive("GET", "/v1/models")
        list.end()
        #expect(list.body.contains(#""id":"assistant""#) && list.body.contains(#""id":"one/small""#))
        #expect(!list.body.contains("two/small") && !list.body.contains("forbidden"))
        for target in ["/v1/models/one/small", "/v1/models/one%2Fsmall", "/v1/models/one%2fsmall"] {
            let bench = try ExchangeBench(.fixture())
            bench.arrive("GET", target)
            bench.end()
            #expect(bench.head?.status == 200 && bench.body.contains(#""id":"one/small""#), "\(target)")
        }
        let other = try ExchangeBench(.fixture())
        other.arrive("GET", "/v1/models/two/small")
        other.end()
        #expect(other.head?.status == 404 && other.head?.fields["martlet-error"] == "model_not_found")
    }

    @Test func `a compressed body is 415 and an event, because the key is valid`() throws {
        let bench = try ExchangeBench(.fixture())
        bench.request(Chat.request(), ["x-api-key": goodKey, "content-encoding": "gzip", "martlet-task": "legal"])
        #expect(bench.head?.status == 415)
        #expect(bench.denied.map(\.code) == [.unsupportedEncoding])
        #expect(bench.denied.first?.caller.task == "legal")
        bench.checkSettled()
    }

    @Test func `a body may be as long as its bound and not a byte longer`() throws {
        let text = Chat.request()
        var bounds = ExchangeBounds()
        bounds.bodyMax = text.utf8.count
        let exact = try ExchangeBench(.fixture(), bounds: bounds)
        exact.request(text)
        #expect(exact.upstream == .connecting)

        bounds.bodyMax -= 1
        let counted = try ExchangeBench(.fixture(), bounds: bounds)
        counted.request(text)
        #expect(counted.head?.status == 413 && counted.closesConnection)
        #expect(counted.denied.map(\.code) == [.requestTooLarge])
        counted.checkSettled()

        let promised = try ExchangeBench(.fixture(), bounds: bounds)
        promised.arrive("POST", "/v1/chat/completions", ["x-api-key": goodKey, "content-length": "\(text.utf8.count)"])
        promised.end()
        #expect(promised.head?.status == 413)
        promised.checkSettled()
    }

    @Test func `consent is given to a body that will be read, and only to that`() throws {
        let good = try ExchangeBench(.fixture())
        good.arrive("POST", "/v1/chat/completions", ["x-api-key": goodKey, "expect": "100-continue"])
        #expect(good.proceeds == 1 && good.head == nil)
        let bad = try ExchangeBench(.fixture())
        bad.arrive("POST", "/v1/chat/completions", ["x-api-key": "mk_other", "expect": "100-continue"])
        #expect(bad.proceeds == 0 && bad.head?.status == 401 && bad.closesConnection)
        bad.checkSettled()
        // HTTP/1.0 knows no interim replies; its body comes without being asked for.
        let old = try ExchangeBench(.fixture())
        old.arrive(
            "POST",
            "/v1/chat/completions",
            ["x-api-key": goodKey, "expect": "100-continue"],
            takesChunks: false
        )
        #expect(old.proceeds == 0 && old.head == nil)
        // Who waits for consent and finds no place does not send; nobody waits for its body.
        let full = try ExchangeBench(.fixture())
        full.arrive("POST", "/v1/chat/completions", ["x-api-key": goodKey, "expect": "100-continue"])
        full.foundNo(.places)
        #expect(full.head?.status == 503 && full.closesConnection)
        full.checkSettled()
    }

    @Test func `a refused body is read off if it is short, and not waited for if it is long`() throws {
        var bounds = ExchangeBounds()
        bounds.discardMax = 100
        let short = try ExchangeBench(.fixture(), bounds: bounds)
        short.arrive("POST", "/nowhere")
        short.body(String(repeating: "x", count: 100))
        #expect(short.head == nil)
        short.end()
        #expect(short.head?.status == 404 && !short.closesConnection)
        let long = try ExchangeBench(.fixture(), bounds: bounds)
        long.arrive("POST", "/nowhere")
        long.body(String(repeating: "x", count: 101))
        #expect(long.head?.status == 404 && long.closesConnection)
        long.checkSettled()
    }

    @Test func `a slow sender is told so, and a full node too`() throws {
        let slow = try ExchangeBench(.fixture())
        slow.arrive()
        slow.wake(afterMilliseconds: 59_999)
        #expect(slow.head == nil && slow.wakes.last == slow.wakes.first)
        slow.wake(afterMilliseconds: 1)
        #expect(slow.head?.status == 408 && slow.head?.fields["martlet-error"] == "request_timeout")
        slow.checkSettled()
        let full = try ExchangeBench(.fixture())
        full.arrive()
        full.foundNo(.memory)
        #expect(full.head?.status == 503 && full.head?.fields["retry-after"] == "2")
        full.checkSettled()
    }

    @Test func `who finds no place is told so once the request is here, and may go on with the connection`() throws {
        let cases: [(Lack, Int, String)] = [
            (.places, 503, "overloaded"), (.time, 503, "overloaded"),
            (.placesOfApplication, 429, "rate_limit_exceeded"),
        ]
        for (lack, status, code) in cases {
            let bench = try ExchangeBench(.fixture())
            bench.arrive()
            #expect(bench.occupied?.text == "key-1")
            bench.foundNo(lack)
            bench.body(Chat.request())
            #expect(bench.head == nil)
            bench.end()
            #expect(bench.head?.status == status && bench.head?.fields["martlet-error"] == code, "\(lack)")
            #expect(bench.head?.fields["retry-after"] != nil && !bench.closesConnection)
            #expect(bench.denied.map(\.code) == [Fault.Code(rawValue: code)])
            bench.checkSettled()
        }
        let stranger = try ExchangeBench(.fixture())
        stranger.arrive("POST", "/v1/chat/completions", [:])
        #expect(stranger.occupied == nil)
    }

    @Test func `what is decided against is answered and an event, with its route where it is known`() throws {
        let cases: [(String, Int, Fault.Code)] = [
            ("{", 400, .invalidRequest), (Chat.request(model: "forbidden"), 403, .modelNotAllowed),
            (Chat.request(model: "nowhere"), 404, .modelNotFound),
            (Chat.request(more: #","model":"x""#), 400, .invalidRequest),
        ]
        for (text, status, code) in cases {
            let bench = try ExchangeBench(.fixture())
            bench.request(text)
            #expect(bench.head?.status == status, "\(text)")
            #expect(bench.denied.map(\.code) == [code])
            #expect(bench.denied.first?.attempt == 0 && bench.denied.first?.cost == .zero)
            #expect(bench.denied.first?.target.route?.text == (status == 403 ? "forbidden" : nil))
            bench.checkSettled()
        }
    }

    @Test func `every reply names its request, its snapshot and its code`() throws {
        let bench = try ExchangeBench(.fixture())
        bench.request("{")
        let fields = try #require(bench.head?.fields)
        let names: [FieldName] = ["martlet-request-id", "x-request-id", "request-id"]
        for name in names { #expect(fields[name] == "01exchange") }
        #expect(fields["martlet-snapshot"] == "42.57")
        #expect(fields["content-length"] == "\(bench.body.utf8.count)")
        #expect(fields["content-type"] == "application/json")
    }
}
