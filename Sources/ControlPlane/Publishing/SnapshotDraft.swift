import Domain
import Storage
import Wire

/// A snapshot that is signed and has passed the node's own checks on its very bytes; not yet kept or told.
struct SnapshotDraft: Sendable {
    let publication: Publication
    /// Sections and the manifest's envelope.
    let blobs: [Digest: [UInt8]]
    let content: SnapshotContent
}

/// What a draft is made from.
struct DraftBasis: Sendable {
    let environment: ID<Domain.Environment>
    let head: HeadReferences
    let last: Publication?
    let seq: UInt64
    let denyList: [UInt8]
    let audit: AuditHead?
    let author: String
    let approvals: [String]
    let comment: String
    /// The older publication that is repeated, if any.
    let restored: UInt64?
    /// Nodes go back to nothing below it.
    let floorSeq: UInt64
    let now: Timestamp

    init(
        _ reading: Reading,
        environment: ID<Domain.Environment>,
        restored: UInt64? = nil,
        by deed: Deed
    ) throws {
        guard let head = try reading.head(), let denyList = try reading.blob(head.deny.blob.digest) else {
            throw StorageFault.corrupt("there is no head, or its deny list is gone")
        }
        self.environment = environment
        self.head = head
        self.denyList = denyList
        self.last = try reading.publications(limit: 1).first
        self.seq = try reading.nextSeq()
        self.audit = try reading.auditHead()
        self.floorSeq = try reading.nextFloor(after: self.last)
        self.restored = restored
        self.now = deed.at
        self.comment = String(decoding: deed.reason.utf8.prefix(Self.commentLengthMax), as: UTF8.self)
        let entries = try reading.auditEntries(after: self.last?.audit.number ?? 0, limit: Self.entriesMax)
        let approvals = entries.filter { $0.action == "proposal.approve" || $0.action == "proposal.approved" }
        self.approvals = Array(Set(approvals.map(\.deed.actor)).sorted().prefix(Self.approvalsMax))
        let authors = entries.filter { !$0.action.hasPrefix("proposal.") && !$0.action.hasPrefix("node.") }
        self.author = deed.actor == "system" ? authors.last?.deed.actor ?? deed.actor : deed.actor
    }

    /// Bounds of the manifest's format, and of how far back authors are looked for.
    private static let commentLengthMax = 200
    private static let approvalsMax = 64
    private static let entriesMax = 1_000
}

extension SnapshotDraft {
    /// The digest that is the same for the same sections.
    static func contentDigest(_ references: [Manifest.SectionRef]) -> Digest {
        let lines = references.map { "\($0.kind) \($0.shard) \($0.blob.digest) \($0.blob.size) \($0.isCritical)" }
        return Digest.sha256(of: Array(lines.joined(separator: "\n").utf8))
    }

    /// Signs and verifies. Throws `PublishingFault` where a node would refuse it.
    static func make(
        _ parts: [SnapshotSection],
        counts: [String: Int],
        basis: DraftBasis,
        trust: RootChain,
        keys: OnlineKeys
    ) throws -> SnapshotDraft {
        let manifest = Self.manifest(parts.map(\.reference), basis)
        let payload = manifest.encoded()
        let envelope = Envelope.signed(payload, type: .manifest, by: keys.release).encoded()
        var blobs = [Digest.sha256(of: envelope): envelope]
        for part in parts { blobs[part.reference.blob.digest] = part.bytes }
        let publication = Publication(
            seq: manifest.sequence,
            epoch: manifest.epoch,
            floorSeq: manifest.floorSequence,
            envelope: BlobReference(BlobRef(of: envelope)),
            payload: Digest.sha256(of: payload),
            content: Self.contentDigest(manifest.sections),
            sections: manifest.sections.map(\.blob.digest),
            counts: counts,
            author: manifest.author,
            approvals: manifest.approvals,
            audit: basis.audit ?? AuditHead(number: 0, hash: UsageChain.start.digest),
            restored: basis.restored,
            published: basis.now,
            comment: manifest.comment
        )
        do {
            let content = try Self.verify(publication, blobs: blobs, basis: basis, trust: trust, keys: keys)
            return SnapshotDraft(publication: publication, blobs: blobs, content: content)
        } catch {
            throw PublishingFault("nodes would refuse this snapshot: \(error)")
        }
    }

    private static func manifest(_ references: [Manifest.SectionRef], _ basis: DraftBasis) -> Manifest {
        Manifest(
            environment: basis.environment,
            epoch: basis.head.epoch,
            sequence: basis.seq,
            floorSequence: basis.floorSeq,
            author: basis.author,
            approvals: basis.approvals,
            previous: basis.last?.payload,
            auditNumber: UInt64(clamping: basis.audit?.number ?? 0),
            auditHash: basis.audit?.hash,
            sections: references,
            published: basis.now,
            comment: basis.comment
        )
    }

    /// What a node does with it, from the head's bytes to the compiled content, from the floors that a node has which
    /// took everything so far.
    private static func verify(
        _ publication: Publication,
        blobs: [Digest: [UInt8]],
        basis: DraftBasis,
        trust: RootChain,
        keys: OnlineKeys
    ) throws(SnapshotRefusal) -> SnapshotContent {
        let next = basis.head.carrying(publication, at: basis.now)
        let signer = HeadSigner(environment: basis.environment, keys: keys.freshness)
        guard let signed = signer.sign(next, liveNodes: 0, at: basis.now),
            let envelope = blobs[publication.envelope.digest]
        else { throw SnapshotRefusal(.envelope, .partMissing, "there is no head") }
        var floors = Floors(head: HeadPosition(epoch: basis.head.epoch, headVersion: basis.head.version))
        floors.floor = EpochNumber(epoch: publication.epoch, number: basis.last?.floorSeq ?? 0)
        let verifier = SnapshotVerifier(trust: trust, floors: floors, purpose: .delivery(now: basis.now))
        let head = try verifier.head(signed.bytes)
        let manifest = try verifier.manifest(envelope, reference: head.value.stable, under: head)
        _ = try verifier.denyList(basis.denyList, under: head)
        return try verifier.content(of: manifest) { blobs[$0] }
    }
}

extension HeadReferences {
    /// The next version of this head, with another snapshot.
    func carrying(_ publication: Publication, at now: Timestamp) -> HeadReferences {
        HeadReferences(
            epoch: self.epoch,
            version: self.version + 1,
            stable: Stable(seq: publication.seq, envelope: publication.envelope),
            deny: self.deny,
            rootVersion: self.rootVersion,
            created: now
        )
    }
}
