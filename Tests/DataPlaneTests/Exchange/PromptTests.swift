import Domain
import Foundation
import Testing

@testable import DataPlane

@Suite struct `Prompts by name in an exchange` {
    private func prompt() throws -> Prompt {
        let versions = try ["Greet {{who}}.", "Welcome {{who}}!"].map {
            PromptVersion(messages: [PromptMessage(role: .system, content: try Template($0))])
        }
        let split = LabelTarget([.init(version: 1, weight: 1), .init(version: 2, weight: 1)], unit: .user)
        return Prompt(
            name: try name("greeting"),
            versions: versions,
            labels: [try name("production"): LabelTarget(version: 1), try name("split"): try #require(split)],
            protectedLabels: [],
            allowsSystem: false
        )
    }

    private func bench(_ prompt: String, more: String = "") throws -> ExchangeBench {
        let bench = try ExchangeBench(.fixture(prompts: [self.prompt()]))
        bench.request(Chat.request(more: #","prompt":\#(prompt)\#(more)"#))
        return bench
    }

    private func messages(_ bench: ExchangeBench) throws -> [String] {
        let body = try #require(bench.sent.first?.body)
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        let messages = try #require(object?["messages"] as? [[String: String]])
        return messages.map { "\($0["role"] ?? ""):\($0["content"] ?? "")" }
    }

    @Test func `it goes upstream before the caller's messages, and reply and usage name the version`() throws {
        let bench = try self.bench(#"{"id":"greeting","variables":{"who":"Ann"}}"#)
        bench.opened()
        #expect(try self.messages(bench) == ["system:Greet Ann.", "user:hi"])
        bench.replied(200)
        bench.repliedBody(Chat.reply)
        bench.repliedEnd()
        bench.checkSettled()
        #expect(bench.head?.fields["martlet-prompt"] == "greeting;version=1")
        let choice = PromptChoice(prompt: try name("greeting"), number: 1)
        #expect(bench.begun.map(\.target.prompt) == [choice])
        #expect(bench.ended.map(\.target.prompt) == [choice])
    }

    @Test func `a version by its number is that version, and without a prompt nothing is said of one`() throws {
        let numbered = try self.bench(#"{"id":"greeting","version":"2","variables":{"who":"Ann"}}"#)
        numbered.opened()
        #expect(try self.messages(numbered).first == "system:Welcome Ann!")
        let plain = try ExchangeBench(.fixture(prompts: [self.prompt()]))
        plain.request(Chat.request())
        plain.opened()
        plain.replied(200)
        plain.repliedBody(Chat.reply)
        plain.repliedEnd()
        #expect(plain.head?.fields["martlet-prompt"] == nil)
        #expect(plain.ended.map(\.target.prompt) == [nil])
    }

    @Test func `a split is kept by the user that the request names`() throws {
        var firsts: Set<String> = []
        for user in 0..<40 {
            let sent = try (0..<2).map { _ in
                let wish = #"{"id":"greeting","label":"split","variables":{"who":"Ann"}}"#
                let bench = try self.bench(wish, more: #","user":"user-\#(user)""#)
                bench.opened()
                return try self.messages(bench)[0]
            }
            #expect(sent[0] == sent[1])
            firsts.insert(sent[0])
        }
        #expect(firsts.count == 2)
    }

    // MARK: - In headers

    private func headed(_ headers: [(String, String)], _ body: String = Chat.request()) throws -> ExchangeBench {
        let bench = try ExchangeBench(.fixture(prompts: [self.prompt()]))
        var fields: Fields = ["authorization": "Bearer \(goodKey)"]
        for (name, value) in headers { fields.add(name, value) }
        bench.request(body, fields)
        return bench
    }

    private static let ann = ("martlet-variables", #"{"who":"Ann"}"#)

    @Test(arguments: [
        ("greeting", "Greet Ann."), ("greeting;label=production", "Greet Ann."),
        (#""greeting"; version=2"#, "Welcome Ann!"),
    ])
    func `a header names it where the body cannot, and goes no further`(header: String, text: String) throws {
        let bench = try self.headed([("martlet-prompt", header), Self.ann])
        bench.opened()
        #expect(try self.messages(bench) == ["system:\(text)", "user:hi"])
        let sent = try #require(bench.sent.first)
        #expect(sent.head.fields["martlet-prompt"] == nil && sent.head.fields["martlet-variables"] == nil)
    }

    @Test func `numbers in a header's variables are shown as they were written`() throws {
        let bench = try self.headed([("martlet-prompt", "greeting"), ("martlet-variables", #"{"who": 7.50}"#)])
        bench.opened()
        #expect(try self.messages(bench) == ["system:Greet 7.50.", "user:hi"])
    }

    @Test func `with a prompt in a header the body needs no messages`() throws {
        let bench = try self.headed([("martlet-prompt", "greeting"), Self.ann], #"{"model":"assistant"}"#)
        bench.opened()
        #expect(try self.messages(bench) == ["system:Greet Ann."])
    }

    @Test(arguments: [
        ([("martlet-prompt", "greeting;lable=production"), Self.ann], "martlet-prompt"),
        ([("martlet-prompt", "greeting;label=a;version=1"), Self.ann], "martlet-prompt"),
        ([("martlet-prompt", "greeting;version=first"), Self.ann], "martlet-prompt"),
        ([("martlet-prompt", "greeting, other"), Self.ann], "martlet-prompt"),
        ([("martlet-prompt", "greeting"), ("martlet-prompt", "greeting"), Self.ann], "martlet-prompt"),
        ([Self.ann], "martlet-variables"),
        ([("martlet-prompt", "greeting"), ("martlet-variables", "who=Ann")], "martlet-variables"),
        ([("martlet-prompt", "greeting"), ("martlet-variables", "[1]")], "martlet-variables"),
        ([("martlet-prompt", "greeting")], "prompt.variables.who"),
    ])
    func `headers that name no prompt are refused, not passed over`(
        headers: [(String, String)],
        parameter: String
    ) throws {
        let bench = try self.headed(headers)
        bench.checkSettled()
        #expect(bench.head?.status == 400)
        #expect(bench.body.contains(#""param":"\#(parameter)""#), "\(bench.body)")
        #expect(bench.connects.isEmpty)
    }

    @Test func `two prompts are one too many, also where one is the provider's`() throws {
        for id in ["greeting", "pmpt_1"] {
            let body = Chat.request(more: #","prompt":{"id":"\#(id)"}"#)
            let bench = try self.headed([("martlet-prompt", "greeting"), Self.ann], body)
            bench.checkSettled()
            #expect(bench.head?.status == 400 && bench.connects.isEmpty)
        }
    }

    // MARK: - Refusals

    @Test(arguments: [
        (#"{"id":"other"}"#, 404, "prompt_not_found", "prompt.id"),
        (#"{"id":"greeting","version":"9"}"#, 404, "prompt_not_found", "prompt.version"),
        (#"{"id":"greeting","label":"staging"}"#, 404, "prompt_not_found", "prompt.label"),
        (#"{"id":"greeting","lable":"staging"}"#, 400, "invalid_request", "prompt"),
        (#"{"id":"greeting","variables":{"Who":"Ann"}}"#, 400, "invalid_request", "prompt.variables.who"),
    ])
    func `what cannot be had is refused before anything is sent`(
        prompt: String,
        status: Int,
        code: String,
        parameter: String
    ) throws {
        let bench = try self.bench(prompt)
        bench.checkSettled()
        #expect(bench.head?.status == status)
        #expect(bench.head?.fields["martlet-error"] == code)
        #expect(bench.body.contains(#""param":"\#(parameter)""#), "\(bench.body)")
        #expect(bench.connects.isEmpty && bench.begun.isEmpty)
        #expect(bench.denied.map(\.code?.rawValue) == [code])
    }
}
