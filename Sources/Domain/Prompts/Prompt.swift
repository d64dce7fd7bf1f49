/// A named text for models. Its versions never change; its labels say which of them is meant.
package struct Prompt: Nameable, Hashable, Sendable {
    package let name: Name<Prompt>
    /// Numbered 1, 2, 3 … in this order.
    package let versions: [PromptVersion]
    package let labels: [Name<PromptLabel>: LabelTarget]
    /// Labels that move only with somebody else's approval.
    package let protectedLabels: [Name<PromptLabel>]
    /// Whether a caller's own system message may stand behind the prompt's.
    package let allowsSystem: Bool

    package static let versionsMax = 1_000
    package static let labelsMax = 64
    /// Of all templates of all versions together: a prompt is never cut in two on its way to the nodes.
    package static let bytesMax = 1 << 20
    /// What is protected unless a prompt says otherwise.
    package static let protectedUsually = [PromptWish.labelUsual].compactMap(Name<PromptLabel>.init)

    package init(
        name: Name<Prompt>,
        versions: [PromptVersion],
        labels: [Name<PromptLabel>: LabelTarget],
        protectedLabels: [Name<PromptLabel>],
        allowsSystem: Bool
    ) {
        self.name = name
        self.versions = versions
        self.labels = labels
        self.protectedLabels = protectedLabels
        self.allowsSystem = allowsSystem
    }

    /// Nil if there is no such version.
    package func version(_ number: UInt32) -> PromptVersion? {
        self.versions.indices.contains(Int(number) - 1) ? self.versions[Int(number) - 1] : nil
    }

    /// What does not hold together in it; nil if all does.
    package var flaw: String? {
        guard (1...Self.versionsMax).contains(self.versions.count) else {
            return "has no version, or more than \(Self.versionsMax)"
        }
        guard self.labels.count <= Self.labelsMax else { return "has more than \(Self.labelsMax) labels" }
        guard self.versions.reduce(0, { $0 + $1.byteCount }) <= Self.bytesMax else {
            return "has more than \(Self.bytesMax) bytes in all its versions: begin another one"
        }
        for (index, version) in self.versions.enumerated() {
            if let flaw = version.flaw { return "version \(index + 1) \(flaw)" }
        }
        for (label, target) in self.labels.sorted(by: { $0.key < $1.key }) {
            guard let missing = target.shares.first(where: { self.version($0.version) == nil }) else { continue }
            return "label \(label) names version \(missing.version), which is not there"
        }
        return nil
    }
}

/// What labels are names of: `production`, `staging`, …
package enum PromptLabel: Nameable {}

/// One version of a prompt, the same for ever.
package struct PromptVersion: Hashable, Sendable {
    /// Before the caller's own messages, in this order.
    package let messages: [PromptMessage]
    /// Texts that messages name with `{{>name}}`.
    package let partials: [String: Template]
    /// What its variables may be; nil: anything, and all are needed.
    package let variables: ValueSchema?
    /// Members of the request that the caller did not set itself, such as `temperature`.
    package let parameters: [Parameter: JSONValue]
    /// For people.
    package let notes: String

    package static let messagesMax = 64
    package static let partialsMax = 32
    package static let notesBytesMax = 4_096
    /// Of all its templates together.
    package static let bytesMax = 512 << 10

    /// Members of a request that a prompt may set: none that the gateway reads or owns.
    package enum Parameter: String, Hashable, Sendable, CaseIterable {
        case temperature
        case topP = "top_p"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
        case seed
        case stop
        case reasoningEffort = "reasoning_effort"
        case verbosity

        /// Whether a value may stand there.
        package func takes(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.temperature, .number(let digits)), (.topP, .number(let digits)),
                (.presencePenalty, .number(let digits)), (.frequencyPenalty, .number(let digits)):
                Double(digits)?.isFinite ?? false
            case (.seed, .number(let digits)): Int64(digits) != nil
            case (.reasoningEffort, .text), (.verbosity, .text), (.stop, .text): true
            case (.stop, .list(let elements)): elements.allSatisfy { if case .text = $0 { true } else { false } }
            default: false
            }
        }
    }

    package init(
        messages: [PromptMessage],
        partials: [String: Template] = [:],
        variables: ValueSchema? = nil,
        parameters: [Parameter: JSONValue] = [:],
        notes: String = ""
    ) {
        self.messages = messages
        self.partials = partials
        self.variables = variables
        self.parameters = parameters
        self.notes = notes
    }

    /// Of its templates.
    package var byteCount: Int {
        self.messages.reduce(0) { $0 + $1.content.source.utf8.count }
            + self.partials.reduce(0) { $0 + $1.value.source.utf8.count }
    }

    var flaw: String? {
        guard (1...Self.messagesMax).contains(self.messages.count) else {
            return "has no message, or more than \(Self.messagesMax)"
        }
        guard self.partials.count <= Self.partialsMax else { return "has more than \(Self.partialsMax) partials" }
        guard self.byteCount <= Self.bytesMax else { return "has more than \(Self.bytesMax) bytes" }
        let templates = self.messages.map(\.content) + self.partials.values
        if let parameter = self.parameters.first(where: { !$0.key.takes($0.value) }) {
            return "sets '\(parameter.key.rawValue)' to what it does not take"
        }
        let unknown = templates.reduce(into: Set<String>()) { $0.formUnion($1.partials) }.subtracting(
            self.partials.keys
        )
        return unknown.min().map { "uses the partial '\($0)', which it does not have" }
    }
}

package struct PromptMessage: Hashable, Sendable {
    package let role: Role
    package let content: Template

    package init(role: Role, content: Template) {
        self.role = role
        self.content = content
    }

    package enum Role: String, Hashable, Sendable, CaseIterable {
        case system
        case developer
        case user
        case assistant

        /// Whether it speaks for whoever runs the application.
        package var isSystem: Bool { self == .system || self == .developer }
    }
}

/// The version, or the versions and their shares, that a label stands for.
package struct LabelTarget: Hashable, Sendable {
    /// By version, ascending; never empty, no version twice.
    package let shares: [Share]
    /// Who always gets the same version.
    package let unit: Unit

    package static let sharesMax = 16
    package static let weightMax: UInt32 = 1_000_000

    package struct Share: Hashable, Sendable {
        package let version: UInt32
        /// From 1; its part of the sum of all.
        package let weight: UInt32

        package init(version: UInt32, weight: UInt32) {
            self.version = version
            self.weight = weight
        }
    }

    package enum Unit: String, Hashable, Sendable, CaseIterable {
        /// The user that the request names; without one, the key.
        case user
        case key
    }

    package init(version: UInt32) {
        self.shares = [Share(version: version, weight: 1)]
        self.unit = .user
    }

    /// Nil if there is no share, too many, one of no weight or too much, or two of one version.
    package init?(_ shares: [Share], unit: Unit) {
        guard (1...Self.sharesMax).contains(shares.count), Set(shares.map(\.version)).count == shares.count,
            shares.allSatisfy({ (1...Self.weightMax).contains($0.weight) })
        else { return nil }
        self.shares = shares.sorted { $0.version < $1.version }
        self.unit = unit
    }
}
