package import Domain
import FoundationEssentials
import Schemas

/// One publication: which sections make up the snapshot, and who published it. Signed by the release keys.
package struct Manifest: Hashable, Sendable {
    package static let format: UInt32 = 1
    package static let sectionsMax = 4_096
    package static let sectionSizeMax = 8 << 20

    package var environment: ID<Environment>
    package var epoch: UInt64
    package var sequence: UInt64
    /// At most `sequence`; 0 sets no floor.
    package var floorSequence: UInt64
    package var author: String
    package var approvals: [String]
    /// SHA-256 of the previous manifest's payload; nil for the first.
    package var previous: Digest?
    /// The audit log's head: number 0 and no hash before its first entry.
    package var auditNumber: UInt64
    package var auditHash: Digest?
    package var sections: [SectionRef]
    package var published: Timestamp
    package var comment: String

    package struct SectionRef: Hashable, Sendable {
        package let kind: String
        package let shard: Int
        package let blob: BlobRef
        package let isCritical: Bool

        package init(kind: String, shard: Int, blob: BlobRef, isCritical: Bool) {
            self.kind = kind
            self.shard = shard
            self.blob = blob
            self.isCritical = isCritical
        }
    }

    package init(
        environment: ID<Environment>,
        epoch: UInt64,
        sequence: UInt64,
        floorSequence: UInt64,
        author: String,
        approvals: [String] = [],
        previous: Digest?,
        auditNumber: UInt64 = 0,
        auditHash: Digest? = nil,
        sections: [SectionRef],
        published: Timestamp,
        comment: String = ""
    ) {
        self.environment = environment
        self.epoch = epoch
        self.sequence = sequence
        self.floorSequence = floorSequence
        self.author = author
        self.approvals = approvals
        self.previous = previous
        self.auditNumber = auditNumber
        self.auditHash = auditHash
        self.sections = sections
        self.published = published
        self.comment = comment
    }

    package var position: EpochNumber { EpochNumber(epoch: self.epoch, number: self.sequence) }
    package var floor: EpochNumber { EpochNumber(epoch: self.epoch, number: self.floorSequence) }
}

extension Manifest {
    package func encoded() -> [UInt8] {
        var message = PBManifest()
        message.format = Self.format
        message.environment = self.environment.text
        message.epoch = self.epoch
        message.seq = self.sequence
        message.floorSeq = self.floorSequence
        message.author = self.author
        message.approvals = self.approvals
        message.previous = Data(self.previous?.bytes ?? [])
        message.auditNumber = self.auditNumber
        message.auditHash = Data(self.auditHash?.bytes ?? [])
        message.sections = self.sections.map { section in
            var entry = PBSection()
            entry.kind = section.kind
            entry.shard = UInt32(clamping: section.shard)
            entry.blob = section.blob.message
            entry.critical = section.isCritical
            return entry
        }
        message.published = self.published.unixMilliseconds
        message.comment = self.comment
        return message.deterministicBytes
    }

    package static func decode(_ payload: [UInt8]) throws(WireError) -> Manifest {
        let message = try PBManifest(strictly: payload, atMost: PayloadType.manifest.sizeMax)
        try Check.format(message.format, supported: Self.format, "the manifest")
        try Check.count(message.sections.count, atMost: Self.sectionsMax, "sections")
        try Check.count(message.approvals.count, atMost: 64, "approvals")
        var approvals: [String] = []
        for name in message.approvals { approvals.append(try Check.nonEmptyText(name, atMost: 256, "approvals")) }
        let sequence = try Check.number(message.seq, "seq")
        guard message.floorSeq <= sequence else { throw WireError(.invalid, "floor_seq is above seq") }
        return Manifest(
            environment: try Check.id(message.environment, "environment"),
            epoch: try Check.number(message.epoch, "epoch"),
            sequence: sequence,
            floorSequence: message.floorSeq,
            author: try Check.nonEmptyText(message.author, atMost: 256, "author"),
            approvals: approvals,
            previous: try Check.digestOrEmpty(message.previous, "previous"),
            auditNumber: try Check.numberOrZero(message.auditNumber, "audit_number"),
            auditHash: try Check.digestOrEmpty(message.auditHash, "audit_hash"),
            sections: try self.sections(message.sections),
            published: try Check.time(message.published, "published"),
            comment: try Check.text(message.comment, atMost: 1_024, "comment")
        )
    }

    private static func sections(_ entries: [PBSection]) throws(WireError) -> [SectionRef] {
        var sections: [SectionRef] = []
        var seen: Set<String> = []
        for entry in entries {
            guard NameGrammar.accepts(entry.kind, segments: 1) else {
                throw WireError(.invalid, "a section's kind is not a name")
            }
            guard entry.shard < Self.sectionsMax, seen.insert("\(entry.kind)/\(entry.shard)").inserted else {
                throw WireError(
                    .invalid,
                    "the section \(entry.kind)/\(entry.shard) is listed twice or numbered too high"
                )
            }
            let label = "section \(entry.kind)/\(entry.shard)"
            sections.append(
                SectionRef(
                    kind: entry.kind,
                    shard: Int(entry.shard),
                    blob: try BlobRef(entry.blob, atMost: Self.sectionSizeMax, label),
                    isCritical: entry.critical
                )
            )
        }
        return sections
    }
}
