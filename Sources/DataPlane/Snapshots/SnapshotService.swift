package import Domain
package import Logging
package import Platform
import ServiceLifecycle
import Synchronization
import Wire

/// Runs a `SnapshotClient`: does what it asks, tells it what came, and hangs what it activates into the holder.
///
/// What was found on disk is served from `init` on, before anything is asked of anybody.
package final class SnapshotService: Service {
    /// The clocks and chance; tests bring their own.
    package struct World: Sendable {
        package var now: @Sendable () -> Moment
        package var sleep: @Sendable (Duration) async throws -> Void
        package var draw: @Sendable () -> Double

        package init(
            now: @escaping @Sendable () -> Moment,
            sleep: @escaping @Sendable (Duration) async throws -> Void,
            draw: @escaping @Sendable () -> Double
        ) {
            self.now = now
            self.sleep = sleep
            self.draw = draw
        }

        package static var machine: World {
            let clock = ContinuousClock()
            let start = clock.now
            return World(
                now: {
                    Moment(
                        wall: Timestamp(unixMilliseconds: WallClock.unixMilliseconds()),
                        steady: (clock.now - start).milliseconds
                    )
                },
                sleep: { try await clock.sleep(for: $0) },
                draw: { Double.random(in: 0..<1) }
            )
        }
    }

    /// What happens to be told to others.
    package struct Listeners: Sendable {
        /// The status is another one now.
        package var changed: @Sendable () -> Void
        /// This node is banned: wipe the keys, drain.
        package var banned: @Sendable () -> Void

        package init(
            changed: @escaping @Sendable () -> Void = {},
            banned: @escaping @Sendable () -> Void = {}
        ) {
            self.changed = changed
            self.banned = banned
        }
    }

    private let client: Mutex<SnapshotClient>
    /// Of the last snapshot, off every event loop: what operators look at when snapshots grow.
    private let compileMilliseconds = Mutex<Int64>(0)
    private let files: SnapshotFiles
    private let calls: SnapshotCalls
    private let holder: SnapshotHolder
    private let readiness: Readiness
    private let world: World
    private let listeners: Listeners
    private let logger: Logger

    package init(
        files: SnapshotFiles,
        restart: SnapshotRestart,
        node: ID<Node>,
        sources: any SnapshotSources,
        stalenessMax: Duration? = nil,
        holder: SnapshotHolder,
        readiness: Readiness,
        listeners: Listeners = Listeners(),
        world: World = .machine,
        logger: Logger
    ) {
        let settings = SnapshotClient.Settings(
            node: node,
            sources: sources.count,
            stalenessMax: stalenessMax.map(\.milliseconds)
        )
        let client = SnapshotClient(restart, settings, at: world.now())
        self.files = files
        self.calls = SnapshotCalls(sources: sources)
        self.holder = holder
        self.readiness = readiness
        self.world = world
        self.listeners = listeners
        self.logger = logger
        let served = client.served
        self.client = Mutex(client)
        self.serve(served)
        for refusal in restart.refusals { self.warn(refusal) }
        if let trial = restart.trial { self.keep { () throws(SnapshotRefusal) in try files.store(trial: trial) } }
    }

    package var status: SnapshotStatus { self.client.withLock { $0.status } }

    /// Nodes that are up, as the newest verified head says; zero where it does not.
    package var liveNodes: Int { self.client.withLock { $0.freshness.liveNodes } }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.follow() }
                group.addTask { await self.doChores() }
            }
        }
        if let trial = self.client.withLock({ $0.endCleanly() }) {
            self.keep { () throws(SnapshotRefusal) in try self.files.store(trial: trial) }
        }
    }

    private func follow() async {
        var action = self.client.withLock { $0.next(at: self.world.now()) }
        while !Task.isCancelled {
            let before = self.status
            guard let next = await self.perform(action) else { break }
            action = next
            self.tell(before)
        }
    }

    private func perform(_ action: SnapshotAction) async -> SnapshotAction? {
        switch action {
        case .poll(let source, let etag): return self.received(await self.calls.head(source, etag: etag))
        case .fetchRoot(let source, let version):
            return self.received(await self.calls.root(source, version: version))
        case .fetchBlob(let source, let reference): return self.received(await self.calls.blob(source, reference))
        case .storeRoots(let roots):
            return self.stored { () throws(SnapshotRefusal) in try self.files.store(roots: roots) }
        case .store(let record):
            return self.stored { () throws(SnapshotRefusal) in try self.files.store(record) }
        case .compile(let verifier, let manifest, let fetched):
            let begun = self.world.now().steady
            let result = self.compile(verifier, manifest, fetched)
            self.compileMilliseconds.withLock { $0 = self.world.now().steady - begun }
            return self.compiled(result)
        case .activate(let snapshot):
            self.serve(snapshot)
            let took = self.compileMilliseconds.withLock(\.self)
            self.logger.info(
                "snapshot activated",
                metadata: ["snapshot.version": "\(snapshot.version)", "snapshot.compile_ms": "\(took)"]
            )
            return self.client.withLock { $0.next(at: self.world.now()) }
        case .sleep(let milliseconds):
            do {
                try await self.world.sleep(.milliseconds(milliseconds))
            } catch {
                return nil  // Shutting down.
            }
            return self.client.withLock { $0.next(at: self.world.now()) }
        case .ban:
            self.leave()
            return nil
        }
    }

    private func received(_ outcome: FetchOutcome) -> SnapshotAction? {
        // A call that was cut by the shutdown says nothing about its source.
        guard !Task.isCancelled else { return nil }
        return self.client.withLock { $0.received(outcome, at: self.world.now(), draw: self.world.draw()) }
    }

    private func compiled(_ result: Result<SnapshotContent, SnapshotRefusal>) -> SnapshotAction {
        self.client.withLock { $0.compiled(result, at: self.world.now(), draw: self.world.draw()) }
    }

    private func compile(
        _ verifier: SnapshotVerifier,
        _ manifest: Verified<Manifest>,
        _ fetched: [Digest: [UInt8]]
    ) -> Result<SnapshotContent, SnapshotRefusal> {
        do {
            return .success(try verifier.content(of: manifest) { fetched[$0] ?? self.files.blob($0) })
        } catch {
            return .failure(error)
        }
    }

    private func stored(_ work: () throws(SnapshotRefusal) -> Void) -> SnapshotAction {
        var refusal: SnapshotRefusal?
        do {
            try work()
        } catch {
            refusal = error
        }
        return self.client.withLock { [refusal] in $0.stored(refusal, at: self.world.now(), draw: self.world.draw()) }
    }

    private func doChores() async {
        while !Task.isCancelled {
            do {
                try await self.world.sleep(.seconds(1))
            } catch {
                return
            }
            let before = self.status
            for chore in self.client.withLock({ $0.tick(at: self.world.now()) }) {
                switch chore {
                case .storeTrial(let trial):
                    self.keep { () throws(SnapshotRefusal) in try self.files.store(trial: trial) }
                case .storeFloors(let floors):
                    self.keep { () throws(SnapshotRefusal) in try self.files.store(floors: floors) }
                case .withdraw: self.serve(nil)
                }
            }
            self.tell(before)
        }
    }

    /// What cannot be kept now is no reason to stop: it is written again with the next activation.
    private func keep(_ work: () throws(SnapshotRefusal) -> Void) {
        do {
            try work()
        } catch {
            self.warn(error)
        }
    }

    private func serve(_ snapshot: Snapshot?) {
        self.holder.replace(with: snapshot)
        if snapshot != nil { return self.readiness.met("snapshot") }
        let status = self.status
        let reason =
            status.isBanned
            ? "this node is banned"
            : status.isWithdrawn
                ? "the snapshot is older than the bound on staleness allows"
                : "none has been verified yet"
        self.readiness.unmet("snapshot", because: reason)
    }

    private func leave() {
        self.serve(nil)
        self.logger.error("node banned", metadata: ["action": "snapshot and keys are wiped, the node drains"])
        self.keep { () throws(SnapshotRefusal) in try self.files.wipe() }
        self.listeners.banned()
        self.listeners.changed()
    }

    private func tell(_ before: SnapshotStatus) {
        let after = self.status
        guard after != before else { return }
        for report in after.refused where !before.refused.contains(where: report.isAbout) { self.warn(report) }
        if after.isStale != before.isStale {
            self.logger.warning("snapshot \(after.isStale ? "stale" : "fresh again")")
        }
        self.listeners.changed()
    }

    private func warn(_ report: ReportedRefusal) {
        let isAlarm = report.code == SnapshotRefusal.Code.equivocation.rawValue
        self.logger.log(
            level: isAlarm ? .error : .warning,
            "snapshot refused",
            metadata: [
                "refusal.stage": "\(report.stage)", "refusal.code": "\(report.code)",
                "refusal.detail": "\(report.detail)", "snapshot.sequence": "\(report.sequence)",
            ]
        )
    }

    private func warn(_ refusal: SnapshotRefusal) {
        self.warn(ReportedRefusal(refusal, at: self.world.now().wall))
    }
}

extension ReportedRefusal {
    /// The same thing refused for the same reason, whenever.
    fileprivate func isAbout(_ other: ReportedRefusal) -> Bool {
        self.stage == other.stage && self.code == other.code && self.digest == other.digest
    }
}
