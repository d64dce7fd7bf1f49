package import Domain
package import Logging
import ServiceLifecycle
package import Storage
import Synchronization
package import Wire

/// Makes changes known to the fleet: compile, check with the node's own verifier, sign, keep, tell.
///
/// What was last good stays in force until something better has passed every check. Two things never wait for each
/// other: publishing, and signing a new deny list.
package final class Publisher: Service {
    /// Tries again when somebody else moved the head in between.
    private static let triesMax = 5

    let environment: ID<Domain.Environment>
    let database: Database
    private let trust: RootChain
    private let keys: OnlineKeys
    private let signer: HeadSigner
    private let board: HeadBoard
    let timing: Timing
    private let logger: Logger
    private let state = Mutex(State())
    private let content = Bell()
    private let denials = Bell()

    private struct State {
        var pace = PublishingPace()
        var report = PublishingReport()
        /// The routes that are in force, with the number of the snapshot they are from.
        var published: (seq: UInt64, routes: [Route])?
    }

    package init(
        environment: ID<Domain.Environment>,
        database: Database,
        trust: RootChain,
        keys: OnlineKeys,
        board: HeadBoard,
        timing: Timing = .system,
        logger: Logger
    ) {
        self.environment = environment
        self.database = database
        self.trust = trust
        self.keys = keys
        self.signer = HeadSigner(environment: environment, keys: keys.freshness)
        self.board = board
        self.timing = timing
        self.logger = logger
    }

    /// How publishing goes, for `GET /v1/snapshots`, `GET /v1/status` and metrics.
    package func report() -> PublishingReport { self.state.withLock { $0.report } }

    /// Brings head, deny list and snapshot in line with the database, whatever was going on when the process ended
    /// last, and puts the head up. Call it before anything listens.
    package func begin() async throws {
        try await self.beginHeads()
        let last = try await self.database.read { try $0.publications(limit: 1).first }
        self.state.withLock { $0.report.held = last?.restored }
        try await self.signDenyList()
        await self.publishChanges()
        try await self.resign()
    }

    package func run() async throws {
        try await untilGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.publishOnChange() }
                group.addTask { try await self.denyOnChange() }
                group.addTask { try await self.keepFresh() }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private func publishOnChange() async throws {
        for await _ in self.content.rings {
            while let due = self.state.withLock({ $0.pace.due }) {
                try await self.timing.sleep(max(.zero, due - self.timing.steady()))
                guard self.state.withLock({ $0.pace.take(at: self.timing.steady()) }) else { continue }
                await self.publishChanges()
            }
        }
    }

    private func denyOnChange() async throws {
        for await _ in self.denials.rings {
            do {
                try await self.signDenyList()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                self.logger.error("deny list not signed", metadata: ["error": "\(error)"])
                try await self.timing.sleep(.milliseconds(200))
                self.denials.ring()
            }
        }
    }

    private func keepFresh() async throws {
        while !Task.isCancelled {
            try await self.timing.sleep(HeadSigner.resignInterval)
            do {
                try await self.resign()
            } catch {
                self.logger.error("head not signed again", metadata: ["error": "\(error)"])
            }
            // What was left out may be due by now, as a price that starts later.
            let report = self.report()
            if report.failure != nil || !report.problems.isEmpty { self.contentChanged() }
        }
    }

    /// What is to be published of itself now.
    private func ownOrder() async throws -> Order {
        let database = self.database
        return try await database.read { reading in
            if try reading.installation()?.publishing == .automatic { return .changes }
            // The first snapshot is published in any case: without one, no node becomes ready.
            if try reading.publications(limit: 1).isEmpty { return .changes }
            // After a restore nodes are told nothing before its epoch has a snapshot: the old behaviour then.
            return try reading.head()?.stable == nil ? .access : .issuerKeys
        }
    }

    /// Unless publishing is manual. Never throws: a failure is in the report and the log, what was last good stays in
    /// force, and `keepFresh` has it tried again.
    private func publishChanges() async {
        let deed = Deed(by: "system", at: self.timing.now())
        do {
            let order = try await self.ownOrder()
            guard let publication = try await self.retrying({ try await self.publishOnce(order, by: deed) }) else {
                return
            }
            self.logger.info("published", metadata: ["snapshot.seq": "\(publication.seq)"])
        } catch {
            let detail = (error as? PublishingFault)?.detail ?? "\(error)"
            self.state.withLock { $0.report.failure = detail }
            self.logger.error("not published", metadata: ["error": "\(detail)"])
        }
    }
}

// MARK: - Changes

extension Publisher: ChangeListener {
    package func contentChanged() {
        self.state.withLock { $0.pace.changed(at: self.timing.steady()) }
        self.content.ring()
    }

    /// What is denied is also to leave the next snapshot.
    package func denyListChanged() {
        self.denials.ring()
        self.contentChanged()
    }
}

// MARK: - Publishing

extension Publisher {
    /// What to publish.
    private enum Order: Hashable {
        /// What changed, if anything did. After a rollback that is access alone: see `held`. What cannot be published is
        /// reported and does not hold up the rest.
        case changes
        /// Teams, roles and keys as they are now on the behaviour of the newest snapshot, whatever the mode.
        case access
        /// The newest snapshot with the keys that issuers have now, where all else is left to people.
        case issuerKeys
        /// Everything that is in force, changed or not.
        case everything
        /// The behaviour of an older snapshot.
        case behaviour(of: UInt64)

        /// Goes out by itself, and only if it is another one than the newest.
        var isOwn: Bool { self == .changes || self == .issuerKeys }
    }

    /// Publishes what is in force, changed or not, and ends a hold. Refuses if anything in it cannot be published as it
    /// was written.
    func publishAnyway(by deed: Deed) async throws -> Publication {
        let published = try await self.retrying { try await self.publishOnce(.everything, by: deed) }
        guard let published else { throw PublishingFault("nothing was published") }
        return published
    }

    /// Publishes the behaviour of an older snapshot under the next number, and holds publishing there until somebody
    /// publishes; nil if there is no snapshot of that number.
    func publishAgain(_ seq: UInt64, by deed: Deed) async throws -> Publication? {
        try await self.retrying { try await self.publishOnce(.behaviour(of: seq), by: deed) }
    }

    private func publishOnce(_ order: Order, by deed: Deed) async throws -> Publication? {
        let routes = try await self.publishedRoutes()
        let found = try await self.database.read { [environment = self.environment] reading in
            let last = try reading.publications(limit: 1).first
            let (compiled, restored): (CompiledSnapshot, UInt64?)
            switch order {
            case .everything:
                (compiled, restored) = (try SnapshotCompiler.compile(reading, at: deed.at, published: routes), nil)
            case .changes:
                restored = last?.restored
                compiled =
                    if let last, restored != nil {
                        try Self.compile(reading, at: deed.at, onto: last)
                    } else {
                        try SnapshotCompiler.compile(reading, at: deed.at, published: routes)
                    }
            case .access:
                guard let last else { return nil as (CompiledSnapshot, DraftBasis)? }
                (compiled, restored) = (try Self.compile(reading, at: deed.at, onto: last), last.restored)
            case .issuerKeys:
                guard let last else { return nil as (CompiledSnapshot, DraftBasis)? }
                let old = try Self.decoded(last, in: reading)
                restored = last.restored
                compiled = try SnapshotCompiler.compile(reading, at: deed.at, renewingKeysOf: old)
            case .behaviour(let seq):
                guard let old = try reading.publication(seq) else { return nil as (CompiledSnapshot, DraftBasis)? }
                (compiled, restored) = (try Self.compile(reading, at: deed.at, onto: old), seq)
            }
            return (compiled, try DraftBasis(reading, environment: environment, restored: restored, by: deed))
        }
        guard let (compiled, basis) = found else { return nil }
        return try await self.publish(compiled, basis, order, by: deed)
    }

    private func publish(
        _ compiled: CompiledSnapshot,
        _ basis: DraftBasis,
        _ order: Order,
        by deed: Deed
    ) async throws -> Publication? {
        let blocking = compiled.problems.filter { !$0.isPassing }
        if order == .everything, !blocking.isEmpty {
            throw PublishingFault(blocking.map(\.description).joined(separator: "; "))
        }
        let parts: [SnapshotSection]
        do { parts = try SectionCodec.encode(compiled.sections) } catch { throw PublishingFault(error.detail) }
        if order != .issuerKeys { self.note(compiled.problems) }
        let isTold = basis.head.stable != nil
        if order.isOwn, isTold, basis.last?.content == SnapshotDraft.contentDigest(parts.map(\.reference)) {
            try await self.catchUp()
            return nil
        }
        let draft = try SnapshotDraft.make(
            parts,
            counts: compiled.sections.counts,
            basis: basis,
            trust: self.trust,
            keys: self.keys
        )
        return try await self.keep(draft, order, by: deed)
    }

    private static func compile(
        _ reading: Reading,
        at now: Timestamp,
        onto old: Publication
    ) throws -> CompiledSnapshot {
        try SnapshotCompiler.compile(reading, at: now, onto: try Self.decoded(old, in: reading))
    }

    private static func decoded(_ old: Publication, in reading: Reading) throws -> SnapshotSections {
        guard let sections = try Self.sections(of: old, in: reading) else {
            throw PublishingFault("snapshot \(old.seq) is too old: its content is not kept any more")
        }
        return try SectionCodec.decode(sections)
    }

    private func keep(_ draft: SnapshotDraft, _ order: Order, by deed: Deed) async throws -> Publication {
        // What goes out while publishing is held repeats the rollback's content, and is none itself.
        let action = order.isOwn || order == .access ? "snapshot.published" : nil
        let head = try await self.database.write { transaction in
            try transaction.publish(draft.publication, blobs: draft.blobs, action: action, by: deed)
        }
        self.state.withLock { state in
            state.published = (draft.publication.seq, Array(draft.content.routes.values))
            state.report.failure = nil
            state.report.publishes += 1
            state.report.published = draft.publication.published
            state.report.held = draft.publication.restored
        }
        try await self.put(head)
        return draft.publication
    }

    private func note(_ problems: [CompileProblem]) {
        let isNew = self.state.withLock { state in
            defer {
                state.report.problems = problems
                state.report.failure = nil
            }
            return state.report.problems != problems
        }
        guard isNew else { return }
        for problem in problems {
            self.logger.warning(
                "not in the snapshot as written",
                metadata: ["subject": "\(problem.subject)", "reason": "\(problem.detail)"]
            )
        }
    }

    private func retrying<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 1..<Self.triesMax {
            do { return try await body() } catch StorageFault.wrongState { continue }
        }
        return try await body()
    }

    /// The routes of the newest snapshot, decoded once.
    private func publishedRoutes() async throws -> [Route] {
        let held = self.state.withLock { $0.published }
        let routes = try await self.database.read { reading -> (UInt64, [Route])? in
            guard let last = try reading.publications(limit: 1).first else { return nil }
            if let held, held.seq == last.seq { return held }
            guard let sections = try Self.sections(of: last, in: reading) else { return nil }
            return (last.seq, try SectionCodec.decode(sections).routes)
        }
        return routes?.1 ?? []
    }

    /// Nil if its blobs have been swept away.
    static func sections(of publication: Publication, in reading: Reading) throws -> [SnapshotSection]? {
        guard let bytes = try reading.blob(publication.envelope.digest) else { return nil }
        let manifest = try Manifest.decode(Envelope.decode(bytes, expecting: .manifest).payload)
        var sections: [SnapshotSection] = []
        for reference in manifest.sections {
            guard let bytes = try reading.blob(reference.blob.digest) else { return nil }
            sections.append(
                SnapshotSection(
                    kind: reference.kind,
                    shard: reference.shard,
                    isCritical: reference.isCritical,
                    bytes: bytes
                )
            )
        }
        return sections
    }
}

// MARK: - Heads

extension Publisher {
    private func beginHeads() async throws {
        let environment = self.environment
        let rootVersion = self.trust.newest.version
        let now = self.timing.now()
        try await self.database.write { transaction in
            guard try transaction.reading.head() == nil else { return }
            guard let installation = try transaction.reading.installation() else {
                throw StorageFault.wrongState("there is no installation in this database: run martlet-control init")
            }
            let list = SignedDenyList(environment: environment, list: DenyList(number: 1))
            _ = try transaction.beginHeads(
                epoch: installation.epoch,
                deny: list.entry(number: 1),
                bytes: list.encoded(),
                rootVersion: rootVersion,
                at: now
            )
        }
    }

    /// Publishes before the deny list forgets a key or model that a node could still find in a snapshot, so that nodes
    /// hold nothing older than the floor. Never throws: should that fail, what was denied just now matters more than
    /// what was denied a thousand entries ago.
    private func coverForgotten() async {
        let deed = Deed(by: "system", at: self.timing.now(), reason: "the deny list is full")
        do {
            let isDue = try await self.database.read { reading in
                guard let last = try reading.publications(limit: 1).first else { return false }
                return try reading.nextFloor(after: last) > last.floorSeq
            }
            if isDue { _ = try await self.retrying { try await self.publishOnce(.access, by: deed) } }
        } catch {
            self.state.withLock { $0.report.failure = "the floor was not raised: \(error)" }
            self.logger.error("floor not raised", metadata: ["error": "\(error)"])
        }
    }

    /// Signs a new deny list and head if anything was denied or allowed again since the last one.
    func signDenyList() async throws {
        await self.coverForgotten()
        let now = self.timing.now()
        let environment = self.environment
        let head = try await self.retrying {
            try await self.database.write { transaction -> HeadReferences? in
                guard let head = try transaction.reading.head() else { return nil }
                var list = try SignedDenyList(inForce: transaction.reading, environment: environment)
                list.list = list.list.numbered(head.deny.number + 1)
                let entry = list.entry(number: list.list.number)
                guard entry.content != head.deny.content else { return nil }
                return try transaction.deny(entry, bytes: list.encoded(), at: now)
            }
        }
        guard let head else { return try await self.catchUp() }
        try await self.put(head)
        self.logger.info("deny list signed", metadata: ["deny_list.number": "\(head.deny.number)"])
    }

    /// Puts up the head that is in the database where the board has an older one: that commit went through and the
    /// signing after it did not.
    private func catchUp() async throws {
        guard let head = try await self.database.read({ try $0.head() }) else { return }
        if let shown = self.board.current(), (shown.epoch, shown.version) >= (head.epoch, head.version) { return }
        try await self.put(head)
    }

    /// The newest head with a new time: nodes stay fresh, and nobody is woken.
    func resign() async throws {
        guard let head = try await self.database.read({ try $0.head() }) else { return }
        try await self.put(head)
    }

    private func put(_ head: HeadReferences) async throws {
        let now = self.timing.now()
        let since = now.advanced(byMilliseconds: -HeadSigner.aliveMilliseconds)
        let live = try await self.database.read { try $0.liveNodes(since: since) }
        guard let signed = self.signer.sign(head, liveNodes: live, at: now) else { return }
        self.board.put(signed)
    }
}
