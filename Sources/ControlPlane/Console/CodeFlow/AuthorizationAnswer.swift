import Domain

/// What a browser brings back from an issuer (RFC 6749, 4.1.2; RFC 9207).
struct AuthorizationAnswer {
    /// Our name of the issuer to whose callback it was brought.
    let callbackIssuer: String
    let state: String
    let code: String?
    let error: String?
    let issuer: String?

    init(_ query: FormFields, callbackIssuer: String) {
        self.callbackIssuer = callbackIssuer
        self.state = query["state"] ?? ""
        self.code = query["code"]
        self.issuer = query["iss"]
        self.error = query["error"].map { Self.words($0, query["error_description"]) }
    }

    /// The code, if it came from this issuer.
    func code(from identifier: String, _ document: IssuerDocument) throws(SignInFault) -> String {
        // One that says whose it is when it need not is held to it too: else one issuer could answer for another.
        guard self.issuer.map({ $0.hasSameBytes(as: identifier) }) ?? !document.namesItself else {
            throw .foreignAnswer
        }
        if let error { throw .declined(error) }
        guard let code else { throw .declined("nothing") }
        return code
    }

    private static let wordsMax = 300

    /// Somebody else's words, which stand on a page of ours: one line of them, and not too long.
    static func words(_ error: String, _ description: String?) -> String {
        let text = description.map { "\(error) (\($0))" } ?? error
        let shown = text.unicodeScalars.map { $0.properties.generalCategory.isShown ? Character($0) : " " }
        return shown.count > Self.wordsMax ? String(shown.prefix(Self.wordsMax)) + "…" : String(shown)
    }
}
