package import Domain
package import Wire

/// The node's snapshot client: which bytes are asked for, which are taken, when. A sans-I/O machine: events go in, one
/// action comes out, time and chance are arguments.
///
/// Always: what is served was verified by `SnapshotVerifier` and is on disk (a deny list may be ahead of a disk that
/// cannot be written: it only takes away). A refusal changes nothing but the list of refusals.
package struct SnapshotClient: Sendable {
    package struct Settings: Sendable {
        package var node: ID<Node>
        package var sources: Int
        /// How long after `fresh_until` traffic goes on, in milliseconds; nil, the default: always.
        package var stalenessMax: Int64?

        package init(node: ID<Node>, sources: Int, stalenessMax: Int64? = nil) {
            self.node = node
            self.sources = sources
            self.stalenessMax = stalenessMax
        }
    }

    static let refusalsMax = 32
    static let condemnedMax = 64
    /// All sections of a snapshot together, in bytes.
    static let contentSizeMax = 256 << 20
    /// A poll that brings nothing sooner than this is followed by a wait, so that a source that does not park its
    /// callers is not asked in a busy loop. In milliseconds.
    static let pollMin: Int64 = 500
    /// A head that was merely signed again is stored at most this often, in milliseconds.
    static let restoreMin: Int64 = 60_000

    let settings: Settings
    package internal(set) var trust: RootChain
    package internal(set) var floors: Floors
    package internal(set) var inForce: SnapshotInForce?
    package internal(set) var trial: StoredTrial?
    var previous: ManifestRef?
    /// What the previous snapshot stands on; nil where that is not known, and then no blob is thrown away.
    var previousBlobs: Set<Digest>?
    /// When the trial began, on the steady clock.
    var trialSince: Int64
    var sources: SourceList
    var phase = Phase.idle
    /// The ETag of the last head of which everything that can be taken was taken.
    var etag: String?
    var freshness: Freshness
    var refused: [ReportedRefusal] = []
    /// Manifests that are refused for what they are: fetching them again would change nothing.
    var condemned: [Digest] = []
    /// Blobs of the manifest under way; kept through retries.
    var gathered: [Digest: [UInt8]] = [:]
    /// What should lie on disk did not: everything is fetched.
    var doubtsDisk = false
    var isBanned = false
    var isWithdrawn: Bool

    /// What is waited for.
    enum Phase: Sendable {
        case idle
        case polling(source: Int, since: Int64)
        case walking(Walk)
        case storingRoots(Walk)
        case fetchingDenyList(Delivery)
        case fetchingManifest(Delivery, ManifestRef)
        case fetchingSection(Delivery, PendingManifest, BlobRef)
        case compiling(Delivery, PendingManifest)
        case storing(Delivery, SnapshotInForce, SnapshotRecord)
        case ended
    }

    /// A head as it came.
    struct Candidate: Sendable {
        let source: Int
        let bytes: [UInt8]
        let etag: String?
        /// When it was asked for, on the steady clock.
        let since: Int64
    }

    /// A head that does not verify yet: the roots after the newest held may explain it.
    struct Walk: Sendable {
        let candidate: Candidate
        let refusal: SnapshotRefusal
        var chain: RootChain
    }

    /// A verified head on its way to being in force.
    struct Delivery: Sendable {
        let source: Int
        let since: Int64
        let head: Verified<Head>
        let etag: String?
        var denyList: DenyList?
        var denyListBytes: [UInt8]?
    }

    /// A verified manifest whose sections are gathered.
    struct PendingManifest: Sendable {
        let reference: ManifestRef
        let manifest: Verified<Manifest>
        let verifier: SnapshotVerifier
    }

    /// Begins with what was found on disk; the shell serves `served` at once and calls `next`.
    package init(_ restart: SnapshotRestart, _ settings: Settings, at now: Moment) {
        let found = restart.found
        self.settings = settings
        self.trust = restart.trust
        self.floors = restart.floors
        self.inForce = found
        self.previous = restart.previous
        self.trial = restart.trial
        self.trialSince = now.steady
        self.sources = SourceList(count: settings.sources)
        self.freshness = Freshness(of: found?.head.value, latest: max(now.wall, restart.floors.latest))
        self.isWithdrawn = false
        // The stored ETag would hide a head of which not everything is in force.
        if let found, found.reference == found.head.value.stable, !found.etag.isEmpty { self.etag = found.etag }
        if let crashed = restart.trial?.crashed { self.condemned.append(crashed.blob.digest) }
        for refusal in restart.refusals { self.note(refusal, at: now) }
        self.isWithdrawn = self.mustStop
    }

    /// What may be served now.
    package var served: Snapshot? { self.isBanned || self.isWithdrawn ? nil : self.inForce?.snapshot }

    package var status: SnapshotStatus {
        SnapshotStatus(
            version: self.inForce?.snapshot.version,
            manifest: self.inForce?.reference.blob.digest,
            freshUntil: self.freshness.until,
            isStale: self.freshness.isStale,
            isWithdrawn: self.isWithdrawn,
            isBanned: self.isBanned,
            refused: self.refused,
            rootVersion: self.trust.newest.version,
            pacing: self.inForce?.head.value.pacing ?? Head.Pacing()
        )
    }

    /// The beginning, and whatever follows an activation or a sleep.
    package mutating func next(at now: Moment) -> SnapshotAction {
        self.phase = .idle
        if self.isBanned || self.inForce?.denyList.bannedNodes.contains(self.settings.node) == true {
            return self.ban()
        }
        switch self.sources.turn(at: now.steady) {
        case .ask(let source):
            self.phase = .polling(source: source, since: now.steady)
            return .poll(source: source, etag: self.etag)
        case .wait(let milliseconds): return .sleep(milliseconds: milliseconds)
        }
    }

    mutating func ban() -> SnapshotAction {
        self.isBanned = true
        self.inForce = nil
        self.gathered = [:]
        self.phase = .ended
        return .ban
    }

    /// What a poll or a fetch brought. `draw` is a random number from 0 up to 1.
    package mutating func received(_ outcome: FetchOutcome, at now: Moment, draw: Double) -> SnapshotAction {
        if case .banned = outcome { return self.ban() }
        switch self.phase {
        case .polling(let source, let since): return self.polled(outcome, source, since: since, now, draw)
        case .walking(let walk): return self.walked(outcome, walk, now, draw)
        case .fetchingDenyList(let delivery): return self.denyList(outcome, delivery, now, draw)
        case .fetchingManifest(let delivery, let reference):
            return self.manifest(outcome, delivery, reference, now, draw)
        case .fetchingSection(let delivery, let pending, let reference):
            return self.section(outcome, delivery, pending, reference, now, draw)
        case .idle, .storingRoots, .compiling, .storing: return self.next(at: now)
        case .ended: return .ban
        }
    }

    private mutating func polled(
        _ outcome: FetchOutcome,
        _ source: Int,
        since: Int64,
        _ now: Moment,
        _ draw: Double
    ) -> SnapshotAction {
        switch outcome {
        case .bytes(let bytes, let etag):
            let candidate = Candidate(source: source, bytes: bytes, etag: etag, since: since)
            return self.judge(candidate, isWalked: false, now, draw)
        case .notModified:
            self.heard(source, now, draw)
            return self.rest(since: since, now, draw)
        case .missing:
            let refusal = SnapshotRefusal(.fetch, .transport, "the source has no head: nothing was published yet")
            return self.fail(refusal, source, now, draw)
        case .failed(let refusal, let retryAfter):
            return self.fail(refusal, source, now, draw, retryAfter: retryAfter)
        case .banned: return self.ban()
        }
    }

    /// A source that has nothing fresh to say is no better than one that is silent, where there is another to ask.
    mutating func heard(_ source: Int, _ now: Moment, _ draw: Double) {
        guard self.asksAround else { return self.sources.succeeded(source) }
        self.sources.failed(source, at: now.steady, draw: draw, retryAfter: nil)
    }

    private var asksAround: Bool { self.freshness.isStale && self.settings.sources > 1 }

    /// Gives up what is under way. The last good snapshot stays; another source is asked, or the same one later.
    mutating func fail(
        _ refusal: SnapshotRefusal,
        _ source: Int,
        _ now: Moment,
        _ draw: Double,
        retryAfter: Int64? = nil,
        sequence: UInt64 = 0,
        headVersion: UInt64 = 0,
        digest: Digest? = nil
    ) -> SnapshotAction {
        self.note(refusal, sequence: sequence, headVersion: headVersion, digest: digest, at: now)
        let spread = Int64(self.inForce?.head.value.pacing.reconnectSpread ?? 0)
        self.sources.failed(source, at: now.steady, draw: draw, retryAfter: retryAfter, spread: spread)
        return self.next(at: now)
    }

    /// Nothing more to do until news comes.
    mutating func rest(since: Int64, _ now: Moment, _ draw: Double) -> SnapshotAction {
        self.refused.removeAll { $0.stage == SnapshotRefusal.Stage.fetch.rawValue }
        let elapsed = now.steady - since
        // Where others are asked too, each source's own back-off keeps the loop from being a busy one.
        guard elapsed < Self.pollMin, !self.asksAround else { return self.next(at: now) }
        self.phase = .idle
        return .sleep(milliseconds: Self.pollMin - max(0, elapsed) + Int64(draw * Double(Self.pollMin)))
    }

    /// Remembers a refusal once for what it is about, with the last time that it happened.
    mutating func note(
        _ refusal: SnapshotRefusal,
        sequence: UInt64 = 0,
        headVersion: UInt64 = 0,
        digest: Digest? = nil,
        at now: Moment
    ) {
        let report = ReportedRefusal(
            refusal,
            sequence: sequence,
            headVersion: headVersion,
            digest: digest,
            at: now.wall
        )
        self.refused.removeAll { $0.stage == report.stage && $0.code == report.code && $0.digest == digest }
        self.refused.append(report)
        if self.refused.count > Self.refusalsMax { self.refused.removeFirst() }
    }
}
