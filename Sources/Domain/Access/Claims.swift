/// What a JSON Web Token (RFC 7519) says of whom it is about, whoever vouches for it.
package struct Claims: Hashable, Sendable {
    private let members: [String: JSONValue]

    package init(_ members: [String: JSONValue]) { self.members = members }

    package subscript(_ name: String) -> JSONValue? { self.members[name] }

    package var issuer: String { self["iss"]?.text ?? "" }

    /// A claim that says who somebody is. An address that nobody has proved to be theirs (`email_verified`, OpenID
    /// Connect Core 1.0, 5.1) is anybody's: it says nothing.
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
    package func checkAudience(oneOf audiences: [String]) throws(TokenFlaw) {
        guard audiences.contains(where: { self.holds($0, under: "aud") }) else {
            throw TokenFlaw("it is for somebody else (aud)")
        }
    }

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

    /// Until when it holds, as it must at `now`: it must end, and may have a begin.
    @discardableResult
    package func checkTimes(at now: Timestamp) throws(TokenFlaw) -> Timestamp {
        let second = now.unixMilliseconds / 1_000
        guard let end = self.seconds("exp") else { throw TokenFlaw("it has no end (exp)") }
        guard second < end + Self.leewaySeconds else { throw TokenFlaw("it has expired") }
        for name in ["nbf", "iat"] where self[name] != nil {
            guard let begin = self.seconds(name) else { throw TokenFlaw("its \(name) is no time") }
            guard begin <= second + Self.leewaySeconds else { throw TokenFlaw("it is not good yet (\(name))") }
        }
        return Timestamp(unixMilliseconds: (end + Self.leewaySeconds) * 1_000)
    }

    /// Whole seconds since 1970, also of a fraction; nil for what is no number or beyond all times.
    private func seconds(_ name: String) -> Int64? {
        guard case .number(let digits) = self[name], let number = Double(digits), abs(number) < 1e12 else { return nil }
        return Int64(number)
    }
}
