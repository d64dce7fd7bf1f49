import TestSupport
import Testing

@testable import Domain

@Suite struct `Which version of a prompt a request runs with` {
    private static let name: Name<Prompt> = Name("greeting") ?? { fatalError("a name") }()
    private let application: ApplicationID = ApplicationID("k-1") ?? { fatalError("an application") }()

    private func prompt(_ target: LabelTarget? = LabelTarget(version: 1)) throws -> Prompt {
        let versions = try ["one {{who}}", "two {{who}}"].map {
            PromptVersion(messages: [PromptMessage(role: .system, content: try Template($0))])
        }
        let label = try #require(Name<PromptLabel>("production"))
        return Prompt(
            name: Self.name,
            versions: versions,
            labels: target.map { [label: $0] } ?? [:],
            protectedLabels: [label],
            allowsSystem: false
        )
    }

    private func wish(_ reference: PromptWish.Reference = .label("production")) -> PromptWish {
        PromptWish(name: "greeting", reference: reference, variables: ["who": .text("Ann")])
    }

    private func split(_ first: UInt32, _ second: UInt32, by unit: LabelTarget.Unit = .user) throws -> LabelTarget {
        try #require(LabelTarget([.init(version: 2, weight: second), .init(version: 1, weight: first)], unit: unit))
    }

    private func number(_ prompt: Prompt, user: String) throws -> UInt32 {
        try prompt.rendered(for: self.wish(), user: user, application: self.application).choice.number
    }

    @Test func `a label gives its version, and a number that version`() throws {
        let prompt = try self.prompt()
        let labelled = try prompt.rendered(for: self.wish(), user: "", application: self.application)
        #expect(labelled.choice.text == "greeting;version=1")
        #expect(labelled.messages == [.init(role: .system, content: "one Ann")])
        let numbered = try prompt.rendered(for: self.wish(.version(2)), user: "", application: self.application)
        #expect(numbered.messages.map(\.content) == ["two Ann"])
    }

    @Test func `what there is not is said`() throws {
        let prompt = try self.prompt()
        for (reference, parameter) in [
            (PromptWish.Reference.version(3), "prompt.version"), (.version(0), "prompt.version"),
            (.label("staging"), "prompt.label"), (.label("No Name"), "prompt.label"),
        ] {
            do {
                _ = try prompt.rendered(for: self.wish(reference), user: "", application: self.application)
                Issue.record("\(reference) was found")
            } catch {
                #expect(error.code == .promptNotFound)
                #expect(error.parameter == parameter)
            }
        }
    }

    @Test func `a missing variable is a fault of the request that names it`() throws {
        let prompt = try self.prompt()
        do {
            _ = try prompt.rendered(
                for: PromptWish(name: "greeting", reference: .version(1), variables: [:]),
                user: "",
                application: self.application
            )
            Issue.record("it was rendered")
        } catch {
            #expect(error.code == .invalidRequest)
            #expect(error.parameter == "prompt.variables.who")
            #expect(error.message == "The variable 'who' of the prompt 'greeting', version 1, is not given.")
        }
    }

    @Test func `a split gives each its share of the users, and each user always the same`() throws {
        let prompt = try self.prompt(try self.split(90, 10))
        let numbers = try (0..<10_000).map { try self.number(prompt, user: "user-\($0)") }
        let second = numbers.count { $0 == 2 }
        #expect((900...1_100).contains(second), "\(second) of 10,000")
        for index in stride(from: 0, to: 10_000, by: 97) {
            #expect(try self.number(prompt, user: "user-\(index)") == numbers[index])
        }
    }

    @Test func `whoever has the newer version keeps it while its share grows`() throws {
        let shares: [(UInt32, UInt32)] = [(99, 1), (90, 10), (50, 50), (1, 99)]
        let prompts = try shares.map { try self.prompt(try self.split($0.0, $0.1)) }
        for user in 0..<2_000 {
            let numbers = try prompts.map { try self.number($0, user: "u\(user)") }
            #expect(numbers == numbers.sorted(), "user \(user)")
        }
    }

    @Test func `without a user the key decides, and by key it alone does`() throws {
        let byUser = try self.prompt(try self.split(1, 1))
        let byKey = try self.prompt(try self.split(1, 1, by: .key))
        let alone = try self.number(byUser, user: "")
        for user in 0..<50 { #expect(try self.number(byKey, user: "u\(user)") == alone) }
        #expect(Set(try (0..<50).map { try self.number(byUser, user: "u\($0)") }) == [1, 2])
    }

    /// Anybody can work out who gets what: this is the whole of it.
    @Test func `the hash is what it says it is`() {
        #expect(StickyHash("").value == 0xEFD0_1F60_BA99_2926)
        #expect(StickyHash("a").place(below: 1) == 0)
    }

    @Test(
        arguments: [
            [], [(1, 0)], [(1, 1_000_001)], [(1, 1), (1, 2)], (1...17).map { (UInt32($0), UInt32(1)) },
        ] as [[(UInt32, UInt32)]]
    )
    func `shares that make no sense are none`(shares: [(UInt32, UInt32)]) {
        #expect(LabelTarget(shares.map { .init(version: $0.0, weight: $0.1) }, unit: .user) == nil)
    }
}

@Suite struct `What variables of a prompt may be` {
    private func schema(_ build: (inout ValueSchema) -> Void) -> ValueSchema {
        var schema = ValueSchema()
        build(&schema)
        return schema
    }

    private func misfit(_ schema: ValueSchema, _ value: JSONValue) -> String? {
        do {
            try schema.check(value)
            return nil
        } catch { return "\(error.place) \(error.detail)" }
    }

    @Test func `types, choices and lengths are kept to`() {
        let number = self.schema { $0.types = [.integer] }
        #expect(self.misfit(number, .number("3")) == nil)
        #expect(self.misfit(number, .number("3.5")) == " must be of type integer")
        let either = self.schema { $0.types = [.string, .null] }
        #expect(self.misfit(either, .null) == nil)
        #expect(self.misfit(either, .bool(true)) == " must be of type string or null")
        let tone = self.schema { $0.choices = [.text("warm"), .text("dry")] }
        #expect(self.misfit(tone, .text("dry")) == nil)
        #expect(self.misfit(tone, .text("x")) == " must be one of: warm, dry")
        let short = self.schema { $0.lengthMax = 2 }
        #expect(self.misfit(short, .text("éé")) == nil)
        #expect(self.misfit(short, .text("abc")) == " has more than 2 characters")
    }

    @Test func `members are kept to at every depth, and told as a template names them`() {
        let item = self.schema {
            $0.types = [.object]
            $0.properties = ["price": self.schema { $0.types = [.number] }]
            $0.required = ["price"]
        }
        let whole = self.schema {
            $0.properties = [
                "items": self.schema {
                    $0.element = [item]
                    $0.countMax = 2
                }, "note": ValueSchema(),
            ]
            $0.required = ["items"]
            $0.allowsOthers = false
        }
        let good = JSONValue.object(["price": .number("1")])
        #expect(self.misfit(whole, .object(["items": .list([good])])) == nil)
        #expect(self.misfit(whole, .object([:])) == "items is not given")
        #expect(self.misfit(whole, .object(["items": .list([good, .object([:])])])) == "items[1].price is not given")
        #expect(self.misfit(whole, .object(["items": .list([good, good, good])])) == "items has more than 2 elements")
        #expect(self.misfit(whole, .object(["items": .list([]), "x": .null])) == "x is not a variable of this prompt")
        #expect(whole.optional == ["note"])
    }
}
