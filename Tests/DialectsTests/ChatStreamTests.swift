import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Dialects

struct ChatStreamTests {
    private let reader = JSONReader()

    /// What reached the caller, and how the stream ended.
    private struct Told: Equatable {
        var bytes = ByteBuffer()
        var fault: Fault?
        var isEnded = false
        var tokens: TokenCounts?
        var id = ""
        var outputEvents: Int64 = 0
        var isFinished = false
    }

    private func relay(_ pieces: [ByteBuffer], asksForUsage: Bool = false) throws -> Told {
        var told = Told()
        var scanner = EventScanner()
        var stream = ChatStream(asksForUsage: asksForUsage)
        func take(_ step: ChatStream.Step) {
            switch step {
            case .pass(let bytes): told.bytes.writeImmutableBuffer(bytes)
            case .end(let bytes):
                told.bytes.writeImmutableBuffer(bytes)
                told.isEnded = true
            case .drop: break
            case .fail(let fault): told.fault = told.fault ?? fault
            }
        }
        for piece in pieces {
            scanner.feed(piece)
            while let event = try scanner.next(), told.fault == nil { take(stream.take(event, with: self.reader)) }
        }
        if told.fault == nil { take(stream.finish(rest: scanner.rest())) }
        told.tokens = stream.tokens
        told.id = stream.id
        told.outputEvents = stream.outputEvents
        told.isFinished = stream.isFinished
        return told
    }

    private static let role =
        #"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#
        + "\n\n"
    private static let hello =
        #"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"usage":null}"#
        + "\n\n"
    private static let call =
        #"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}"#
        + "\n\n"
    private static let stop =
        #"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"# + "\n\n"
    private static let usage =
        #"data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":60,"total_tokens":69,"prompt_tokens_details":{"cached_tokens":4}}}"#
        + "\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let counts = TokenCounts(input: 5, cachedInput: 4, output: 60)

    @Test func `the chunk that only carries usage is taken out when the caller did not ask for it`() throws {
        let stream = ByteBuffer(
            string: Self.role + ": alive\n\n" + Self.hello + Self.call + Self.stop + Self.usage + Self.done
        )
        let wanted = Self.role + ": alive\n\n" + Self.hello + Self.call + Self.stop + Self.done
        for pieces in [[stream]] + stream.cuts + [stream.single] {
            let told = try self.relay(pieces)
            #expect(told.bytes.text == wanted)
            #expect(told.isEnded && told.isFinished && told.fault == nil)
            #expect(told.tokens == Self.counts)
            #expect(told.id == "chatcmpl-1")
            #expect(told.outputEvents == 2)
        }
    }

    @Test func `everything passes as it came when the caller asked for usage`() throws {
        let stream = ByteBuffer(string: Self.role + Self.hello + Self.stop + Self.usage + Self.done)
        for pieces in [[stream]] + stream.cuts {
            let told = try self.relay(pieces, asksForUsage: true)
            #expect(told.bytes == stream)
            #expect(told.tokens == Self.counts)
            #expect(told.isEnded)
        }
    }

    @Test func `usage in a chunk with choices passes and counts`() throws {
        let both =
            #"data: {"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"# + "\n\n"
        let later =
            #"data: {"choices":[{"delta":{"content":"b"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"# + "\n\n"
        let filter = #"data: {"choices":[],"prompt_filter_results":[]}"# + "\n\n"
        let told = try self.relay([ByteBuffer(string: filter + both + later + Self.done)])
        #expect(told.bytes.text == filter + both + later + Self.done)
        #expect(told.tokens == TokenCounts(input: 1, output: 2))
    }

    @Test(.needsFixtures) func `counts the collected streams as they are meant`() throws {
        let suite =
            try JSONSerialization.jsonObject(with: Fixtures.data("pricing/usage-mapping.json")) as? [String: Any]
        let cases = try #require(suite?["cases"] as? [[String: Any]])
        let streams = cases.filter { $0["dialect"] as? String == "openai-chat stream" }
        #expect(streams.count >= 2)
        for test in streams {
            let chunks = try #require(test["usage"] as? [[String: Any]]).map { chunk in
                let choices = Array(repeating: ["delta": ["content": "a"]], count: chunk["choices"] as? Int ?? 0)
                let data = chunk.merging(["choices": choices]) { $1 }
                let json = try JSONSerialization.data(withJSONObject: data)
                return "data: \(String(decoding: json, as: UTF8.self))\n\n"
            }
            let told = try self.relay([ByteBuffer(string: chunks.joined() + Self.done)])
            let expect = test["expect"] as? [String: NSNumber]
            #expect(told.tokens?.input == expect?["input"]?.int64Value)
            #expect(told.tokens?.output == expect?["output"]?.int64Value)
        }
    }

    @Test func `the service tier of any chunk is that of the counts, and alone it is no count`() throws {
        let tier = #"data: {"choices":[{"delta":{"content":"a"}}],"service_tier":"flex"}"# + "\n\n"
        var counts = Self.counts
        counts.serviceTier = .flex
        #expect(try self.relay([ByteBuffer(string: tier + Self.usage + Self.done)]).tokens == counts)
        #expect(try self.relay([ByteBuffer(string: tier + Self.done)]).tokens == nil)
    }

    @Test func `a later usage without a count does not take away an earlier one`() throws {
        let empty = #"data: {"choices":[],"usage":{}}"# + "\n\n"
        let half = #"data: {"choices":[],"usage":{"completion_tokens":61}}"# + "\n\n"
        let told = try self.relay([ByteBuffer(string: Self.hello + Self.usage + empty + Self.done)])
        #expect(told.tokens == Self.counts && told.bytes.text == Self.hello + Self.done)
        let later = try self.relay([ByteBuffer(string: Self.hello + Self.usage + half + Self.done)])
        #expect(later.tokens == TokenCounts(input: 5, cachedInput: 4, output: 61))
        let none = try self.relay([ByteBuffer(string: Self.hello + empty + Self.done)])
        #expect(none.tokens == nil && none.bytes.text == Self.hello + Self.done)
    }

    @Test func `a stream that was cut anywhere before its end marker is a fault and never looks whole`() throws {
        let text = Self.role + Self.hello + Self.stop + Self.usage + Self.done
        for length in 0..<text.utf8.count {
            let told = try self.relay([ByteBuffer(bytes: Array(text.utf8).prefix(length))])
            // The marker is whole once its closing bracket is there; then only the blank line is missing.
            let isMarked = length >= text.utf8.count - 2
            #expect(told.isEnded == isMarked, "cut at \(length)")
            #expect((told.fault?.code == .upstreamError) == !isMarked, "cut at \(length)")
            #expect(told.bytes.text.hasSuffix("\n\n") || told.bytes.readableBytes == 0, "cut at \(length)")
            #expect(told.bytes.text.contains("[DONE]") == isMarked, "cut at \(length)")
        }
    }

    @Test func `an end marker without its blank line gets one`() throws {
        for end in ["data: [DONE]", "data: [DONE]\n", "data:[DONE]\r\n", "data: [DONE] \n"] {
            let told = try self.relay([ByteBuffer(string: Self.hello + end)])
            #expect(told.bytes.text == Self.hello + Self.done)
            #expect(told.isEnded)
        }
    }

    @Test func `nothing passes behind the end marker`() throws {
        let told = try self.relay([ByteBuffer(string: Self.hello + Self.done + Self.hello + Self.done + "data: x")])
        #expect(told.bytes.text == Self.hello + Self.done)
    }

    @Test func `an error event of the provider ends the stream as its fault`() throws {
        let errors = [
            #"data: {"error":{"message":"The server had an error","type":"server_error","code":500}}"#,
            #"data: {"error":"The server had an error"}"#,
            "event: error\n" + #"data: {"error":{"message":"The server had an error"}}"#,
        ]
        for error in errors {
            let told = try self.relay([ByteBuffer(string: Self.hello + error + "\n\n" + Self.done)])
            #expect(told.bytes.text == Self.hello)
            #expect(told.fault?.code == .upstreamError)
            #expect(told.fault?.origin == .upstream)
            #expect(told.fault?.message.contains("The server had an error") == true)
            #expect(!told.isEnded)
        }
        let plain = try self.relay([ByteBuffer(string: Self.hello + "event: error\ndata: it broke\n\n")])
        #expect(plain.bytes.text == Self.hello)
        #expect(plain.fault?.code == .upstreamError)
    }

    @Test func `an event that is not a chunk passes as it came`() throws {
        for odd in [
            "data: not json", "data: [1,2]", "data: 7", "data:", "event: ping\ndata: {}",
            #"data: {"error":null,"choices":[]}"#,
        ] {
            let told = try self.relay([ByteBuffer(string: odd + "\n\n" + Self.done)])
            #expect(told.bytes.text == odd + "\n\n" + Self.done)
            #expect(told.tokens == nil)
        }
    }

    @Test func `a chunk in several data lines is read like one`() throws {
        let chunk = "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":3,\ndata: \"completion_tokens\":4}}\n\n"
        let told = try self.relay([ByteBuffer(string: chunk + Self.done)])
        #expect(told.bytes.text == Self.done)
        #expect(told.tokens == TokenCounts(input: 3, output: 4))
    }

    @Test(.needsFixtures) func `captured streams pass byte for byte with their counts`() throws {
        let path = "dialects/agentgateway/openai-chat/stream_tool_empty_content.sse"
        let stream = ByteBuffer(bytes: try Fixtures.bytes(path))
        for pieces in [[stream]] + stream.cuts {
            let told = try self.relay(pieces, asksForUsage: true)
            #expect(told.bytes == stream)
            #expect(told.tokens?.output == 8)
            #expect((told.tokens?.input ?? 0) + (told.tokens?.cachedInput ?? 0) == 12)
        }
    }
}
