package import Domain

/// One manifest as it was published.
package struct Publication: Hashable, Sendable {
    package let seq: UInt64
    package let epoch: UInt64
    package let floorSeq: UInt64
    /// Digest and size of the manifest's envelope, which is a blob.
    package let envelope: BlobReference
    /// Digest of the manifest's payload: what the next one names as its previous.
    package let payload: Digest
    /// Equal for equal contents.
    package let content: Digest
    /// The blobs of its sections.
    package let sections: [Digest]
    /// How many things it holds, by kind of section.
    package let counts: [String: Int]
    package let author: String
    package let approvals: [String]
    package let audit: AuditHead
    /// The older publication whose behaviour this one repeats, if it is a rollback or follows one: while the newest
    /// publication has it, changes of behaviour wait.
    package let restored: UInt64?
    package let published: Timestamp
    package let comment: String

    package init(
        seq: UInt64,
        epoch: UInt64,
        floorSeq: UInt64,
        envelope: BlobReference,
        payload: Digest,
        content: Digest,
        sections: [Digest],
        counts: [String: Int],
        author: String,
        approvals: [String],
        audit: AuditHead,
        restored: UInt64?,
        published: Timestamp,
        comment: String
    ) {
        self.seq = seq
        self.epoch = epoch
        self.floorSeq = floorSeq
        self.envelope = envelope
        self.payload = payload
        self.content = content
        self.sections = sections
        self.counts = counts
        self.author = author
        self.approvals = approvals
        self.audit = audit
        self.restored = restored
        self.published = published
        self.comment = comment
    }
}

/// A blob by its digest.
package struct BlobReference: Hashable, Sendable {
    package let digest: Digest
    package let size: UInt64

    package init(digest: Digest, size: UInt64) {
        self.digest = digest
        self.size = size
    }
}

/// What one head version refers to.
package struct HeadReferences: Hashable, Sendable {
    package let epoch: UInt64
    package let version: UInt64
    /// Nil until something was published.
    package let stable: Stable?
    package let deny: Deny
    package let rootVersion: UInt64
    package let created: Timestamp

    package init(
        epoch: UInt64,
        version: UInt64,
        stable: Stable?,
        deny: Deny,
        rootVersion: UInt64,
        created: Timestamp
    ) {
        self.epoch = epoch
        self.version = version
        self.stable = stable
        self.deny = deny
        self.rootVersion = rootVersion
        self.created = created
    }

    package struct Stable: Hashable, Sendable {
        package let seq: UInt64
        package let envelope: BlobReference

        package init(seq: UInt64, envelope: BlobReference) {
            self.seq = seq
            self.envelope = envelope
        }
    }

    package struct Deny: Hashable, Sendable {
        package let number: UInt64
        package let blob: BlobReference
        /// Of its entries, without the number.
        package let content: Digest

        package init(number: UInt64, blob: BlobReference, content: Digest) {
            self.number = number
            self.blob = blob
            self.content = content
        }
    }
}
