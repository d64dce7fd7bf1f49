import Domain
package import Platform

/// The control plane's own metrics, all in one place. No label is ever made of what a caller says.
package enum ControlMetrics {
    package static func declare(_ services: ControlPlaneServices, in metrics: MetricRegistry) {
        let (board, publisher, metering) = (services.board, services.publisher, services.metering)
        metrics.gauge("martlet_control_head_version", "Version of the head that nodes are told.") {
            board.current().map { Double($0.version) }
        }
        metrics.gauge("martlet_control_head_issued_seconds", "When the head was signed last, in Unix time.") {
            board.current().map { Double($0.issued.unixMilliseconds) / 1_000 }
        }
        metrics.gauge("martlet_control_polls_parked", "Nodes that wait for news.") { Double(board.parkedCount) }
        metrics.gauge("martlet_control_publish_failing", "1 while the last try to publish failed.") {
            publisher.report().failure == nil ? 0 : 1
        }
        metrics.gauge("martlet_control_compile_problems", "Things that are not in the snapshot as they were written.") {
            Double(publisher.report().problems.count)
        }
        metrics.counter("martlet_control_usage_events_total", "Usage events taken in by this process.") {
            Double(metering.totals().events)
        }
        metrics.counter("martlet_control_usage_unreadable_total", "Usage records kept aside as unreadable.") {
            Double(metering.totals().unreadable)
        }
        metrics.counter("martlet_control_usage_lost_total", "Usage records that nodes declared lost.") {
            Double(metering.totals().lost)
        }
        metrics.counter("martlet_control_usage_cost_mismatches_total", "Events whose cost is not their price's.") {
            Double(metering.totals().costMismatches)
        }
        metrics.counter("martlet_control_usage_fenced_total", "Batches refused because two writers use one stream.") {
            Double(metering.totals().fenced)
        }
    }
}
