/// Who calls, in one text, as usage shows it: a key's id, or who an issuer's token is about, `corp:ci-runner`, as that
/// person or program is called in the audit log too. The colon, which no key's id holds, tells them apart.
package struct CallerID: Hashable, Sendable {
    /// Bytes: an issuer's name, the colon, a subject.
    package static let lengthMax = NameGrammar.segmentLengthMax + 1 + Claims.subjectLengthMax

    package let text: String

    package init(_ key: ID<APIKey>) { self.text = key.text }

    package init(_ issuer: Name<Issuer>, subject: String) { self.text = "\(issuer):\(subject)" }

    /// Nil if it is empty or longer than `lengthMax`.
    package init?(_ text: String) {
        guard (1...Self.lengthMax).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    /// Whether it is named by a token, whose subjects are as many as an issuer likes.
    package static func isOfToken(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: ":")) }
}

extension CallerID: CustomStringConvertible {
    package var description: String { self.text }
}
