import Domain

extension Claims {
    /// Why an ID token is not the answer to what `clientID` asked with `nonce` (OpenID Connect Core 1.0, 3.1.3.7); nil if
    /// it is. Issuer, signature and times are judged as of every token.
    func unsuitability(for clientID: String, nonce: String) -> String? {
        guard self.holds(clientID, under: "aud") else { return "it is for somebody else (aud)" }
        if case .list(let audiences) = self["aud"], audiences.count > 1, self["azp"] == nil {
            return "it is for several, and does not say whom it was given to (azp)"
        }
        if let party = self["azp"], party.text != clientID { return "it was given to somebody else (azp)" }
        guard let said = self["nonce"]?.text, Secrecy.isEqual(said, nonce) else {
            return "it is no answer to this sign-in (nonce)"
        }
        return nil
    }
}
