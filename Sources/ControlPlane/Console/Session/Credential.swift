package import Domain

/// What a session rests on. Whether it still holds is asked anew for every request.
package struct Credential: Sendable {
    let kind: Kind
    /// The same for all sessions of one token, or of one person at an issuer.
    package let holder: Digest

    enum Kind: Sendable {
        /// The digest of a principal's token.
        case token(Digest)
        case identity(Identity)
    }

    package init(token digest: Digest) {
        self.kind = .token(digest)
        self.holder = digest
    }

    /// Of somebody who is known as `caller` here.
    init(_ identity: Identity, of caller: Caller) {
        self.kind = .identity(identity)
        self.holder = .sha256(Array(caller.name.utf8))
    }
}
