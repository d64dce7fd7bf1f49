package import Domain
import FoundationEssentials
import Schemas

/// A node shows its join token and its two public keys.
package struct EnrollRequest: Hashable, Sendable {
    package static let sizeMax = 16 << 10

    package let tokenID: ID<JoinToken>
    /// Compared by `JoinToken.digest(ofSecret:)`.
    package let tokenSecret: String
    package let signingKey: VerifyingKey
    package let sealingKey: SealingKey.Public
    /// The machine's own name, for people.
    package let name: String
    package let version: String

    package init(
        tokenID: ID<JoinToken>,
        tokenSecret: String,
        signingKey: VerifyingKey,
        sealingKey: SealingKey.Public,
        name: String,
        version: String
    ) {
        self.tokenID = tokenID
        self.tokenSecret = tokenSecret
        self.signingKey = signingKey
        self.sealingKey = sealingKey
        self.name = name
        self.version = version
    }

    package func encoded() -> [UInt8] {
        var message = PBEnrollRequest()
        message.tokenID = self.tokenID.text
        message.tokenSecret = self.tokenSecret
        message.ed25519 = Data(self.signingKey.bytes)
        message.x25519 = Data(self.sealingKey.bytes)
        message.name = self.name
        message.version = self.version
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> EnrollRequest {
        let message = try PBEnrollRequest(strictly: bytes, atMost: Self.sizeMax)
        guard let signingKey = VerifyingKey(Array(message.ed25519)) else {
            throw WireError(.invalid, "ed25519 is not a key that can be used")
        }
        guard let sealingKey = SealingKey.Public(Array(message.x25519)) else {
            throw WireError(.invalid, "x25519 is not a key that can be used")
        }
        return EnrollRequest(
            tokenID: try Check.id(message.tokenID, "token_id"),
            tokenSecret: try Check.nonEmptyText(message.tokenSecret, atMost: 128, "token_secret"),
            signingKey: signingKey,
            sealingKey: sealingKey,
            name: try Check.text(message.name, atMost: 256, "name"),
            version: try Check.text(message.version, atMost: 64, "version")
        )
    }
}

/// The node's id and where its trust and its floor begin.
package struct EnrollReply: Hashable, Sendable {
    package static let sizeMax = 4 << 20

    package let node: ID<Node>
    package let environment: ID<Environment>
    /// Envelopes of roots 1, 2, … in order.
    package let roots: [[UInt8]]
    package let floor: HeadPosition

    package init(node: ID<Node>, environment: ID<Environment>, roots: [[UInt8]], floor: HeadPosition) {
        self.node = node
        self.environment = environment
        self.roots = roots
        self.floor = floor
    }

    package func encoded() -> [UInt8] {
        var message = PBEnrollReply()
        message.nodeID = self.node.text
        message.environment = self.environment.text
        message.roots = self.roots.map { Data($0) }
        message.epoch = self.floor.epoch
        message.headVersion = self.floor.headVersion
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> EnrollReply {
        let message = try PBEnrollReply(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.roots.count, atMost: RootChain.versionsMax, "roots")
        return EnrollReply(
            node: try Check.id(message.nodeID, "node_id"),
            environment: try Check.id(message.environment, "environment"),
            roots: message.roots.map { Array($0) },
            floor: HeadPosition(
                epoch: try Check.numberOrZero(message.epoch, "epoch"),
                headVersion: try Check.numberOrZero(message.headVersion, "head_version")
            )
        )
    }
}
