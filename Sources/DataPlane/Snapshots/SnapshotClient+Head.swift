import Domain
import Wire

/// From a head's bytes to what it asks for.
extension SnapshotClient {
    mutating func judge(
        _ candidate: Candidate,
        isWalked: Bool,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        do {
            let head = try self.verifier(at: now).head(candidate.bytes)
            return self.take(head, candidate, now, draw)
        } catch {
            // It may be under a root that this node does not have yet.
            if error.stage == .signature, !isWalked {
                self.phase = .walking(Walk(candidate: candidate, refusal: error, chain: self.trust))
                return .fetchRoot(source: candidate.source, version: self.trust.newest.version + 1)
            }
            let digest = Digest.sha256(of: candidate.bytes)
            return self.fail(error, candidate.source, now, draw, digest: digest)
        }
    }

    func verifier(at now: Moment) -> SnapshotVerifier {
        SnapshotVerifier(trust: self.trust, floors: self.floors, purpose: .delivery(now: now.wall))
    }

    mutating func walked(
        _ outcome: FetchOutcome,
        _ walk: Walk,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        switch outcome {
        case .bytes(let bytes, _):
            var walk = walk
            do {
                try walk.chain.append(bytes)
            } catch {
                self.note(error, digest: Digest.sha256(of: bytes), at: now)
                return self.endWalk(walk, now, draw)
            }
            self.phase = .walking(walk)
            return .fetchRoot(source: walk.candidate.source, version: walk.chain.newest.version + 1)
        case .missing, .notModified: return self.endWalk(walk, now, draw)
        case .failed(let refusal, let retryAfter):
            return self.fail(refusal, walk.candidate.source, now, draw, retryAfter: retryAfter)
        case .banned: return self.ban()
        }
    }

    private mutating func endWalk(_ walk: Walk, _ now: Moment, _ draw: Double) -> SnapshotAction {
        guard walk.chain.newest.version > self.trust.newest.version else {
            return self.fail(walk.refusal, walk.candidate.source, now, draw)
        }
        do {
            // Only the last root's expiry counts; one that has expired never comes into force.
            try walk.chain.requireUnexpired(at: now.wall)
        } catch {
            return self.fail(error, walk.candidate.source, now, draw)
        }
        self.phase = .storingRoots(walk)
        return .storeRoots(walk.chain.envelopes)
    }

    /// The newer roots are in force also where they could not be stored: they are the ones that tell who was robbed.
    mutating func rootsStored(
        _ refusal: SnapshotRefusal?,
        _ walk: Walk,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        if let refusal { self.note(refusal, at: now) }
        self.trust = walk.chain
        let crashed = self.trial?.crashed?.blob.digest
        self.condemned.removeAll { $0 != crashed }
        return self.judge(walk.candidate, isWalked: true, now, draw)
    }

    private mutating func take(
        _ head: Verified<Head>,
        _ candidate: Candidate,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        self.freshness.note(head.value, at: now.wall)
        self.heard(candidate.source, now, draw)
        let wasWithdrawn = self.isWithdrawn
        self.isWithdrawn = self.mustStop
        let delivery = Delivery(
            source: candidate.source,
            since: candidate.since,
            head: head,
            etag: candidate.etag,
            denyList: self.denyListInForce(ifNamedBy: head.value)
        )
        if delivery.denyList != nil { return self.afterDenyList(delivery, wasWithdrawn: wasWithdrawn, now, draw) }
        self.phase = .fetchingDenyList(delivery)
        return .fetchBlob(source: delivery.source, head.value.denyList)
    }

    private func denyListInForce(ifNamedBy head: Head) -> DenyList? {
        guard let inForce = self.inForce, inForce.head.value.denyList == head.denyList,
            inForce.head.value.denyListNumber == head.denyListNumber
        else { return nil }
        return inForce.denyList
    }

    mutating func denyList(
        _ outcome: FetchOutcome,
        _ delivery: Delivery,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        let label = "deny list \(delivery.head.value.denyListNumber)"
        do {
            let bytes = try outcome.required(label)
            var delivery = delivery
            delivery.denyList = try self.verifier(at: now).denyList(bytes, under: delivery.head)
            delivery.denyListBytes = bytes
            return self.afterDenyList(delivery, wasWithdrawn: false, now, draw)
        } catch {
            return self.fail(error, delivery, now, draw, retryAfter: outcome.retryAfter)
        }
    }

    /// Decides what of this head is left to do. A deny list that has changed comes into force before a manifest is
    /// fetched: whoever is locked out is locked out also where the manifest turns out bad.
    private mutating func afterDenyList(
        _ delivery: Delivery,
        wasWithdrawn: Bool,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        let head = delivery.head.value
        let target = self.inForce == nil ? head.boot : head.stable
        let isCondemned = self.condemned.contains(target.blob.digest)
        guard let inForce = self.inForce else {
            if isCondemned { return self.settle(delivery, now, draw) }
            return self.fetch(target, delivery)
        }
        let isCurrent = target == inForce.reference
        let isSameEpoch = head.position.epoch == inForce.manifest.epoch
        if isCurrent, !isSameEpoch { return self.fail(.epochRaised(head, inForce.manifest), delivery, now, draw) }
        if delivery.denyListBytes != nil, isSameEpoch {
            return self.apply(delivery, isWhole: isCurrent || isCondemned, now)
        }
        if !isCurrent, !isCondemned { return self.fetch(target, delivery) }
        if isCurrent, self.isNews(head, beside: inForce.head.value) { return self.apply(delivery, isWhole: true, now) }
        if wasWithdrawn, !self.isWithdrawn {
            self.phase = .idle
            return .activate(inForce.snapshot)
        }
        return self.settle(delivery, now, draw)
    }

    /// Whether the stored head is to be replaced: by one of a newer version, or now and then by a newer signature.
    private func isNews(_ head: Head, beside stored: Head) -> Bool {
        head.position > stored.position
            || head.issued.milliseconds(since: stored.issued) >= Self.restoreMin
    }

    /// Everything of this head that can be taken was taken.
    mutating func settle(_ delivery: Delivery, _ now: Moment, _ draw: Double) -> SnapshotAction {
        self.etag = delivery.etag
        return self.rest(since: delivery.since, now, draw)
    }

    mutating func fail(
        _ refusal: SnapshotRefusal,
        _ delivery: Delivery,
        _ now: Moment,
        _ draw: Double,
        retryAfter: Int64? = nil,
        reference: ManifestRef? = nil
    ) -> SnapshotAction {
        self.fail(
            refusal,
            delivery.source,
            now,
            draw,
            retryAfter: retryAfter,
            sequence: reference?.sequence ?? 0,
            headVersion: delivery.head.value.position.headVersion,
            digest: reference?.blob.digest
        )
    }

    var mustStop: Bool { self.settings.stalenessMax.map(self.freshness.exceeds) ?? false }
}

extension FetchOutcome {
    /// The bytes of a blob, or why there are none.
    func required(_ label: String) throws(SnapshotRefusal) -> [UInt8] {
        switch self {
        case .bytes(let bytes, _): return bytes
        case .missing, .notModified:
            throw SnapshotRefusal(.fetch, .partMissing, "the source does not have the \(label)")
        case .failed(let refusal, _): throw refusal
        case .banned: throw SnapshotRefusal(.fetch, .transport, "this node is banned")
        }
    }

    var retryAfter: Int64? {
        if case .failed(_, let retryAfter) = self { retryAfter } else { nil }
    }
}

extension SnapshotRefusal {
    fileprivate static func epochRaised(_ head: Head, _ manifest: Manifest) -> SnapshotRefusal {
        SnapshotRefusal(
            .signature,
            .wrongKeyUsage,
            "the head says epoch \(head.position.epoch), the manifest that release keys signed \(manifest.epoch)"
        )
    }
}
