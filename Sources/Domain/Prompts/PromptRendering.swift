/// A version's messages as they go before the caller's own.
package struct RenderedPrompt: Hashable, Sendable {
    package let choice: PromptChoice
    package let messages: [Message]
    package let parameters: [PromptVersion.Parameter: JSONValue]
    package let allowsSystem: Bool

    package struct Message: Hashable, Sendable {
        package let role: PromptMessage.Role
        package let content: String
    }

    package var hasSystem: Bool { self.messages.contains { $0.role.isSystem } }
}

extension PromptVersion {
    package func rendered(with variables: [String: JSONValue]) throws(Template.Hole) -> [RenderedPrompt.Message] {
        let given = JSONValue.object(variables)
        var options = Template.Options()
        if let schema = self.variables {
            do { try schema.check(given) } catch {
                throw Template.Hole(variable: error.place.isEmpty ? nil : error.place, detail: error.detail)
            }
            options = Template.Options(optional: schema.optional)
        }
        var messages: [RenderedPrompt.Message] = []
        var effort = Template.Effort()
        for message in self.messages {
            let text = try message.content.rendered(
                with: given,
                partials: self.partials,
                options: options,
                effort: &effort
            )
            messages.append(RenderedPrompt.Message(role: message.role, content: text))
        }
        return messages
    }
}

extension Snapshot {
    /// The prompt that `wish` names, rendered for this user and application.
    package func prompt(_ wish: PromptWish, user: String, application: ApplicationID) throws(Fault) -> RenderedPrompt {
        guard let prompt = Name<Prompt>(wish.name).flatMap({ self.content.prompts[$0] }) else {
            throw .noPrompt(wish.name)
        }
        return try prompt.rendered(for: wish, user: user, application: application)
    }
}

extension Prompt {
    /// The version that `wish` means for this user and application, rendered.
    package func rendered(
        for wish: PromptWish,
        user: String,
        application: ApplicationID
    ) throws(Fault) -> RenderedPrompt {
        let number = try self.number(for: wish.reference, user: user, application: application)
        guard let version = self.version(number) else { throw .noVersion(number, of: self.name) }
        do {
            return RenderedPrompt(
                choice: PromptChoice(prompt: self.name, number: number),
                messages: try version.rendered(with: wish.variables),
                parameters: version.parameters,
                allowsSystem: self.allowsSystem
            )
        } catch {
            throw .unrendered(error, self.name, number)
        }
    }

    private func number(
        for reference: PromptWish.Reference,
        user: String,
        application: ApplicationID
    ) throws(Fault) -> UInt32 {
        switch reference {
        case .version(let number): return number
        case .label(let text):
            guard let label = Name<PromptLabel>(text), let target = self.labels[label] else {
                throw .noLabel(text, of: self.name)
            }
            let isByUser = target.unit == .user && !user.isEmpty
            // The two must not meet: a user may be called as an application is.
            return target.version(of: label, in: self.name, for: isByUser ? "user=\(user)" : "key=\(application)")
        }
    }
}

extension Fault {
    fileprivate static func noPrompt(_ name: String) -> Fault {
        Fault(
            .promptNotFound,
            parameter: "prompt.id",
            "No prompt named '\(name.prefix(140))' is in this node's snapshot."
        )
    }

    fileprivate static func noVersion(_ number: UInt32, of prompt: Name<Prompt>) -> Fault {
        Fault(.promptNotFound, parameter: "prompt.version", "The prompt '\(prompt)' has no version \(number).")
    }

    fileprivate static func noLabel(_ label: String, of prompt: Name<Prompt>) -> Fault {
        Fault(
            .promptNotFound,
            parameter: "prompt.label",
            "The prompt '\(prompt)' has no label '\(label.prefix(64))'."
        )
    }

    fileprivate static func unrendered(_ hole: Template.Hole, _ prompt: Name<Prompt>, _ number: UInt32) -> Fault {
        let subject = hole.variable.map { "The variable '\($0.prefix(140))' of" } ?? "The text of"
        return Fault(
            .invalidRequest,
            parameter: hole.variable.map { "prompt.variables.\($0.prefix(140))" } ?? "prompt.variables",
            "\(subject) the prompt '\(prompt)', version \(number), \(hole.detail)."
        )
    }
}
