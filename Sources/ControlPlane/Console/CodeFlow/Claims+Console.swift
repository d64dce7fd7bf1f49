import Domain

extension Claims {
    /// Whether an ID token is the answer to what `clientID` asked with `nonce` (OpenID Connect Core 1.0, 3.1.3.7).
    /// Issuer, signature and times are judged as of every token.
    func checkIDToken(for clientID: String, nonce: String) throws(TokenFlaw) {
        try self.checkAudience(oneOf: [clientID])
        if case .list(let audiences) = self["aud"], audiences.count > 1, self["azp"] == nil {
            throw TokenFlaw("it is for several, and does not say whom it was given to (azp)")
        }
        if let party = self["azp"], party.text?.hasSameBytes(as: clientID) != true {
            throw TokenFlaw("it was given to somebody else (azp)")
        }
        guard let said = self["nonce"]?.text, Secrecy.isEqual(said, nonce) else {
            throw TokenFlaw("it is no answer to this sign-in (nonce)")
        }
    }
}
