package import Domain
package import Wire

/// What a node finds on its disk at a start, verified as if it had just come: the last good snapshot, or the one
/// before it after two crashes.
package struct SnapshotRestart: Sendable {
    package let trust: RootChain
    package let floors: Floors
    /// Nil where nothing on disk can be served.
    package let found: SnapshotInForce?
    package let trial: StoredTrial?
    /// What a crash would step back to: kept through restarts, or a node that dies in its second minute never would.
    package let previous: ManifestRef?
    /// Why what lies there is not served, and whatever else was wrong.
    package let refusals: [SnapshotRefusal]

    /// `pin` is `--trust`; nil takes the stored first root at its word, which is what enrolment left there. `floor` is
    /// enrolment's: nothing below it is ever taken, whatever lies on disk.
    ///
    /// - Throws: where there is no trust to stand on: never enrolled, or another root than the pinned one.
    package init(
        from files: SnapshotFiles,
        pin: Digest?,
        floor: HeadPosition,
        at now: Timestamp
    ) throws(SnapshotRefusal) {
        let trust = try Self.trust(files, pin)
        var refusals: [SnapshotRefusal] = []
        // Marks that are damaged fall back to enrolment's and to what still verifies, never to zero.
        var floors = refusals.note({ () throws(SnapshotRefusal) in try files.floors() }) ?? Floors(head: floor)
        floors.raise(to: floor)
        let stored = refusals.note { () throws(SnapshotRefusal) in try files.active() }
        let trial = refusals.note({ () throws(SnapshotRefusal) in try files.trial() })?.afterStart(at: now)
        var found: SnapshotInForce?
        for step in stored?.steps(after: trial) ?? [] where found == nil {
            found = refusals.note { () throws(SnapshotRefusal) in
                try Self.load(step, from: files, SnapshotVerifier(trust: trust, floors: floors, purpose: step.purpose))
            }
        }
        if let crashed = trial?.crashed, crashed == stored?.active {
            refusals.append(
                SnapshotRefusal(
                    .crash,
                    .crashed,
                    "this node died twice within a minute of taking manifest \(crashed.sequence): publish a newer one"
                )
            )
        }
        if let found { floors.note(found) }
        self.trust = trust
        self.floors = floors
        self.found = found
        self.trial = trial
        self.previous = found?.reference == stored?.active ? stored?.previous : nil
        self.refusals = refusals
    }

    private static func trust(_ files: SnapshotFiles, _ pin: Digest?) throws(SnapshotRefusal) -> RootChain {
        guard let roots = try files.roots(), let first = roots.first else {
            throw SnapshotRefusal(
                .disk,
                .keySetInvalid,
                "there are no roots on disk: enrol this node with a join token"
            )
        }
        let envelope = try Envelope.decode(first, expecting: .root)
        return try RootChain(roots, pin: pin ?? Digest.sha256(of: envelope.payload))
    }

    private static func load(
        _ step: StoredSnapshot.Step,
        from files: SnapshotFiles,
        _ verifier: SnapshotVerifier
    ) throws(SnapshotRefusal) -> SnapshotInForce {
        do {
            let head = try verifier.head(step.stored.head)
            let denyList = try verifier.denyList(try files.required(head.value.denyList, "deny list"), under: head)
            let bytes = try files.required(step.reference.blob, "manifest \(step.reference.sequence)")
            let manifest = try verifier.manifest(bytes, reference: step.reference, under: head)
            return SnapshotInForce(
                head: head,
                reference: step.reference,
                manifest: manifest.value,
                content: try verifier.content(of: manifest) { files.blob($0) },
                denyList: denyList,
                etag: step.stored.etag
            )
        } catch {
            throw error.onDisk
        }
    }
}

/// A snapshot that is served, with all that later steps compare with.
package struct SnapshotInForce: Sendable {
    package let head: Verified<Head>
    package let reference: ManifestRef
    package let manifest: Manifest
    package let content: SnapshotContent
    package let denyList: DenyList
    /// Of the head, as its source said it.
    package let etag: String

    package var snapshot: Snapshot {
        Snapshot(
            version: SnapshotVersion(
                epoch: self.manifest.epoch,
                sequence: self.manifest.sequence,
                headVersion: self.head.value.position.headVersion
            ),
            content: self.content,
            denyList: self.denyList
        )
    }

    /// Every blob that it stands on.
    var blobs: Set<Digest> {
        Set(self.manifest.sections.map(\.blob.digest) + [self.reference.blob.digest, self.head.value.denyList.digest])
    }
}

extension StoredSnapshot {
    /// One thing to try at a start.
    fileprivate struct Step {
        let stored: StoredSnapshot
        let reference: ManifestRef
        let purpose: SnapshotVerifier.Purpose
    }

    /// What was in force, then what was before it. After crashes the first is left out and the second may be below
    /// what was enforced last, though never below the signed floor.
    fileprivate func steps(after trial: StoredTrial?) -> [Step] {
        let isCrashed = trial?.crashed == self.active && self.previous != nil
        // After a step back, what is in force is below the marks: the one that crashed set them.
        let isBack = trial?.crashed.map { $0.sequence > self.active.sequence } == true
        let purpose: SnapshotVerifier.Purpose = isBack ? .stepBack : .restart
        var steps = isCrashed ? [] : [Step(stored: self, reference: self.active, purpose: purpose)]
        if let previous = self.previous {
            steps.append(Step(stored: self, reference: previous, purpose: isCrashed ? .stepBack : .restart))
        }
        return steps
    }
}

extension StoredTrial {
    /// How long a snapshot is on trial, in milliseconds.
    package static let window: Int64 = 60_000
    static let uncleanEndsMax = 2

    /// A start finds the trial unsettled where the process before it died within the window.
    fileprivate func afterStart(at now: Timestamp) -> StoredTrial {
        guard !self.isSettled else { return self }
        var trial = self
        trial.uncleanEnds += 1
        trial.activated = now
        if trial.uncleanEnds >= Self.uncleanEndsMax { trial.crashed = trial.manifest }
        return trial
    }
}

extension Floors {
    mutating func raise(to floor: HeadPosition) {
        guard floor > self.head else { return }
        self.head = floor
        self.references = nil
    }

    mutating func note(_ inForce: SnapshotInForce) {
        self.note(inForce.head.value)
        self.note(denyListOf: inForce.head.value)
        self.note(inForce.manifest, digest: inForce.reference.blob.digest)
    }
}

extension SnapshotFiles {
    fileprivate func required(_ reference: BlobRef, _ label: String) throws(SnapshotRefusal) -> [UInt8] {
        guard let bytes = self.blob(reference) else {
            throw SnapshotRefusal(.disk, .diskTampered, "the \(label) is missing on disk, a link, or open to others")
        }
        return bytes
    }
}

extension SnapshotRefusal {
    /// What has lain on this disk was genuine when it was written: if it no longer is, it was changed here.
    fileprivate var onDisk: SnapshotRefusal {
        switch self.code {
        case .partMismatch, .partMissing, .malformedEnvelope, .truncated, .oversized, .badSignature:
            SnapshotRefusal(.disk, .diskTampered, self.detail)
        default: self
        }
    }
}

extension [SnapshotRefusal] {
    /// Does `work`; a refusal is noted, and nil stands for it.
    fileprivate mutating func note<Value>(_ work: () throws(SnapshotRefusal) -> Value?) -> Value? {
        do {
            return try work()
        } catch {
            self.append(error)
            return nil
        }
    }
}
