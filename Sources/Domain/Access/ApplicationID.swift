/// Which application, in one text, as usage shows it: a key's id, or who an issuer's token is about, `corp:ci-runner`,
/// as the audit log calls that person or program too.
package struct ApplicationID: Hashable, Sendable {
    /// Bytes: an issuer's name, the colon, a subject.
    package static let lengthMax = NameGrammar.segmentLengthMax + 1 + Claims.subjectLengthMax

    /// Tells the two apart: no key's id holds it.
    package static let separator: Unicode.Scalar = ":"

    package let text: String

    package init(_ key: ID<APIKey>) { self.text = key.text }

    package init(_ issuer: Name<Issuer>, subject: String) { self.text = "\(issuer)\(Self.separator)\(subject)" }

    /// Nil if it is empty or longer than `lengthMax`.
    package init?(_ text: String) {
        guard (1...Self.lengthMax).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    /// Whether it is named by a token, whose subjects are as many as an issuer likes.
    package static func isOfToken(_ text: String) -> Bool { text.unicodeScalars.contains(Self.separator) }
}

extension ApplicationID: CustomStringConvertible {
    package var description: String { self.text }
}
