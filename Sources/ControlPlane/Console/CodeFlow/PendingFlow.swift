package import Domain

/// What must be known again when the browser comes back.
package struct PendingFlow: Hashable, Sendable {
    /// Our name for the issuer.
    package let issuer: Name<Issuer>
    /// Its own, as it was when the flow began.
    package let identifier: String
    package let clientID: String
    /// Of the cookie in the browser that began it.
    package let browser: Digest
    /// What the token must say again (OpenID Connect Core 1.0, 3.1.2.1).
    package let nonce: String
    /// What proves to the issuer that the code is ours (RFC 7636).
    package let verifier: String
    /// Where to go on then.
    package let next: String
    package let begun: Timestamp

    package init(
        issuer: Name<Issuer>,
        identifier: String,
        clientID: String,
        browser: Digest,
        nonce: String,
        verifier: String,
        next: String,
        begun: Timestamp
    ) {
        self.issuer = issuer
        self.identifier = identifier
        self.clientID = clientID
        self.browser = browser
        self.nonce = nonce
        self.verifier = verifier
        self.next = next
        self.begun = begun
    }

    func isOver(at now: Timestamp) -> Bool {
        !(0..<PendingFlows.lifeMilliseconds).contains(now.milliseconds(since: self.begun))
    }
}
