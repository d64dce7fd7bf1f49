package import Domain
package import Wire

/// The two private keys of a node. Made before it first asks to join, so that asking again shows the same ones.
package struct NodeKeys: Sendable {
    package let signing: SigningKey
    package let sealing: SealingKey

    package init(signing: SigningKey, sealing: SealingKey) {
        self.signing = signing
        self.sealing = sealing
    }

    package static func generate() -> NodeKeys { NodeKeys(signing: .generate(), sealing: .generate()) }
}

/// Who a node is, and where its trust begins: what enrolment gave it. Nothing in it expires.
package struct NodeIdentity: Sendable {
    package let keys: NodeKeys
    package let node: ID<Node>
    package let environment: ID<Environment>
    /// SHA-256 of root 1's payload.
    package let rootPin: Digest
    /// Of the control plane's TLS key; nil where its certificate is judged by authorities, or there is no TLS.
    package let serverKeyPin: Digest?
    /// Envelopes of the roots that enrolment answered with.
    package let roots: [[UInt8]]
    /// The first floor: no older head is ever taken.
    package let floor: HeadPosition

    package init(
        keys: NodeKeys,
        node: ID<Node>,
        environment: ID<Environment>,
        rootPin: Digest,
        serverKeyPin: Digest?,
        roots: [[UInt8]],
        floor: HeadPosition
    ) {
        self.keys = keys
        self.node = node
        self.environment = environment
        self.rootPin = rootPin
        self.serverKeyPin = serverKeyPin
        self.roots = roots
        self.floor = floor
    }
}
