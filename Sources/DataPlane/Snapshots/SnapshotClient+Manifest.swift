package import Domain
package import Wire

/// From a manifest's reference to a snapshot in force.
extension SnapshotClient {
    mutating func fetch(_ reference: ManifestRef, _ delivery: Delivery) -> SnapshotAction {
        self.phase = .fetchingManifest(delivery, reference)
        return .fetchBlob(source: delivery.source, reference.blob)
    }

    mutating func manifest(
        _ outcome: FetchOutcome,
        _ delivery: Delivery,
        _ reference: ManifestRef,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        do {
            let bytes = try outcome.required("manifest \(reference.sequence)")
            let verifier = self.verifier(at: now)
            let manifest = try verifier.manifest(bytes, reference: reference, under: delivery.head)
            try Self.requireBounded(manifest.value)
            let listed = Set(manifest.value.sections.map(\.blob.digest))
            self.gathered = self.gathered.filter { listed.contains($0.key) }
            return self.gather(
                delivery,
                PendingManifest(reference: reference, manifest: manifest, verifier: verifier)
            )
        } catch {
            return self.refuse(error, delivery, reference, now, draw, retryAfter: outcome.retryAfter)
        }
    }

    private static func requireBounded(_ manifest: Manifest) throws(SnapshotRefusal) {
        let size = manifest.sections.reduce(0) { $0 + $1.blob.size }
        guard size <= Self.contentSizeMax else {
            throw SnapshotRefusal(.decode, .oversized, "the sections have \(size) bytes, over \(Self.contentSizeMax)")
        }
    }

    /// Asks for the next section that is neither gathered nor under the snapshot in force; compiles when there is none.
    private mutating func gather(_ delivery: Delivery, _ pending: PendingManifest) -> SnapshotAction {
        let onDisk = self.doubtsDisk ? [] : self.inForce?.blobs ?? []
        let missing = pending.manifest.value.sections.first { section in
            SectionKind(rawValue: section.kind) != nil && self.gathered[section.blob.digest] == nil
                && !onDisk.contains(section.blob.digest)
        }
        if let missing {
            self.phase = .fetchingSection(delivery, pending, missing.blob)
            return .fetchBlob(source: delivery.source, missing.blob)
        }
        self.phase = .compiling(delivery, pending)
        return .compile(pending.verifier, pending.manifest, fetched: self.gathered)
    }

    mutating func section(
        _ outcome: FetchOutcome,
        _ delivery: Delivery,
        _ pending: PendingManifest,
        _ reference: BlobRef,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        do {
            let label = "section \(reference.digest)"
            let bytes = try outcome.required(label)
            try SnapshotVerifier.require(bytes, reference, label)
            self.gathered[reference.digest] = bytes
            return self.gather(delivery, pending)
        } catch {
            return self.refuse(error, delivery, pending.reference, now, draw, retryAfter: outcome.retryAfter)
        }
    }

    /// The answer to `.compile`.
    package mutating func compiled(
        _ result: Result<SnapshotContent, SnapshotRefusal>,
        at now: Moment,
        draw: Double
    ) -> SnapshotAction {
        guard case .compiling(let delivery, let pending) = self.phase else { return self.next(at: now) }
        switch result {
        case .failure(let refusal):
            self.doubtsDisk = true
            return self.refuse(refusal, delivery, pending.reference, now, draw, retryAfter: nil)
        case .success(let content):
            return self.store(content, of: pending, delivery, now)
        }
    }

    /// Refuses a manifest: for good where it is the manifest's own fault, else until the next attempt.
    private mutating func refuse(
        _ refusal: SnapshotRefusal,
        _ delivery: Delivery,
        _ reference: ManifestRef,
        _ now: Moment,
        _ draw: Double,
        retryAfter: Int64?
    ) -> SnapshotAction {
        switch refusal.stage {
        case .fetch, .digest, .disk:
            return self.fail(refusal, delivery, now, draw, retryAfter: retryAfter, reference: reference)
        case .compile where refusal.code == .activationFailed:
            return self.fail(refusal, delivery, now, draw, reference: reference)
        case .envelope, .signature, .rollback, .decode, .compile, .crash:
            self.note(
                refusal,
                sequence: reference.sequence,
                headVersion: delivery.head.value.position.headVersion,
                digest: reference.blob.digest,
                at: now
            )
            self.condemned.append(reference.blob.digest)
            if self.condemned.count > Self.condemnedMax { self.condemned.removeFirst() }
            self.gathered = [:]
            return self.settle(delivery, now, draw)
        }
    }

    /// A whole new snapshot.
    private mutating func store(
        _ content: SnapshotContent,
        of pending: PendingManifest,
        _ delivery: Delivery,
        _ now: Moment
    ) -> SnapshotAction {
        guard let denyList = delivery.denyList else { return self.next(at: now) }
        let next = SnapshotInForce(
            head: delivery.head,
            reference: pending.reference,
            manifest: pending.manifest.value,
            content: content,
            denyList: denyList,
            // After `boot`, what is stable is still to come: the ETag must not hide it.
            etag: pending.reference == delivery.head.value.stable ? delivery.etag ?? "" : ""
        )
        var blobs = self.gathered
        blobs[pending.reference.blob.digest] = pending.manifest.bytes
        let crashed = self.trial?.crashed.flatMap { $0.sequence < pending.reference.sequence ? nil : $0 }
        return self.store(
            next,
            delivery,
            trial: StoredTrial(manifest: pending.reference, activated: now.wall, crashed: crashed),
            previous: self.inForce?.reference,
            blobs: blobs,
            wanted: next.blobs.union(self.inForce?.blobs ?? [])
        )
    }

    /// The content in force under a newer head and its deny list. Not `isWhole` where the manifest that the head names
    /// is still to come: its ETag must not hide it.
    mutating func apply(_ delivery: Delivery, isWhole: Bool, _ now: Moment) -> SnapshotAction {
        guard let inForce = self.inForce, let denyList = delivery.denyList else { return self.next(at: now) }
        let next = SnapshotInForce(
            head: delivery.head,
            reference: inForce.reference,
            manifest: inForce.manifest,
            content: inForce.content,
            denyList: denyList,
            etag: isWhole ? delivery.etag ?? "" : self.etag ?? ""
        )
        let wanted = self.previousBlobs.map { $0.union(next.blobs) }
        return self.store(next, delivery, trial: nil, previous: self.previous, blobs: [:], wanted: wanted)
    }

    private mutating func store(
        _ next: SnapshotInForce,
        _ delivery: Delivery,
        trial: StoredTrial?,
        previous: ManifestRef?,
        blobs: [Digest: [UInt8]],
        wanted: Set<Digest>?
    ) -> SnapshotAction {
        var floors = self.floors
        floors.note(next)
        var blobs = blobs
        if let bytes = delivery.denyListBytes { blobs[delivery.head.value.denyList.digest] = bytes }
        let record = SnapshotRecord(
            snapshot: StoredSnapshot(
                head: delivery.head.bytes,
                active: next.reference,
                previous: previous,
                etag: next.etag
            ),
            floors: floors,
            trial: trial,
            blobs: blobs,
            wanted: wanted
        )
        self.phase = .storing(delivery, next, record)
        return .store(record)
    }

    /// The answer to `.store` and `.storeRoots`; nil where it is on disk.
    package mutating func stored(_ refusal: SnapshotRefusal?, at now: Moment, draw: Double) -> SnapshotAction {
        switch self.phase {
        case .storingRoots(let walk): return self.rootsStored(refusal, walk, now, draw)
        case .storing(let delivery, let next, let record):
            guard let refusal else { return self.activate(next, record, now) }
            // A new manifest is not served unless it would be served again after a restart; a deny list only takes away.
            if record.trial != nil { return self.refuse(refusal, delivery, next.reference, now, draw, retryAfter: nil) }
            self.note(refusal, at: now)
            return self.activate(next, record, now)
        case .ended: return .ban
        case .idle, .polling, .walking, .fetchingDenyList, .fetchingManifest, .fetchingSection, .compiling:
            return self.next(at: now)
        }
    }

    private mutating func activate(
        _ next: SnapshotInForce,
        _ record: SnapshotRecord,
        _ now: Moment
    ) -> SnapshotAction {
        if let trial = record.trial {
            self.previousBlobs = self.inForce?.blobs ?? []
            self.previous = record.snapshot.previous
            self.trial = trial
            self.trialSince = now.steady
            self.gathered = [:]
            self.doubtsDisk = false
            self.forgiveResolved()
        }
        self.inForce = next
        self.floors = record.floors
        self.etag = next.etag.isEmpty ? nil : next.etag
        self.phase = .idle
        if self.isWithdrawn { return self.next(at: now) }
        return .activate(next.snapshot)
    }

    /// A newer snapshot has answered what was refused, but for what points to an attack or still holds.
    private mutating func forgiveResolved() {
        let crashed = self.trial?.crashed?.blob.digest
        self.refused.removeAll { report in
            report.code != SnapshotRefusal.Code.equivocation.rawValue
                && !(report.stage == SnapshotRefusal.Stage.crash.rawValue && crashed != nil)
        }
    }
}
