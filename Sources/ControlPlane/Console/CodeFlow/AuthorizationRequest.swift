import Domain
import Wire

/// What a browser carries to an issuer to have somebody signed in (OpenID Connect Core 1.0, 3.1.2.1, with RFC 7636).
struct AuthorizationRequest {
    let client: ConsoleClient
    let callback: String
    let state: String
    let nonce: String
    let verifier: String

    func url(at endpoint: IssuerDocument.Address) -> String {
        endpoint.adding(
            FormText.encode([
                ("response_type", "code"), ("client_id", self.client.clientID), ("redirect_uri", self.callback),
                ("scope", self.client.scopes.joined(separator: " ")), ("state", self.state), ("nonce", self.nonce),
                ("code_challenge", Self.challenge(of: self.verifier)), ("code_challenge_method", "S256"),
            ])
        )
    }

    /// RFC 7636, 4.2.
    static func challenge(of verifier: String) -> String {
        Base64.encodeURL(Digest.sha256(Array(verifier.utf8)).bytes)
    }
}
