import Domain
import TestSupport
import Testing
import Wire

@Suite struct `Prompts in a snapshot` {
    private func prompt(_ name: String, words: Int = 200) throws -> Prompt {
        var schema = ValueSchema()
        schema.types = [.object]
        schema.required = ["who"]
        schema.allowsOthers = false
        var who = ValueSchema()
        who.types = [.string, .null]
        who.lengthMax = 40
        var list = ValueSchema()
        list.types = [.array]
        list.element = [who]
        list.countMax = 3
        var tone = ValueSchema()
        tone.choices = [.text("warm"), .number("1.50"), .object(["a": .list([.bool(true), .null])])]
        schema.properties = ["who": who, "list": list, "tone": tone]
        let first = PromptVersion(
            messages: [
                PromptMessage(role: .system, content: try Template("Be kind to {{who}}.\n{{>more}}")),
                PromptMessage(role: .user, content: try Template(String(repeating: "word ", count: words))),
            ],
            partials: ["more": try Template("And brief.")],
            variables: schema,
            parameters: [.temperature: .number("0.2"), .stop: .list([.text("x")])]
        )
        let second = PromptVersion(messages: [PromptMessage(role: .developer, content: try Template("two"))])
        return Prompt(
            name: must(Name(name)),
            versions: [first, second],
            labels: [
                must(Name("production")): LabelTarget(version: 1),
                must(Name("canary")): must(
                    LabelTarget([.init(version: 1, weight: 90), .init(version: 2, weight: 10)], unit: .key)
                ),
            ],
            protectedLabels: [must(Name("production"))],
            allowsSystem: true
        )
    }

    @Test func `they are read back as they were written`() throws {
        var sections = Sample.sections()
        sections.prompts = [try self.prompt("a"), try self.prompt("b", words: 5_000)]
        let decoded = try SectionCodec.decode(try SectionCodec.encode(sections))
        #expect(decoded.prompts.sorted { $0.name < $1.name } == sections.prompts)
        #expect(try SnapshotContent(decoded).prompts.count == 2)
    }

    @Test func `without any there is no section, and a snapshot from before there were is read`() throws {
        let parts = try SectionCodec.encode(Sample.sections())
        #expect(!parts.contains { $0.kind == "prompts" })
        #expect(try SectionCodec.decode(parts).prompts.isEmpty)
    }

    @Test func `one change of 500 prompts is one shard of some kilobytes`() throws {
        var sections = Sample.sections()
        sections.prompts = try (0..<500).map { try self.prompt("prompt-\($0)", words: 300) }
        let parts = try SectionCodec.encode(sections)
        let shards = parts.filter { $0.kind == "prompts" }
        #expect(shards.count == 128)
        #expect(shards.allSatisfy { !$0.isCritical && $0.bytes.count < 24 << 10 })
        sections.prompts[77] = try self.prompt("prompt-77", words: 301)
        let changed = Set(try SectionCodec.encode(sections)).subtracting(parts)
        #expect(changed.map(\.kind) == ["prompts"])
    }

    @Test func `shards of two publications do not mix`() throws {
        var sections = Sample.sections()
        sections.prompts = [try self.prompt("a")]
        let few = try SectionCodec.encode(sections)
        sections.prompts = try (0..<40).map { try self.prompt("p\($0)", words: 400) }
        let many = try SectionCodec.encode(sections)
        let mixed = few.filter { $0.kind != "prompts" } + many.filter { $0.kind == "prompts" && $0.shard == 0 }
        #expect(throws: WireError.self) { try SectionCodec.decode(mixed) }
    }

    @Test func `what does not hold together is refused`() throws {
        let good = try self.prompt("a")
        func content(_ prompt: Prompt) throws -> SnapshotContent {
            var sections = Sample.sections()
            sections.prompts = [prompt]
            return try SnapshotContent(sections)
        }
        _ = try content(good)
        let noVersions = Prompt(name: good.name, versions: [], labels: [:], protectedLabels: [], allowsSystem: false)
        let wrongLabel = Prompt(
            name: good.name,
            versions: good.versions,
            labels: [must(Name("production")): LabelTarget(version: 3)],
            protectedLabels: [],
            allowsSystem: false
        )
        let partial = PromptVersion(messages: [PromptMessage(role: .user, content: try Template("{{>gone}}"))])
        let noPartial = Prompt(
            name: good.name,
            versions: [partial],
            labels: [:],
            protectedLabels: [],
            allowsSystem: false
        )
        for prompt in [noVersions, wrongLabel, noPartial] {
            #expect(throws: SnapshotContent.Flaw.self) { try content(prompt) }
        }
    }
}
