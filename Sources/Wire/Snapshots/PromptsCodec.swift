import Domain
import Schemas
import SwiftProtobuf

/// Prompts, in shards: a change of one prompt is a change of one of them.
enum PromptsCodec {
    static let shardsMax = 128
    /// What a shard is meant to have, in bytes; prompts are of very different lengths.
    private static let shardByteCount = 8 << 10

    /// One blob per shard; none where there is no prompt.
    static func encode(_ prompts: [Prompt]) -> [[UInt8]] {
        guard !prompts.isEmpty else { return [] }
        let entries = prompts.sorted { $0.name < $1.name }.map(Self.entry)
        let byteCount = prompts.flatMap(\.versions).reduce(0) { $0 + $1.byteCount }
        let count = min(Self.shardsMax, (byteCount / Self.shardByteCount + 1).roundedUpToPowerOfTwo)
        var shards = [[PBPromptEntry]](repeating: [], count: count)
        for entry in entries { shards[Self.shard(of: entry.name, count: count)].append(entry) }
        return shards.map { entries in
            var message = PBPromptsSection()
            message.format = SectionCodec.format
            message.shards = UInt32(count)
            message.prompts = entries
            return message.deterministicBytes
        }
    }

    /// Shards 0 ..< n, in order.
    static func decode(_ shards: [[UInt8]]) throws(WireError) -> [Prompt] {
        var prompts: [Prompt] = []
        for (number, bytes) in shards.enumerated() {
            let message = try PBPromptsSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
            try Check.format(message.format, supported: SectionCodec.format, "the section prompts")
            guard Int(message.shards) == shards.count else {
                throw WireError(
                    .invalid,
                    "shard \(number) of prompts is one of \(message.shards), not of \(shards.count)"
                )
            }
            for entry in message.prompts {
                guard Self.shard(of: entry.name, count: shards.count) == number else {
                    throw WireError(.invalid, "the prompt \(entry.name.prefix(64)) stands in the wrong shard")
                }
                prompts.append(try Self.prompt(entry))
            }
        }
        return prompts
    }

    private static func shard(of name: String, count: Int) -> Int {
        Int(StickyHash(name).place(below: UInt64(count)))
    }

    // MARK: - Prompts

    private static func entry(_ prompt: Prompt) -> PBPromptEntry {
        var entry = PBPromptEntry()
        entry.name = prompt.name.text
        entry.versions = prompt.versions.map(Self.entry)
        entry.labels = prompt.labels.sorted { $0.key < $1.key }.map { label, target in
            var entry = PBPromptLabelEntry()
            entry.name = label.text
            entry.unit = target.unit.rawValue
            entry.shares = target.shares.map { share in
                var entry = PBPromptShareEntry()
                entry.version = share.version
                entry.weight = share.weight
                return entry
            }
            return entry
        }
        entry.allowsSystem = prompt.allowsSystem
        entry.protectedLabels = prompt.protectedLabels.map(\.text)
        return entry
    }

    private static func entry(_ version: PromptVersion) -> PBPromptVersionEntry {
        var entry = PBPromptVersionEntry()
        entry.messages = version.messages.map { message in
            var entry = PBPromptMessageEntry()
            entry.role = message.role.rawValue
            entry.content = message.content.source
            return entry
        }
        entry.partials = version.partials.mapValues(\.source)
        if let variables = version.variables { entry.variables = ValuesCodec.entry(variables) }
        for (parameter, value) in version.parameters {
            entry.parameters[parameter.rawValue] = ValuesCodec.entry(value)
        }
        return entry
    }

    private static func prompt(_ entry: PBPromptEntry) throws(WireError) -> Prompt {
        let name: Name<Prompt> = try Check.name(entry.name, "a prompt's name")
        try Check.count(entry.versions.count, atMost: Prompt.versionsMax, "versions of the prompt \(name)")
        var versions: [PromptVersion] = []
        for version in entry.versions { versions.append(try Self.version(version, of: name)) }
        var labels: [Name<PromptLabel>: LabelTarget] = [:]
        for label in entry.labels {
            let target = try Self.target(label, of: name)
            guard labels.updateValue(target, forKey: try Check.name(label.name, "a label of the prompt \(name)")) == nil
            else { throw WireError(.invalid, "the prompt \(name) has a label twice") }
        }
        return Prompt(
            name: name,
            versions: versions,
            labels: labels,
            protectedLabels: try Check.names(entry.protectedLabels, "a protected label of the prompt \(name)"),
            allowsSystem: entry.allowsSystem
        )
    }

    private static func version(
        _ entry: PBPromptVersionEntry,
        of prompt: Name<Prompt>
    ) throws(WireError) -> PromptVersion {
        // Said by a newer build, perhaps of when it applies: it must not be passed over.
        guard entry.unknownFields.data.isEmpty else {
            throw WireError(.newer, "a version of the prompt \(prompt) says what this build does not know: upgrade it")
        }
        try Check.count(entry.messages.count, atMost: PromptVersion.messagesMax, "messages of the prompt \(prompt)")
        try Check.count(entry.partials.count, atMost: PromptVersion.partialsMax, "partials of the prompt \(prompt)")
        var messages: [PromptMessage] = []
        for message in entry.messages {
            messages.append(
                PromptMessage(
                    role: try Check.choice(message.role, of: PromptMessage.Role.self, "a role in the prompt \(prompt)"),
                    content: try Self.template(message.content, of: prompt)
                )
            )
        }
        var partials: [String: Template] = [:]
        for (name, source) in entry.partials { partials[name] = try Self.template(source, of: prompt) }
        var parameters: [PromptVersion.Parameter: JSONValue] = [:]
        for (name, value) in entry.parameters {
            let field = "a parameter of the prompt \(prompt)"
            parameters[try Check.choice(name, of: PromptVersion.Parameter.self, field)] = try ValuesCodec.value(value)
        }
        return PromptVersion(
            messages: messages,
            partials: partials,
            variables: entry.hasVariables ? try ValuesCodec.schema(entry.variables) : nil,
            parameters: parameters
        )
    }

    private static func template(_ source: String, of prompt: Name<Prompt>) throws(WireError) -> Template {
        do { return try Template(source) } catch {
            throw WireError(
                .invalid,
                "a text of the prompt \(prompt) is no template: line \(error.line) \(error.detail)"
            )
        }
    }

    private static func target(_ entry: PBPromptLabelEntry, of prompt: Name<Prompt>) throws(WireError) -> LabelTarget {
        let shares = entry.shares.map { LabelTarget.Share(version: $0.version, weight: $0.weight) }
        let unit = try Check.choice(
            entry.unit,
            of: LabelTarget.Unit.self,
            "the unit of a label of the prompt \(prompt)"
        )
        guard let target = LabelTarget(shares, unit: unit) else {
            throw WireError(.invalid, "a label of the prompt \(prompt) has shares that make no sense")
        }
        return target
    }
}

extension Int {
    fileprivate var roundedUpToPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
