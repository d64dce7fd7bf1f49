package import Domain

/// The roots from the pinned first one to the newest, each signed by the root keys before it and by its own.
package struct RootChain: Hashable, Sendable {
    package static let versionsMax = 1_024

    /// The root in force.
    package private(set) var newest: Root
    /// Envelopes of versions 1, 2, … as received.
    package private(set) var envelopes: [[UInt8]]
    /// SHA-256 of root 1's payload: what a join token and `--trust` pin.
    package let pin: Digest
    /// Keys that an earlier root listed and the newest does not.
    private var retired: [Digest: VerifyingKey] = [:]

    /// Begins with root 1, which must be the pinned one.
    package init(first bytes: [UInt8], pin: Digest) throws(SnapshotRefusal) {
        let envelope = try Envelope.decode(bytes, expecting: .root)
        let digest = Digest.sha256(of: envelope.payload)
        guard digest == pin else {
            throw SnapshotRefusal(
                .signature,
                .keySetInvalid,
                "root 1 has the digest \(digest), but \(pin) is trusted: enrol again if the control plane was set up anew"
            )
        }
        let root = try Self.read(envelope)
        try Self.require(root, signed: envelope, by: root, retired: [:])
        guard root.version == 1 else {
            throw SnapshotRefusal(.signature, .keySetInvalid, "the first root says version \(root.version), not 1")
        }
        self.newest = root
        self.envelopes = [bytes]
        self.pin = pin
    }

    /// The whole chain as stored or as `enroll` answered.
    package init(_ envelopes: [[UInt8]], pin: Digest) throws(SnapshotRefusal) {
        guard let first = envelopes.first else {
            throw SnapshotRefusal(.signature, .keySetInvalid, "there is no root")
        }
        try self.init(first: first, pin: pin)
        for bytes in envelopes.dropFirst() { try self.append(bytes) }
    }

    /// Takes the root that follows the newest one. An expired root may be passed through; what counts is the expiry of
    /// the last, which `requireUnexpired` asks for.
    package mutating func append(_ bytes: [UInt8]) throws(SnapshotRefusal) {
        let envelope = try Envelope.decode(bytes, expecting: .root)
        let next = try Self.read(envelope)
        guard next.version > self.newest.version else {
            throw SnapshotRefusal(
                .rollback,
                .rollback,
                "root \(next.version) is not newer than root \(self.newest.version), which is in force"
            )
        }
        guard next.version == self.newest.version + 1, self.envelopes.count < Self.versionsMax else {
            throw SnapshotRefusal(
                .signature,
                .keySetInvalid,
                "root \(next.version) does not follow root \(self.newest.version): versions step by one"
            )
        }
        guard next.environment == self.newest.environment else {
            throw SnapshotRefusal(.signature, .wrongAudience, "the root is of the environment \(next.environment)")
        }
        guard next.epochMin >= self.newest.epochMin else {
            throw SnapshotRefusal(.signature, .keySetInvalid, "root \(next.version) lowers epoch_min")
        }
        try Self.require(next, signed: envelope, by: self.newest, retired: self.retired)
        try Self.require(next, signed: envelope, by: next, retired: self.retired)
        for (id, key) in self.newest.keys where next.keys[id] == nil { self.retired[id] = key }
        for id in next.keys.keys { self.retired[id] = nil }
        self.newest = next
        self.envelopes.append(bytes)
    }

    /// Nothing new is taken under a root that has expired. What was taken before is not affected.
    package func requireUnexpired(at now: Timestamp) throws(SnapshotRefusal) {
        guard now < self.newest.expires else {
            throw SnapshotRefusal(
                .signature,
                .expired,
                "root \(self.newest.version) has expired: sign a new one with martlet-control root"
            )
        }
    }

    func verify(_ envelope: Envelope, by role: TrustRole) throws(SnapshotRefusal) {
        try self.newest.verify(envelope, by: role, retired: self.retired)
    }

    private static func read(_ envelope: Envelope) throws(SnapshotRefusal) -> Root {
        do {
            return try Root.decode(envelope.payload)
        } catch {
            let code: SnapshotRefusal.Code = error.kind == .newer ? .unsupportedVersion : .keySetInvalid
            throw SnapshotRefusal(.signature, code, error.detail)
        }
    }

    private static func require(
        _ root: Root,
        signed envelope: Envelope,
        by signer: Root,
        retired: [Digest: VerifyingKey]
    ) throws(SnapshotRefusal) {
        do {
            try signer.verify(envelope, by: .root, retired: retired)
        } catch {
            guard error.code != .wrongKeyUsage else { throw error }
            throw SnapshotRefusal(.signature, .keySetInvalid, "root \(root.version): \(error.detail)")
        }
        try envelope.require(.root)
    }
}
