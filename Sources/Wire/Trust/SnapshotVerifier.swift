package import Domain

/// The rules by which bytes become a snapshot. Pure: the control plane asks them before it publishes, a node on every
/// delivery and at every start.
///
/// Each step takes what the step before has verified, so none can be left out.
package struct SnapshotVerifier: Sendable {
    package let trust: RootChain
    package let floors: Floors
    package let purpose: Purpose

    package enum Purpose: Hashable, Sendable {
        /// Something new came at this time.
        case delivery(now: Timestamp)
        /// What was taken before is loaded again. Its age refuses nothing: a node with a last good snapshot serves.
        case restart
        /// After crashes: the manifest before the newest one, which is not below the signed floor.
        case stepBack
    }

    /// How far ahead of this clock a head may have been issued, in milliseconds.
    package static let skewMax: Int64 = 300_000

    package init(trust: RootChain, floors: Floors, purpose: Purpose) {
        self.trust = trust
        self.floors = floors
        self.purpose = purpose
    }

    package func head(_ bytes: [UInt8]) throws(SnapshotRefusal) -> Verified<Head> {
        let envelope = try Envelope.decode(bytes, expecting: .head)
        if case .delivery(let now) = self.purpose { try self.trust.requireUnexpired(at: now) }
        try self.trust.verify(envelope, by: .freshness)
        try envelope.require(.head)
        let head = try Self.read(envelope.payload, Head.decode)
        try self.requireAudience(head.environment)
        try self.requireEpoch(head.position.epoch)
        guard head.rootVersion <= self.trust.newest.version else {
            throw SnapshotRefusal(
                .signature,
                .keySetInvalid,
                "the head is under root \(head.rootVersion), the newest held is \(self.trust.newest.version)"
            )
        }
        try self.requireTime(head)
        try self.requireNotOlder(head)
        return Verified(head, bytes)
    }

    /// The manifest that `reference`, of this head, names.
    package func manifest(
        _ bytes: [UInt8],
        reference: ManifestRef,
        under head: Verified<Head>
    ) throws(SnapshotRefusal) -> Verified<Manifest> {
        try Self.require(bytes, reference.blob, "manifest \(reference.sequence)")
        let envelope = try Envelope.decode(bytes, expecting: .manifest)
        try self.trust.verify(envelope, by: .release)
        try envelope.require(.manifest)
        let manifest = try Self.read(envelope.payload, Manifest.decode)
        try self.requireAudience(manifest.environment)
        try self.requireEpoch(manifest.epoch)
        try self.requireSame(manifest, reference, head.value)
        try self.requireNotOlder(manifest, digest: reference.blob.digest)
        try SectionKind.require(manifest.sections)
        return Verified(manifest, bytes)
    }

    package func denyList(_ bytes: [UInt8], under head: Verified<Head>) throws(SnapshotRefusal) -> DenyList {
        try Self.require(bytes, head.value.denyList, "deny list \(head.value.denyListNumber)")
        let signed = try Self.read(bytes, SignedDenyList.decode)
        try self.requireAudience(signed.environment)
        guard signed.list.number == head.value.denyListNumber else {
            throw SnapshotRefusal(.digest, .partMismatch, "the deny list has another number than the head says")
        }
        return signed.list
    }

    /// Reads and compiles the sections of a manifest. `blob` answers with what was fetched for a digest.
    package func content(
        of manifest: Verified<Manifest>,
        blob: (Digest) -> [UInt8]?
    ) throws(SnapshotRefusal) -> SnapshotContent {
        var sections: [SnapshotSection] = []
        for reference in manifest.value.sections where SectionKind(rawValue: reference.kind) != nil {
            let label = "section \(reference.kind)/\(reference.shard)"
            guard let bytes = blob(reference.blob.digest) else {
                throw SnapshotRefusal(.fetch, .partMissing, "\(label) is not there")
            }
            try Self.require(bytes, reference.blob, label)
            sections.append(
                SnapshotSection(
                    kind: reference.kind,
                    shard: reference.shard,
                    isCritical: reference.isCritical,
                    bytes: bytes
                )
            )
        }
        let decoded: SnapshotSections
        do {
            decoded = try SectionCodec.decode(sections)
        } catch {
            throw SnapshotRefusal(payload: error)
        }
        do {
            return try SnapshotContent(decoded)
        } catch {
            throw SnapshotRefusal(.compile, .payloadInvalid, "\(error.subject) \(error.detail)")
        }
    }

    /// Whether `bytes` are the blob that was asked for; for each as it arrives.
    package static func require(
        _ bytes: [UInt8],
        _ reference: BlobRef,
        _ label: String
    ) throws(SnapshotRefusal) {
        guard bytes.count == reference.size, Digest.sha256(of: bytes) == reference.digest else {
            throw SnapshotRefusal(.digest, .partMismatch, "\(label) has another digest or size than was signed")
        }
    }
}

extension SnapshotVerifier {
    private static func read<Value>(
        _ payload: [UInt8],
        _ decode: ([UInt8]) throws(WireError) -> Value
    ) throws(SnapshotRefusal) -> Value {
        do {
            return try decode(payload)
        } catch {
            throw SnapshotRefusal(payload: error)
        }
    }

    private func requireAudience(_ environment: ID<Environment>) throws(SnapshotRefusal) {
        guard environment == self.trust.newest.environment else {
            throw SnapshotRefusal(
                .signature,
                .wrongAudience,
                "it is of the environment \(environment), this node is of \(self.trust.newest.environment)"
            )
        }
    }

    private func requireEpoch(_ epoch: UInt64) throws(SnapshotRefusal) {
        let root = self.trust.newest
        guard epoch >= root.epochMin else {
            throw SnapshotRefusal(.rollback, .rollback, "epoch \(epoch) is below the root's \(root.epochMin)")
        }
        guard root.epochs.contains(epoch) else {
            throw SnapshotRefusal(.signature, .wrongKeyUsage, "epoch \(epoch) is further up than a root allows")
        }
    }

    private func requireTime(_ head: Head) throws(SnapshotRefusal) {
        guard case .delivery(let now) = self.purpose else { return }
        let ahead = head.issued.milliseconds(since: now)
        guard ahead <= Self.skewMax else {
            throw SnapshotRefusal(
                .signature,
                .notYetValid,
                "the head was issued \(ahead / 1_000) s ahead of this clock: set the clocks"
            )
        }
    }

    private func requireNotOlder(_ head: Head) throws(SnapshotRefusal) {
        guard head.position >= self.floors.head else {
            throw SnapshotRefusal(
                .rollback,
                .rollback,
                "head \(head.position) is below \(self.floors.head), which was seen already"
            )
        }
        if head.position == self.floors.head, let seen = self.floors.references, seen != head.references {
            throw SnapshotRefusal(
                .rollback,
                .equivocation,
                "head \(head.position) refers to \(head.references), the same head seen before to \(seen)"
            )
        }
        let number = EpochNumber(epoch: head.position.epoch, number: head.denyListNumber)
        guard number >= self.floors.denyList else {
            throw SnapshotRefusal(.rollback, .rollback, "deny list \(number) is below \(self.floors.denyList)")
        }
        if number == self.floors.denyList, let seen = self.floors.denyListDigest, seen != head.denyList.digest {
            throw SnapshotRefusal(
                .rollback,
                .equivocation,
                "deny list \(number) has the digest \(head.denyList.digest), the one in force \(seen)"
            )
        }
    }

    /// The freshness key alone cannot raise the epoch: the release keys must have signed it too.
    private func requireSame(
        _ manifest: Manifest,
        _ reference: ManifestRef,
        _ head: Head
    ) throws(SnapshotRefusal) {
        guard manifest.sequence == reference.sequence else {
            throw SnapshotRefusal(
                .digest,
                .partMismatch,
                "the head names manifest \(reference.sequence), it is \(manifest.sequence)"
            )
        }
        guard self.purpose != .stepBack, manifest.epoch != head.position.epoch else { return }
        throw SnapshotRefusal(
            .signature,
            .wrongKeyUsage,
            "the head says epoch \(head.position.epoch), the manifest that release keys signed \(manifest.epoch)"
        )
    }

    private func requireNotOlder(_ manifest: Manifest, digest: Digest) throws(SnapshotRefusal) {
        guard manifest.position >= self.floors.floor else {
            throw SnapshotRefusal(
                .rollback,
                .rollback,
                "manifest \(manifest.position) is below the signed floor \(self.floors.floor)"
            )
        }
        guard self.purpose != .stepBack, let newest = self.floors.manifest else { return }
        guard manifest.position >= newest else {
            throw SnapshotRefusal(
                .rollback,
                .rollback,
                "manifest \(manifest.position) is below \(newest), which was enforced already"
            )
        }
        if manifest.position == newest, let seen = self.floors.manifestDigest, seen != digest {
            throw SnapshotRefusal(
                .rollback,
                .equivocation,
                "manifest \(newest) has the digest \(digest), the one enforced before \(seen)"
            )
        }
    }
}

/// A value that only `SnapshotVerifier` makes, with the very bytes that were verified.
package struct Verified<Value: Sendable>: Sendable {
    package let value: Value
    package let bytes: [UInt8]

    fileprivate init(_ value: Value, _ bytes: [UInt8]) {
        self.value = value
        self.bytes = bytes
    }
}
