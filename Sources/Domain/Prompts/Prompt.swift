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
    /// What is protected unless a prompt says otherwise.
    package static let protectedUsually: Name<PromptLabel>? = Name("production")

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
    package let parameters: [String: TemplateValue]
    /// For people.
    package let notes: String

    package static let messagesMax = 64
    package static let partialsMax = 32
    package static let notesBytesMax = 4_096
    /// Of all its templates together.
    package static let bytesMax = 512 << 10

    package init(
        messages: [PromptMessage],
        partials: [String: Template] = [:],
        variables: ValueSchema? = nil,
        parameters: [String: TemplateValue] = [:],
        notes: String = ""
    ) {
        self.messages = messages
        self.partials = partials
        self.variables = variables
        self.parameters = parameters
        self.notes = notes
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
