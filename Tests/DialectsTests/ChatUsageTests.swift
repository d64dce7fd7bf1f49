import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Dialects

struct ChatUsageTests {
    private let reader = JSONReader()

    private func tokens(ofUsage usage: String) throws -> TokenCounts {
        try ChatReply(ByteBuffer(string: "{\"id\":\"x\",\"choices\":[{}],\"usage\":\(usage)}"), with: self.reader)
            .tokens
    }

    private static let kinds: [String: TokenKind] = [
        "input": .input, "cache_read": .cachedInput, "cache_write_5m": .cacheWrite, "cache_write_1h": .cacheWrite1h,
        "input_audio": .inputAudio, "output": .output, "output_reasoning": .reasoning, "output_audio": .outputAudio,
    ]

    @Test(.needsFixtures) func `reads the collected set of usage objects into disjoint counts`() throws {
        let suite =
            try JSONSerialization.jsonObject(with: Fixtures.data("pricing/usage-mapping.json")) as? [String: Any]
        let cases = try #require(suite?["cases"] as? [[String: Any]])
        var read = 0
        for test in cases {
            let name = try #require(test["name"] as? String)
            guard test["dialect"] as? String == "openai-chat" else { continue }
            let usage = try JSONSerialization.data(
                withJSONObject: test["usage"] ?? NSNull(),
                options: .fragmentsAllowed
            )
            let told = try self.tokens(ofUsage: String(decoding: usage, as: UTF8.self))
            guard let expect = test["expect"] as? [String: Any] else {
                #expect(told == .unknown, "\(name)")
                continue
            }
            let tokens = told.limited(inputMax: .max, outputMax: .max)
            // What must be marked is not believed as it was told.
            #expect((tokens != told) == (expect["flag"] != nil), "\(name)")
            for (field, kind) in Self.kinds {
                let expected = (expect[field] as? NSNumber)?.int64Value ?? 0
                #expect((tokens[kind] ?? 0) == expected, "\(name), \(field)")
            }
            read += 1
        }
        #expect(read >= 10)
    }

    @Test(.needsFixtures) func `reads captured replies as another gateway logged them`() throws {
        let logged: [(String, Int64, Int64)] = [
            ("cache_write", 1_000, 10), ("openrouter_reasoning", 23, 796), ("tool_call", 25, 18),
            ("truncated_tool_call", 20, 15),
        ]
        for (name, input, output) in logged {
            let body = ByteBuffer(bytes: try Fixtures.bytes("dialects/agentgateway/openai-chat/\(name).response.json"))
            let reply = try ChatReply(body, with: self.reader)
            #expect(reply.tokens.inputOfAllKinds == input, "\(name)")
            #expect(reply.tokens.outputOfAllKinds == output, "\(name)")
            #expect(!reply.id.isEmpty)
        }
    }

    @Test func `what the provider did not tell stays unknown and is never zero`() throws {
        #expect(try self.tokens(ofUsage: "null") == .unknown)
        #expect(try self.tokens(ofUsage: "{}") == .unknown)
        #expect(try self.tokens(ofUsage: "[]") == .unknown)
        #expect(try self.tokens(ofUsage: #"{"prompt_tokens":"9","completion_tokens":null}"#) == .unknown)
        #expect(try self.tokens(ofUsage: #"{"prompt_tokens":9}"#) == TokenCounts(input: 9))
        #expect(
            try self.tokens(ofUsage: #"{"prompt_tokens":0,"completion_tokens":0}"#) == TokenCounts(input: 0, output: 0)
        )
        #expect(try ChatReply(ByteBuffer(string: "{\"choices\":[]}"), with: self.reader).tokens == .unknown)
    }

    @Test func `a count that cannot be true is handed on as it was told, and none traps`() throws {
        #expect(
            try self.tokens(ofUsage: #"{"prompt_tokens":-5,"completion_tokens":9223372036854775807}"#)
                == TokenCounts(input: -5, output: .max)
        )
        let bound = AttemptBound(inputMax: 100, outputMax: 50, toldInputMax: 1_000, toldOutputMax: 200)

        let odd = [
            "-1", "1e300", "-1e300", "9223372036854775807", "18446744073709551615", "0.5", "2.0",
            "-9223372036854775808",
        ]
        for prompt in odd {
            for other in odd {
                let usage =
                    #"{"prompt_tokens":\#(prompt),"completion_tokens":\#(other),"total_tokens":\#(other),"#
                    + #""prompt_tokens_details":{"cached_tokens":\#(other)},"completion_tokens_details":{"reasoning_tokens":\#(prompt)}}"#
                let tokens = try self.tokens(ofUsage: usage)
                let believed = bound.believed(tokens)
                #expect((0...1_000).contains(believed.inputOfAllKinds), "\(usage)")
                #expect((0...200).contains(believed.outputOfAllKinds), "\(usage)")
            }
        }
    }

    @Test func `audio and images that were read from a cache count as what they are`() throws {
        let usage = #"{"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":80,"audio_tokens":60}}"#
        let tokens = try self.tokens(ofUsage: usage)
        #expect(tokens.input == 0 && tokens.inputAudio == 60 && tokens.cachedInput == 40)
        let details = #"{"image_tokens":7,"reasoning_tokens":2,"audio_tokens":1}"#
        let both = try self.tokens(
            ofUsage: #"{"prompt_tokens":10,"prompt_tokens_details":\#(details),"completion_tokens":20,"#
                + #""completion_tokens_details":\#(details)}"#
        )
        #expect(both.input == 2 && both.inputImage == 7 && both.inputAudio == 1)
        #expect(both.output == 10 && both.outputImage == 7 && both.reasoning == 2 && both.outputAudio == 1)
    }

    @Test func `the service tier is the one that the answer names`() throws {
        for (word, tier) in [
            ("default", .standard), ("standard", .standard), ("flex", .flex), ("priority", .priority),
            ("batch", .batch), ("scale", nil), ("auto", nil), ("a-word-of-tomorrow", nil),
        ] as [(String, ServiceTier?)] {
            let usage = #""usage":{"prompt_tokens":1}"#
            for body in [#""service_tier":"\#(word)",\#(usage)"#, #"\#(usage),"service_tier":"\#(word)""#] {
                let reply = try ChatReply(ByteBuffer(string: "{\"choices\":[{}],\(body)}"), with: self.reader)
                #expect(reply.tokens.serviceTier == tier, "\(word)")
            }
        }
        let silent = #"{"choices":[{}],"service_tier":"flex"}"#
        #expect(try ChatReply(ByteBuffer(string: silent), with: self.reader).tokens == .unknown)
    }

    @Test func `a body that is not one whole object is no answer`() throws {
        let whole = #"{"id":"chatcmpl-1","choices":[{"message":{"content":"é"}}],"usage":{"prompt_tokens":1}}"#
        #expect(try ChatReply(ByteBuffer(string: whole), with: self.reader).id == "chatcmpl-1")
        for length in 0..<whole.utf8.count {
            #expect(throws: Fault.self) {
                try ChatReply(ByteBuffer(bytes: Array(whole.utf8).prefix(length)), with: self.reader)
            }
        }
        for body in ["[]", "null", "\"x\"", whole + "x", whole + whole] {
            #expect(throws: Fault.self) { try ChatReply(ByteBuffer(string: body), with: self.reader) }
        }
    }

    @Test func `an error that came with a good status is a failure of the provider`() throws {
        let body = ByteBuffer(string: #"{"error":{"message":"Upstream is down","code":502}}"#)
        do {
            _ = try ChatReply(body, with: self.reader)
            Issue.record("an error was taken for an answer")
        } catch {
            #expect(error.code == .upstreamError && error.retry == .onAnotherModel)
            #expect(error.message.contains("Upstream is down"))
        }
        let both = ByteBuffer(string: #"{"error":null,"choices":[{}]}"#)
        #expect(try ChatReply(both, with: self.reader).tokens == .unknown)
    }
}
