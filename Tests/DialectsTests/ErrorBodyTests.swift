import Domain
import NIOCore
import Testing

@testable import Dialects

struct ErrorBodyTests {
    /// The contract's table: status, `error.type`, and whether SDKs are told not to repeat.
    private static let table: [Fault.Code: (status: Int, type: String, isFinal: Bool)] = [
        .invalidRequest: (400, "invalid_request_error", false),
        .contextLengthExceeded: (400, "invalid_request_error", false),
        .unsupportedState: (400, "invalid_request_error", false),
        .invalidAPIKey: (401, "invalid_request_error", false),
        .budgetExceeded: (402, "insufficient_quota", true),
        .modelNotAllowed: (403, "invalid_request_error", true),
        .policyDenied: (403, "invalid_request_error", true),
        .modelNotFound: (404, "invalid_request_error", false),
        .promptNotFound: (404, "invalid_request_error", false),
        .requestTimeout: (408, "server_error", false),
        .requestTooLarge: (413, "invalid_request_error", true),
        .unsupportedEncoding: (415, "invalid_request_error", false),
        .rateLimitExceeded: (429, "rate_limit_error", false),
        .upstreamRateLimited: (429, "rate_limit_error", false),
        .upstreamError: (502, "server_error", true),
        .upstreamTimeout: (504, "server_error", true),
        .notReady: (503, "server_error", false),
        .overloaded: (503, "server_error", false),
        .budgetUnavailable: (503, "server_error", false),
    ]

    private func header(_ name: String, _ body: ErrorBody) -> String? {
        body.headers.first { $0.name == name }?.value
    }

    @Test(arguments: Fault.Code.allCases) func `each code has its status, type and retry advice`(
        _ code: Fault.Code
    ) throws {
        let expected = try #require(Self.table[code])
        let body = ErrorBody(Fault(code, parameter: "model", "Say \"so\"\n"))
        #expect(body.status == expected.status)
        #expect(
            body.body.text
                == #"{"error":{"message":"Say \"so\"\n","type":"\#(expected.type)","param":"model","code":"\#(code.rawValue)"}}"#
        )
        #expect(self.header("martlet-error", body) == code.rawValue)
        #expect(self.header("content-type", body) == "application/json")
        #expect(self.header("x-should-retry", body) == (expected.isFinal ? "false" : nil))
        #expect((self.header("retry-after", body) != nil) == [429, 503].contains(expected.status))
        #expect(self.header("x-should-retry", ErrorBody(Fault(code, "x"), isBilled: true)) == "false")
    }

    @Test func `the wait that is asked of the caller is between one and sixty seconds`() {
        func wait(_ retry: Fault.Retry, _ upstream: Int?) -> String? {
            self.header("retry-after", ErrorBody(Fault(.overloaded, retry: retry, "x"), retryAfterSeconds: upstream))
        }
        #expect(wait(.never, nil) == "1")
        #expect(wait(.never, 7) == "7")
        #expect(wait(.later(afterSeconds: 9), 7) == "9")
        #expect(wait(.later(afterSeconds: 3_600), nil) == "60")
        #expect(wait(.later(afterSeconds: -1), nil) == "1")
    }

    @Test func `a stream's error is one event without an end marker`() {
        let event = ErrorBody.event(Fault(.upstreamError, "line\n\ndata: [DONE]\r\n"))
        #expect(
            event.text
                == "data: "
                + #"{"error":{"message":"line\n\ndata: [DONE]\r\n","type":"server_error","param":null,"code":"upstream_error"}}"#
                + "\n\n"
        )
    }
}

struct UpstreamErrorTests {
    private let reader = JSONReader()

    private func error(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> UpstreamError {
        UpstreamError(status: status, retryAfter: retryAfter, body: ByteBuffer(string: body), with: self.reader)
    }

    private static let told =
        #"{"error":{"message":"Bad temperature","type":"invalid_request_error","param":"temperature","code":"bad"}}"#

    @Test(arguments: [400, 404, 409, 413, 415, 422])
    func `what the caller's body caused is passed on with its status and message`(_ status: Int) {
        let fault = self.error(status, Self.told).fault
        #expect(fault.status == status)
        #expect(fault.message == "Bad temperature")
        #expect(fault.parameter == "temperature")
        #expect(fault.origin == .upstream)
        #expect(fault.retry == ([404, 409].contains(status) ? .onAnotherModel : .never))
        let body = ErrorBody(fault)
        #expect(body.status == status)
        #expect(body.body.text.contains(#""type":"invalid_request_error""#))
    }

    @Test func `our code says what kind of refusal it was`() {
        #expect(self.error(400, Self.told).fault.code == .invalidRequest)
        #expect(self.error(422, Self.told).fault.code == .invalidRequest)
        #expect(self.error(409, Self.told).fault.code == .invalidRequest)
        #expect(self.error(404, Self.told).fault.code == .modelNotFound)
        #expect(self.error(413, Self.told).fault.code == .requestTooLarge)
        #expect(self.error(415, Self.told).fault.code == .unsupportedEncoding)
        let long = #"{"error":{"message":"Too long","code":"context_length_exceeded"}}"#
        #expect(self.error(400, long).fault.code == .contextLengthExceeded)
        let llama =
            #"{"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_ctx":2048}}"#
        #expect(self.error(400, llama).fault.code == .contextLengthExceeded)
    }

    @Test func `a refused credential is our fault and its message stays here`() {
        for status in [401, 403] {
            let fault = self.error(status, #"{"error":{"message":"Incorrect API key provided: sk-abc"}}"#).fault
            #expect(fault.status == 502 && fault.code == .upstreamError && fault.retry == .onAnotherModel)
            #expect(!fault.message.contains("sk-abc"))
        }
    }

    @Test func `failures of the provider may be tried elsewhere and say what it said`() {
        let expected: [(Int, Fault.Code, Int)] = [
            (500, .upstreamError, 502), (502, .upstreamError, 502), (503, .upstreamError, 502),
            (504, .upstreamTimeout, 504), (524, .upstreamTimeout, 504),
            (599, .upstreamError, 502), (429, .upstreamRateLimited, 429), (529, .overloaded, 503),
            (408, .upstreamTimeout, 504), (302, .upstreamError, 502), (402, .upstreamError, 502),
            (405, .upstreamError, 502),
        ]
        for (status, code, ours) in expected {
            let fault = self.error(status, #"{"error":{"message":"We broke"}}"#).fault
            #expect(fault.code == code && fault.status == ours, "\(status)")
            #expect(fault.retry == .onAnotherModel, "\(status)")
            #expect(fault.message.contains("We broke"), "\(status)")
            #expect(self.error(status).mayBeBilled == [504, 524].contains(status), "\(status)")
        }
    }

    @Test func `any bytes will do for a body`() {
        for body in [
            "", "<html>", "[]", "{\"error\":7}", "{\"error\":null}", "{\"error\":{}}", "{\"error\":{\"message\":7}}",
            "{",
        ] {
            #expect(self.error(400, body).fault.status == 400, "\(body)")
            #expect(self.error(500, body).fault.message == "The provider answered with status 500.", "\(body)")
        }
        #expect(self.error(400, #"{"error":"No such thing"}"#).fault.message == "No such thing")
        #expect(self.error(400, #"{"object":"error","message":"Too many"}"#).fault.message == "Too many")
        #expect(self.error(400, #"{"detail":"Not good"}"#).fault.message == "Not good")
        let long = self.error(400, "{\"error\":{\"message\":\"\(String(repeating: "é", count: 5_000))\"}}").fault
        #expect(long.message.utf8.count < 2_100)
    }

    @Test func `the provider's wait is read within bounds`() {
        #expect(self.error(429, retryAfter: "5").retryAfterSeconds == 5)
        #expect(self.error(429, retryAfter: "86400").retryAfterSeconds == 60)
        #expect(self.error(429, retryAfter: "0").retryAfterSeconds == 1)
        #expect(self.error(429, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT").retryAfterSeconds == 10)
        #expect(self.error(429, retryAfter: "soon").retryAfterSeconds == nil)
        #expect(self.error(429, retryAfter: "99999999999999999999").retryAfterSeconds == nil)
        #expect(self.error(429).retryAfterSeconds == nil)
    }

    @Test func `a wait until a time counts from the provider's own date`() {
        func wait(_ until: String, since date: String) -> Int? {
            UpstreamError(status: 503, retryAfter: until, date: date, body: ByteBuffer(), with: self.reader)
                .retryAfterSeconds
        }
        #expect(wait("Wed, 21 Oct 2026 07:28:30 GMT", since: "Wed, 21 Oct 2026 07:28:00 GMT") == 30)
        #expect(wait("Fri, 01 Mar 2024 00:00:05 GMT", since: "Thu, 29 Feb 2024 23:59:50 GMT") == 15)
        #expect(wait("Fri, 01 Jan 2027 00:00:05 GMT", since: "Thu, 31 Dec 2026 23:59:58 GMT") == 7)
        #expect(wait("Wed, 21 Oct 2026 07:28:00 GMT", since: "Wed, 21 Oct 2026 07:28:09 GMT") == 1)
        #expect(wait("Wed, 21 Oct 2026 09:28:00 GMT", since: "Wed, 21 Oct 2026 07:28:00 GMT") == 60)
        #expect(wait("Wed, 21 Oct 2026 07:28:30 GMT", since: "yesterday") == 10)
        #expect(wait("Wed, 99 Oct 2026 07:28:30 GMT", since: "yesterday") == nil)
    }
}

struct ModelListTests {
    private let list = ModelList(
        [Offer(name: "assistant", owner: "martlet"), Offer(name: "local/smollm2", owner: "local")],
        created: Timestamp(unixMilliseconds: 1_700_000_000_999)
    )

    @Test func `lists what is offered in OpenAI's shape`() {
        #expect(
            self.list.body.text
                == #"{"object":"list","data":[{"id":"assistant","object":"model","created":1700000000,"owned_by":"martlet"},{"id":"local/smollm2","object":"model","created":1700000000,"owned_by":"local"}]}"#
        )
        let none = ModelList([], created: Timestamp(unixMilliseconds: 0))
        #expect(none.body.text == #"{"object":"list","data":[]}"#)
    }

    @Test func `shows one by its name and says so if there is none`() throws {
        #expect(
            try self.list.body(of: "local/smollm2").text
                == #"{"id":"local/smollm2","object":"model","created":1700000000,"owned_by":"local"}"#
        )
        do {
            _ = try self.list.body(of: "other")
            Issue.record("a model that is not offered was shown")
        } catch {
            #expect(error.code == .modelNotFound && error.parameter == "model")
        }
    }
}
