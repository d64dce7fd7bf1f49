/// What a JSON Web Token (RFC 7519) says of whom it is about, whoever vouches for it.
package struct Claims: Hashable, Sendable {
    private let members: [String: JSONValue]

    package init(_ members: [String: JSONValue]) { self.members = members }

    package subscript(_ name: String) -> JSONValue? { self.members[name] }

    package var issuer: String { self["iss"]?.text ?? "" }

    /// A claim that says who somebody is. An address that nobody has proved to be theirs (`email_verified`, OpenID Connect
    /// Core 1.0, 5.1) is anybody's: it says nothing.
    private func proven(_ name: String) -> JSONValue? {
        let verified = self["email_verified"]
        guard name != "email" || verified == .bool(true) || verified == .text("true") else { return nil }
        return self[name]
    }

    /// One text, or one of a list.
    package func holds(_ value: String, under name: String) -> Bool {
        switch self.proven(name) {
        case .text(let text): text.hasSameBytes(as: value)
        case .list(let elements): elements.contains { $0.text?.hasSameBytes(as: value) == true }
        case nil, .null, .bool, .number, .object: false
        }
    }

    /// Whether it is for one of `audiences`.
    package func isFor(oneOf audiences: [String]) -> Bool { audiences.contains { self.holds($0, under: "aud") } }

    /// Bytes.
    package static let subjectLengthMax = 200

    /// Whom it is about, by the claim of this name; nil where that names nobody, or with characters that do not show.
    package func subject(under name: String) -> String? {
        guard let subject = self.proven(name)?.text,
            (1...Self.subjectLengthMax).contains(subject.utf8.count),
            subject.unicodeScalars.allSatisfy({ $0.properties.generalCategory.isShown })
        else { return nil }
        return subject
    }

    /// Clocks of two machines differ.
    package static let leewaySeconds: Int64 = 60

    /// Why it does not hold at `now`; nil if it does: it must end, and may have a begin.
    package func untimely(at now: Timestamp) -> String? {
        let second = now.unixMilliseconds / 1_000
        guard let end = self.end else { return "it has no end (exp)" }
        if second >= end + Self.leewaySeconds { return "it has expired" }
        for name in ["nbf", "iat"] where self[name] != nil {
            guard let begin = self.seconds(name) else { return "its \(name) is no time" }
            if begin > second + Self.leewaySeconds { return "it is not good yet (\(name))" }
        }
        return nil
    }

    /// `exp`, in seconds since 1970.
    package var end: Int64? { self.seconds("exp") }

    /// Whole seconds, also of a fraction; nil for what is no number or beyond all times.
    private func seconds(_ name: String) -> Int64? {
        guard case .number(let digits) = self[name], let number = Double(digits), abs(number) < 1e12 else { return nil }
        return Int64(number)
    }
}

extension String {
    /// Swift's `==` takes two spellings of one letter for the same; somebody else's words are compared as they are.
    func hasSameBytes(as other: String) -> Bool { self.utf8.elementsEqual(other.utf8) }
}

extension Unicode.GeneralCategory {
    fileprivate var isShown: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
