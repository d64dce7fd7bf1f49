package import Domain

/// A token that lets nodes join; only the digest of its secret is kept.
package struct StoredJoinToken: Hashable, Sendable {
    package let id: String
    package let digest: Digest
    package let pool: String
    package let uses: Int
    package let usesLeft: Int
    package let created: Timestamp
    package let expires: Timestamp

    package init(
        id: String,
        digest: Digest,
        pool: String,
        uses: Int,
        usesLeft: Int,
        created: Timestamp,
        expires: Timestamp
    ) {
        self.id = id
        self.digest = digest
        self.pool = pool
        self.uses = uses
        self.usesLeft = usesLeft
        self.created = created
        self.expires = expires
    }
}

/// A node as the control plane knows it.
package struct EnrolledNode: Hashable, Sendable {
    package let id: ID<Node>
    package let name: String
    package let pool: String
    /// Raw public keys of 32 bytes each.
    package let ed25519: [UInt8]
    package let x25519: [UInt8]
    package let state: State
    package let enrolled: Timestamp
    package let stateSince: Timestamp
    /// Of its last status, or its enrolment.
    package let seen: Timestamp
    package let boot: ID<Boot>?
    /// JSON of its last status; nil until it has sent one.
    package let status: String?

    package enum State: String, Hashable, Sendable, CaseIterable {
        case active
        case draining
        case banned
    }
}

/// What a node says of itself when it joins.
package struct Enrolment: Hashable, Sendable {
    package let token: String
    package let tokenDigest: Digest
    package let ed25519: [UInt8]
    package let x25519: [UInt8]
    package let name: String

    package init(token: String, tokenDigest: Digest, ed25519: [UInt8], x25519: [UInt8], name: String) {
        self.token = token
        self.tokenDigest = tokenDigest
        self.ed25519 = ed25519
        self.x25519 = x25519
        self.name = name
    }
}

/// Why a node may not join.
package enum EnrolmentFault: Error, Hashable, Sendable {
    case unknownToken
    case tokenExpired
    case tokenUsed
    /// This key was enrolled with another token.
    case keyKnown
    case banned
}
