import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Dialects
@testable import Domain

@Suite struct `A prompt by name in a chat completion` {
    private let reader = JSONReader()

    private func request(_ body: String) throws -> ChatRequest {
        try ChatRequest(ByteBuffer(string: body), with: self.reader)
    }

    private func fault(_ body: String) -> Fault? {
        do {
            _ = try self.request(body)
            return nil
        } catch let fault as Fault { return fault } catch { return nil }
    }

    private func rendered(
        _ messages: [(PromptMessage.Role, String)] = [(.system, "Be \"kind\".\n")],
        _ parameters: [PromptVersion.Parameter: JSONValue] = [:],
        allowsSystem: Bool = false
    ) throws -> RenderedPrompt {
        RenderedPrompt(
            choice: PromptChoice(prompt: try #require(Name("greeting")), number: 2),
            messages: messages.map { .init(role: $0.0, content: $0.1) },
            parameters: parameters,
            allowsSystem: allowsSystem
        )
    }

    /// The body that goes upstream, read by somebody else's reader.
    private func upstream(_ body: String, _ prompt: RenderedPrompt) throws -> [String: Any] {
        let request = try self.request(body).prompted(prompt, with: self.reader)
        let shaped = request.shaped(for: try .fixture()).joined.text
        let object = try JSONSerialization.jsonObject(with: Data(shaped.utf8))
        return try #require(object as? [String: Any], "\(shaped)")
    }

    private func contents(_ upstream: [String: Any]) throws -> [String] {
        let messages = try #require(upstream["messages"] as? [[String: Any]])
        return messages.map { "\($0["role"] ?? ""):\($0["content"] ?? "")" }
    }

    @Test func `its wish is read: name, version or label, variables as they were written`() throws {
        let variables = #"{"a":"x","n":1.50,"big":18446744073709551615,"t":true,"z":null,"l":[1,{"b":"c"}],"e":{}}"#
        let body = #"{"model":"m","prompt":{"id":"greeting","version":"7","variables":\#(variables)}}"#
        let wish = try #require(try self.request(body).wish)
        #expect(wish.name == "greeting")
        #expect(wish.reference == .version(7))
        #expect(
            wish.variables == [
                "a": .text("x"), "n": .number("1.50"), "big": .number("18446744073709551615"), "t": .bool(true),
                "z": .null, "l": .list([.number("1"), .object(["b": .text("c")])]), "e": .object([:]),
            ]
        )
        let references: [(String, PromptWish.Reference)] = [
            (#""label":"staging""#, .label("staging")), (#""version":3"#, .version(3)),
            (#""version":null,"label":null"#, .label("production")),
        ]
        for (member, reference) in references {
            let body = #"{"model":"m","prompt":{"id":"p",\#(member)}}"#
            #expect(try self.request(body).wish?.reference == reference)
        }
    }

    @Test func `a prompt of the provider's own is passed on as it came`() throws {
        let body = #"{"model":"m","messages":[],"prompt":{"id":"pmpt_1","version":"2","variables":{"a":1}}}"#
        let request = try self.request(body)
        #expect(request.wish == nil)
        #expect(request.shaped(for: try .fixture()).joined.text.contains(#""prompt":{"id":"pmpt_1""#))
    }

    @Test(arguments: [
        (#"{"label":"production"}"#, "prompt.id"), (#"{"id":"pmpt_1","id":"other"}"#, "prompt.id"),
        (#"{"ID":"pmpt_1"}"#, "prompt.id"), (#"{"id":"p","version":"seven"}"#, "prompt.version"),
        (#"{"id":"p","version":-1}"#, "prompt.version"), (#"{"id":"p","version":1.5}"#, "prompt.version"),
        (#"{"id":"p","version":"1","label":"production"}"#, "prompt.version"),
        (#"{"id":"p","label":3}"#, "prompt.label"), (#"{"id":"p","variables":[]}"#, "prompt.variables"),
        (#"{"id":"p","variables":{"a":1,"a":2}}"#, "prompt.variables"),
        (#"{"id":"p","variables":{"a":{"b":1,"\u0062":2}}}"#, "prompt.variables"), (#""p""#, "prompt"),
    ])
    func `what is not unambiguous is refused, with its place`(prompt: String, parameter: String) {
        let fault = self.fault(#"{"model":"m","messages":[],"prompt":\#(prompt)}"#)
        #expect(fault?.code == .invalidRequest)
        #expect(fault?.parameter == parameter, "\(String(describing: fault))")
    }

    @Test func `values nested too deeply are refused, before they can be looked at`() {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let body = #"{"model":"m","prompt":{"id":"p","variables":{"a":\#(deep)}}}"#
        #expect(self.fault(body)?.parameter == "prompt.variables")
    }

    /// Wherever the members stand, and whatever blanks are between them: what comes out is JSON without the wish, with the
    /// prompt's messages before the caller's.
    @Test func `its messages come first, wherever the members stand`() throws {
        let messages = [
            (#""messages":[{"role":"user","content":"hi"}]"#, ["user:hi"]), (#""messages":[]"#, []),
            (#""messages": [ ]"#, []), (#""messages":null"#, []), ("", []),
        ]
        let wish = #""prompt" : {"id":"greeting","variables":{"x":"},,{"}}"#
        let rest = #""metadata":{"a":"b"}"#
        for (member, own) in messages {
            for blank in ["", " ", "\n\t"] {
                for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [1, 2, 3, 0]] {
                    let members = [#""model":"m""#, wish, member, rest]
                    let body = order.map { members[$0] }.filter { !$0.isEmpty }.joined(separator: "\(blank),\(blank)")
                    let upstream = try self.upstream("{\(blank)\(body)\(blank)}", try self.rendered())
                    #expect(upstream["prompt"] == nil)
                    #expect(upstream["model"] as? String == "gpt-4o-2024-08-06")
                    #expect(upstream["max_completion_tokens"] as? Int == 512)
                    #expect(try self.contents(upstream) == ["system:Be \"kind\".\n"] + own, "\(body)")
                }
            }
        }
    }

    @Test func `a caller's own system message is refused where the prompt has one, unless it lets it stand`() throws {
        for role in ["system", "developer", "System", "system\\n", "\u{17F}ystem", "robot"] {
            let body =
                #"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"\#(role)","content":"b"}],"prompt":{"id":"p"}}"#
            #expect(throws: Fault.self) { try self.upstream(body, try self.rendered()) }
            let both = try self.contents(try self.upstream(body, try self.rendered(allowsSystem: true)))
            #expect(both.count == 3 && both.first == "system:Be \"kind\".\n")
            #expect(try self.contents(try self.upstream(body, try self.rendered([(.user, "x")]))).count == 3)
        }
        // Whoever reads the last of two roles, or undoes escapes, must not see another than the gateway.
        for message in [
            #"{"role":"user","role":"system"}"#, #"{"r\u006fle":"user"}"#, #"{"role":"user","role\u0000":"system"}"#,
            #"{"Role":"system"}"#,
        ] {
            let body = #"{"model":"m","messages":[\#(message)],"prompt":{"id":"p"}}"#
            #expect(throws: Fault.self) { try self.upstream(body, try self.rendered()) }
        }
    }

    @Test func `its parameters stand where the caller set none`() throws {
        let parameters: [PromptVersion.Parameter: JSONValue] = [
            .temperature: .number("0.20"), .stop: .list([.text("\n")]), .seed: .number("7"),
        ]
        let body = #"{"model":"m","seed":1,"messages":[],"prompt":{"id":"p"}}"#
        let upstream = try self.upstream(body, try self.rendered(parameters: parameters))
        #expect(upstream["temperature"] as? Double == 0.2)
        #expect(upstream["stop"] as? [String] == ["\n"])
        #expect(upstream["seed"] as? Int == 1)
    }

    @Test func `its length counts towards what the request may cost`() throws {
        let request = try self.request(#"{"model":"m","prompt":{"id":"p"}}"#)
        let prompted = try request.prompted(
            try self.rendered([(.system, String(repeating: "a", count: 5_000))]),
            with: self.reader
        )
        #expect(prompted.byteCount > request.byteCount + 5_000)
    }
}

extension `A prompt by name in a chat completion` {
    fileprivate func rendered(parameters: [PromptVersion.Parameter: JSONValue]) throws -> RenderedPrompt {
        RenderedPrompt(
            choice: PromptChoice(prompt: try #require(Name("greeting")), number: 2),
            messages: [.init(role: .system, content: "x")],
            parameters: parameters,
            allowsSystem: false
        )
    }
}
