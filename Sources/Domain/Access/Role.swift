/// What an API key may ask for. A key without roles may ask for nothing.
package struct Role: Nameable, Hashable, Sendable {
    package let name: Name<Role>
    package let routes: [NamePattern]
    package let models: [NamePattern]
    /// Whether `POST /v1/decide` answers with the whole trace.
    package let explain: Bool

    package init(name: Name<Role>, routes: [NamePattern], models: [NamePattern], explain: Bool = false) {
        self.name = name
        self.routes = routes
        self.models = models
        self.explain = explain
    }
}

/// `*`, a whole name, or a prefix that ends in `*` (`openai/*`).
package struct NamePattern: Hashable, Sendable {
    package let text: String

    /// Nil if it is empty, longer than 130 characters, or has a `*` anywhere but at its end.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 2 * NameGrammar.segmentLengthMax + 2, !text.dropLast().contains("*")
        else { return nil }
        self.text = text
    }

    package func matches(_ name: String) -> Bool {
        self.text.hasSuffix("*") ? name.hasPrefix(self.text.dropLast()) : name == self.text
    }
}
