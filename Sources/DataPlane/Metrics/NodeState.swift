package import Domain
package import Platform
internal import Synchronization

/// What a node can tell of itself when it is scraped: memory, spool, snapshot. Declared once, at its start.
package final class NodeState: Sendable {
    /// Known only once the node has joined.
    private let snapshots = Mutex<(@Sendable () -> SnapshotStatus)?>(nil)

    package init(
        _ registry: MetricRegistry,
        traffic: NodeTraffic,
        spool: @escaping @Sendable () -> SpoolReport,
        readiness: Readiness,
        now: @escaping @Sendable () -> Timestamp = { Timestamp(unixMilliseconds: WallClock.unixMilliseconds()) }
    ) {
        registry.gauge("martlet_ready", "1 while this node can serve and does not drain.") { readiness.isReady ? 1 : 0 }
        registry.gauge("martlet_bodies_bytes", "Memory that bodies of requests and replies hold.") {
            Double(traffic.bodies.bytesHeld)
        }
        let leases = traffic.leases
        registry.gauge("martlet_leases_waiting", "Attempts that wait for a part of a budget.") {
            Double(leases.waitingCount)
        }
        registry.counter("martlet_reservations_dropped_total", "Reservations that nobody ended: faults of this build.")
        {
            Double(leases.dropped)
        }
        let limits = traffic.limits
        registry.counter(
            "martlet_passes_dropped_total",
            "Of limits, what was taken and never ended: faults of this build."
        ) {
            Double(limits.dropped)
        }
        self.declareSpool(registry, spool, now)
        self.declareSnapshot(registry, traffic.snapshots, now)
    }

    /// From now on the snapshot's freshness is told too.
    package func watch(_ status: @escaping @Sendable () -> SnapshotStatus) {
        self.snapshots.withLock { $0 = status }
    }

    private var status: SnapshotStatus? { self.snapshots.withLock { $0 }?() }

    private func declareSpool(
        _ registry: MetricRegistry,
        _ spool: @escaping @Sendable () -> SpoolReport,
        _ now: @escaping @Sendable () -> Timestamp
    ) {
        registry.counter("martlet_usage_records_total", "Usage records of this boot that were written to the spool.") {
            Double(spool().writtenThrough)
        }
        registry.counter("martlet_usage_records_durable_total", "Those of them that survive a power cut.") {
            Double(spool().durableThrough)
        }
        registry.counter("martlet_usage_records_acked_total", "Those of them that the control plane has committed.") {
            Double(spool().ackedThrough)
        }
        registry.counter("martlet_usage_records_lost_total", "Usage records that were declared lost.") {
            Double(spool().recordsLost)
        }
        registry.counter("martlet_usage_denials_unrecorded_total", "Denials beyond the sampled ones.") {
            Double(spool().denialsNotRecorded)
        }
        registry.counter("martlet_attempts_without_slot_total", "Attempts that a crash would have hidden.") {
            Double(spool().attemptsWithoutSlot)
        }
        registry.gauge(
            "martlet_spool_oldest_unsent_seconds",
            "Age of the oldest record of this boot not yet committed."
        ) {
            spool().oldestUnsent.map { Double(max(0, now().milliseconds(since: $0))) / 1_000 } ?? 0
        }
        registry.gauge("martlet_spool_synced_seconds", "When the spool was last made durable, in Unix time.") {
            spool().synced.map { Double($0.unixMilliseconds) / 1_000 }
        }
        registry.gauge("martlet_spool_bytes", "Size of the spool's segments when one was last begun.") {
            Double(spool().byteCount)
        }
        registry.gauge("martlet_spool_failing", "1 while usage waits in memory because the disk does not take it.") {
            spool().diskTrouble == nil ? 0 : 1
        }
    }

    private func declareSnapshot(
        _ registry: MetricRegistry,
        _ holder: SnapshotHolder,
        _ now: @escaping @Sendable () -> Timestamp
    ) {
        registry.gauge("martlet_snapshot_epoch", "Epoch of the snapshot in force.") {
            holder.current().map { Double($0.version.epoch) }
        }
        registry.gauge("martlet_snapshot_sequence", "Number of the snapshot in force.") {
            holder.current().map { Double($0.version.sequence) }
        }
        registry.gauge("martlet_snapshot_head_version", "Version of the head it came with.") {
            holder.current().map { Double($0.version.headVersion) }
        }
        registry.gauge(
            "martlet_snapshot_staleness_seconds",
            "For how long the newest head has not been fresh any more."
        ) {
            self.status?.freshUntil.map { Double(max(0, now().milliseconds(since: $0))) / 1_000 }
        }
        registry.gauge("martlet_snapshot_refused", "Snapshots or heads that this node refuses just now.") {
            self.status.map { Double($0.refused.count) }
        }
    }
}
