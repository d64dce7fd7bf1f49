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

    /// Nil if it is empty, longer than 130 characters, has a `*` anywhere but at its end, or holds what no name can.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 2 * NameGrammar.segmentLengthMax + 2,
            bytes.dropLast().allSatisfy(Self.isAllowed),
            bytes.last.map({ $0 == UInt8(ascii: "*") || Self.isAllowed($0) }) == true
        else { return nil }
        self.text = text
    }

    package func matches(_ name: String) -> Bool {
        self.text.utf8.last == UInt8(ascii: "*")
            ? name.utf8.starts(with: self.text.utf8.dropLast())
            : name.utf8.elementsEqual(self.text.utf8)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        NameGrammar.isNameByte(byte) || byte == UInt8(ascii: "/")
    }
}
