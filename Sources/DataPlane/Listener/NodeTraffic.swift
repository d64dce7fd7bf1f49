package import Domain
package import Logging
package import Platform
internal import Synchronization

/// What all event loops of a node share, and what its exchanges are made of. Made once, in `main`.
package final class NodeTraffic: Sendable {
    let snapshots: SnapshotHolder
    let rules: ExchangeRules
    let recorder: any UsageRecorder
    package let leases: Leases
    package let limits: LimitGate
    let readiness: Readiness
    let metrics: NodeMetrics
    let logger: Logger
    let bodies: BodyMemory
    /// Of each event loop.
    let pool: ConnectionPool.Bounds
    /// Of each event loop.
    let places: Places.Bounds
    let wallClock: @Sendable () -> Timestamp

    /// Requests that have no end yet.
    package var exchangesInFlight: UInt64 { UInt64(clamping: self.metrics.exchangesInFlight.value) }

    /// Bodies of all requests and replies together, in bytes.
    package static let bodyBytesMax = 512 * 1_024 * 1_024

    package init(
        snapshots: SnapshotHolder,
        credentials: any Credentials,
        recorder: any UsageRecorder,
        leases: Leases,
        limits: LimitGate = LimitGate(bell: Bell()),
        readiness: Readiness,
        metrics: MetricRegistry,
        logger: Logger,
        bodyBytesMax: Int = NodeTraffic.bodyBytesMax,
        pool: ConnectionPool.Bounds = .init(),
        places: Places.Bounds = .init(),
        wallClock: @escaping @Sendable () -> Timestamp = {
            Timestamp(unixMilliseconds: WallClock.unixMilliseconds())
        }
    ) {
        self.snapshots = snapshots
        self.rules = ExchangeRules(credentials: credentials, limits: limits)
        self.recorder = recorder
        self.leases = leases
        self.limits = limits
        self.readiness = readiness
        self.metrics = NodeMetrics(metrics)
        self.logger = logger
        self.bodies = BodyMemory(max: bodyBytesMax)
        self.pool = pool
        self.places = places
        self.wallClock = wallClock
    }
}

/// The memory that bodies of requests and replies hold on this node, over all event loops.
final class BodyMemory: Sendable {
    private let max: Int
    private let held = Atomic<Int>(0)

    init(max: Int) { self.max = max }

    var bytesHeld: Int { self.held.load(ordering: .relaxed) }

    /// False if there is no room; then nothing was taken.
    func take(_ bytes: Int) -> Bool {
        let after = self.held.wrappingAdd(bytes, ordering: .relaxed).newValue
        if after <= self.max { return true }
        self.held.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }

    func give(back bytes: Int) {
        guard bytes > 0 else { return }
        self.held.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
