import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Dialects
@testable import Domain

struct ChatRequestTests {
    private let reader = JSONReader()

    private func request(_ body: String) throws -> ChatRequest {
        try ChatRequest(ByteBuffer(string: body), with: self.reader)
    }

    private func fault(_ body: some Sequence<UInt8>) -> Fault? {
        do {
            _ = try ChatRequest(ByteBuffer(bytes: body), with: self.reader)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the upstream body is the caller's bytes but for owned fields`() throws {
        let folder = Repository.root.appending(path: "Tests/Fixtures/openai")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter {
            $0.hasSuffix(".request.json")
        }
        #expect(names.count >= 6)
        for name in names.map({ $0.replacing(".request.json", with: "") }) {
            let body = try ByteBuffer(bytes: Data(contentsOf: folder.appending(path: "\(name).request.json")))
            let request = try ChatRequest(body, with: self.reader)
            #expect(request.wanted == "assistant")
            for dialect in Provider.Dialect.allCases {
                let golden = try Data(contentsOf: folder.appending(path: "\(name).\(dialect.rawValue).upstream.json"))
                let shaped = request.shaped(for: try .fixture(dialect: dialect)).joined
                #expect(shaped.text == String(decoding: golden, as: UTF8.self), "\(name) for \(dialect)")
            }
        }
    }

    @Test func `reads what the node needs`() throws {
        let request = try self.request(
            #"{"model":"a/\u00e9\n","messages":[],"stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"max_completion_tokens":8,"n":3,"user":"ann","metadata":{"task":"legal","e":""}}"#
        )
        #expect(request.wanted == "a/é\n")
        #expect(request.isStream && request.asksForUsage)
        #expect(request.outputCap == 8 && request.choices == 3)
        #expect(request.user == "ann" && request.metadata == ["task": "legal", "e": ""])
        let plain = try self.request(#"{"model":"m","messages":[]}"#)
        #expect(!plain.isStream && !plain.asksForUsage && plain.outputCap == nil && plain.choices == 1)
        #expect(plain.user.isEmpty && plain.metadata.isEmpty)
        let huge = try self.request(#"{"model":"m","messages":[],"max_tokens":18446744073709551615}"#)
        #expect(huge.outputCap == .max)
    }

    @Test func `the provider's name for a model cannot break out of its string`() throws {
        let request = try self.request(#"{"model":"m","messages":[]}"#)
        for name in ["a\"b", "a\\", "\",\"n\":9,\"x\":\"", "é\u{1}\n\t\r\u{7F}", "\u{2028}"] {
            let shaped = request.shaped(for: try .fixture(upstream: name)).joined
            #expect(try OrderedJSON(shaped.readableBytesView).value("model", as: .lastWins) == .string(name))
        }
    }

    @Test func `a long body is not copied on its way upstream`() throws {
        let text = String(repeating: "x", count: 100_000)
        let body = ByteBuffer(string: #"{"messages":["\#(text)"],"model":"m"}"#)
        let pieces = try ChatRequest(body, with: self.reader).shaped(for: try .fixture())
        #expect(pieces.count > 1)
        #expect(pieces.first?.address == body.address)
        #expect(
            pieces.joined.text == #"{"messages":["\#(text)"],"max_completion_tokens":512,"model":"gpt-4o-2024-08-06"}"#
        )
    }

    @Test func `a body that begins amid other bytes is edited in its own place`() throws {
        let buffer = ByteBuffer(string: "xxxx" + #"{"model":"m","messages":[]}"# + "yyyy")
        let body = try #require(buffer.getSlice(at: 4, length: buffer.readableBytes - 8))
        let shaped = try ChatRequest(body, with: self.reader).shaped(for: try .fixture(dialect: .openAICompatible))
            .joined
        #expect(shaped.text == #"{"max_tokens":512,"model":"gpt-4o-2024-08-06","messages":[]}"#)
    }

    @Test func `every body that was cut short is refused`() throws {
        let whole = Array(#"{"model":"é","messages":[{"role":"user","content":"\u00e9"}],"stream":true}"#.utf8)
        #expect(self.fault(whole) == nil)
        for length in 0..<whole.count {
            let fault = self.fault(whole.prefix(length))
            #expect(fault?.code == .invalidRequest && fault?.status == 400 && fault?.origin == .client)
        }
    }

    @Test func `what is not one JSON object in UTF-8 is refused and the message says why`() {
        let body = #"{"model":"m","messages":[]}"#
        let bad: [(String, String)] = [
            ("", "empty"), ("[]", "object"), ("\"model\"", "object"), ("null", "object"), (body + "x", "JSON"),
            (body + body, "JSON"), ("\u{FEFF}" + body, "JSON"), ("{model:1}", "JSON"), (#"{"model":"m",}"#, "JSON"),
            (#"{"model":"\#u{1}","messages":[]}"#, "string"), (#"{"model":"\ud800","messages":[]}"#, "string"),
            (#"{"model":"m","messages":[],"x":1e999}"#, "number"), (#"{"model":"m","messages":[],"x":01}"#, "number"),
        ]
        for (text, reason) in bad {
            let fault = self.fault(text.utf8)
            #expect(fault?.code == .invalidRequest, "\(text)")
            #expect(fault?.message.contains(reason) == true, "\(text): \(fault?.message ?? "")")
        }
        #expect(
            self.fault(Array(#"{"model":"m","messages":[],"x":""#.utf8) + [0xFF] + Array("\"}".utf8))?.message.contains(
                "UTF-8"
            ) == true
        )
    }

    @Test func `metadata is bounded, of strings, and names nothing twice`() throws {
        func body(_ metadata: String) -> String { #"{"model":"m","messages":[],"metadata":{\#(metadata)}}"# }
        let pairs = (1...16).map { #""k\#($0)":"v""# }
        #expect(try self.request(body(pairs.joined(separator: ","))).metadata.count == 16)
        #expect(try self.request(body("\"k\":\"\(String(repeating: "v", count: 1_023))\"")).metadata.count == 1)
        let bad = [
            (pairs + ["\"k17\":\"v\""]).joined(separator: ","), "\"k\":\"\(String(repeating: "v", count: 1_024))\"",
            #""k":1"#, #""k":null"#, #""k":{"a":"b"}"#, #""k":"a","k":"b""#, #""k":"a","\u006b":"b""#,
        ]
        for metadata in bad { #expect(self.fault(body(metadata).utf8)?.parameter == "metadata", "\(metadata)") }
        #expect(
            self.fault(#"{"model":"m","messages":[],"user":"\#(String(repeating: "u", count: 1_025))"}"#.utf8)?
                .parameter == "user"
        )
    }

    @Test func `state at a provider is refused as the contract says`() throws {
        func fault(_ member: String) -> Fault? { self.fault(#"{"model":"m","messages":[],\#(member)}"#.utf8) }
        for member in [
            #""previous_response_id":"resp_1""#, #""conversation":"c""#, #""conversation":{"id":"c"}"#,
            #""background":true"#,
        ] {
            #expect(fault(member)?.code == .unsupportedState, "\(member)")
            #expect(fault(member)?.status == 400)
        }
    }
}
