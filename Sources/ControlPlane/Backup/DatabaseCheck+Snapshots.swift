import Domain
import Storage
import Wire

/// Everything that was signed, by the rules of those who are to believe it.
extension DatabaseCheck {
    mutating func checkSnapshots() throws {
        guard let installation = try self.reading.installation() else { return }
        let trust = try self.reading.trust()
        if trust.newest.environment != installation.environment {
            self.report("roots", "they are of the environment \(trust.newest.environment)")
        }
        if !trust.newest.epochs.contains(installation.epoch) {
            self.report("roots", "epoch \(installation.epoch) is not within \(trust.newest.epochs)")
        }
        try self.checkKeys(trust)
        // Older ones may have been swept away with their blobs; what is there is checked all the same.
        let publications = try self.reading.publications(limit: .max)
        for (index, publication) in publications.enumerated() {
            let before = publications.dropFirst(index + 1).first
            let isKept = index < Retention.publicationsKept
            self.attempt("snapshot \(publication.seq)") { check in
                try check.check(publication, after: before, isKept: isKept, by: trust)
            }
        }
        if let newest = publications.first {
            self.attempt("snapshot \(newest.seq)") { try $0.checkContent(of: newest) }
        }
        try self.checkHead(installation, newest: publications.first)
    }

    private mutating func checkKeys(_ trust: RootChain) throws {
        let keys = try self.reading.signingKeys()
        for (role, trusted) in [(SealedSigningKey.Role.release, TrustRole.release), (.freshness, .freshness)] {
            let wanted = trust.newest.keys(of: trusted).keyIDs
            if !keys.contains(where: { $0.role == role && wanted.contains($0.keyID) }) {
                self.report("signing keys", "there is none for the role \(role.rawValue) that the newest root lists")
            }
        }
    }

    private mutating func check(
        _ publication: Publication,
        after before: Publication?,
        isKept: Bool,
        by trust: RootChain
    ) throws {
        guard let bytes = try self.reading.blob(publication.envelope.digest) else {
            if isKept { self.report("snapshot \(publication.seq)", "its manifest is gone") }
            return
        }
        let reference = ManifestRef(sequence: publication.seq, blob: BlobRef(publication.envelope))
        let manifest = try trust.archivedManifest(bytes, reference: reference)
        if !publication.says(manifest) {
            self.report("snapshot \(publication.seq)", "its row is not what its manifest says")
        }
        if let before, manifest.previous != before.payload {
            self.report("snapshot \(publication.seq)", "its manifest does not follow that of snapshot \(before.seq)")
        }
        // Most sections stand under many snapshots; each is looked at once.
        for section in manifest.sections where self.sound.insert(section.blob.digest).inserted {
            let label = "section \(section.kind)/\(section.shard)"
            guard let bytes = try self.reading.blob(section.blob.digest) else {
                if isKept { self.report("snapshot \(publication.seq)", "its \(label) is gone") }
                continue
            }
            try SnapshotVerifier.require(bytes, section.blob, label)
        }
    }

    /// What nodes hold now, or would be given: all of it can be read and compiled.
    private func checkContent(of publication: Publication) throws {
        guard let sections = try Publisher.sections(of: publication, in: self.reading) else { return }
        _ = try SnapshotContent(try SectionCodec.decode(sections))
    }

    /// The signed head is made anew every 30 s and not kept; what it refers to is.
    private mutating func checkHead(_ installation: Installation, newest: Publication?) throws {
        guard let head = try self.reading.head() else {
            if newest != nil { self.report("head", "there is none, although snapshots were published") }
            return
        }
        if head.epoch != installation.epoch { self.report("head", "its epoch \(head.epoch) is not the installation's") }
        if let stable = head.stable, stable.seq != newest?.seq || stable.envelope != newest?.envelope {
            self.report("head", "it does not refer to the newest snapshot")
        }
        guard let bytes = try self.reading.blob(head.deny.blob.digest) else {
            return self.report("head", "its deny list is gone")
        }
        try SnapshotVerifier.require(bytes, BlobRef(head.deny.blob), "deny list \(head.deny.number)")
        let list = try SignedDenyList.decode(bytes)
        if list.list.number != head.deny.number || list.environment != installation.environment {
            self.report("head", "its deny list is another one")
        }
    }
}

extension Reading {
    /// The roots from the first one on, each signed by the one before.
    func trust() throws -> RootChain {
        let envelopes = try self.rootEnvelopes()
        guard let first = envelopes.first else { throw StorageFault.corrupt("there is no root") }
        return try RootChain(envelopes, pin: .sha256(of: try Envelope.decode(first, expecting: .root).payload))
    }
}

extension Publication {
    /// Whether the row and the signed manifest agree.
    fileprivate func says(_ manifest: Manifest) -> Bool {
        manifest.sequence == self.seq && manifest.epoch == self.epoch && manifest.floorSequence == self.floorSeq
            && manifest.author == self.author && manifest.approvals == self.approvals
            && manifest.comment == self.comment && manifest.published == self.published
            && manifest.auditNumber == UInt64(clamping: self.audit.number)
            && (manifest.auditHash == self.audit.hash || self.audit.number == 0)
            && Set(manifest.sections.map(\.blob.digest)) == Set(self.sections)
            && SnapshotDraft.contentDigest(manifest.sections) == self.content
    }
}
