import Domain
package import Platform

/// The control plane's own metrics, all names in one place; `ControlPlane.docc/Metrics.md` explains them. No label is
/// ever made of what a caller says.
package enum ControlMetrics {
    package static func declare(_ services: ControlPlaneServices, in metrics: MetricRegistry) {
        self.declarePublishing(services, metrics)
        self.declareMetering(services.metering, metrics)
        self.declareLending(services.lending, metrics)
        self.declareBudgets(services.census, metrics)
        self.declareAlerts(services.alerts, metrics)
        self.declareCensus(services.census, metrics)
    }

    private static func declarePublishing(_ services: ControlPlaneServices, _ metrics: MetricRegistry) {
        let (board, publisher, census) = (services.board, services.publisher, services.census)
        metrics.gauge("martlet_control_head_version", "Version of the head that nodes are told.") {
            board.current().map { Double($0.version) }
        }
        metrics.gauge("martlet_control_head_issued_seconds", "When the head was signed last, in Unix time.") {
            board.current().map { Double($0.issued.unixMilliseconds) / 1_000 }
        }
        metrics.gauge("martlet_control_polls_parked", "Nodes that wait for news.") { Double(board.parkedCount) }
        metrics.counter("martlet_control_publishes_total", "Snapshots published by this process.") {
            Double(publisher.report().publishes)
        }
        metrics.gauge("martlet_control_snapshot_sequence", "Number of the newest snapshot.") {
            census.current?.snapshot.map { Double($0) }
        }
        metrics.gauge("martlet_control_snapshot_published_seconds", "When it was published, in Unix time.") {
            census.current?.published.map { Double($0.unixMilliseconds) / 1_000 }
        }
        metrics.gauge("martlet_control_publish_failing", "1 while the last try to publish failed.") {
            publisher.report().failure == nil ? 0 : 1
        }
        metrics.gauge("martlet_control_compile_problems", "Things that are not in the snapshot as they were written.") {
            Double(publisher.report().problems.count)
        }
    }

    private static func declareMetering(_ metering: Metering, _ metrics: MetricRegistry) {
        metrics.counter("martlet_control_usage_events_total", "Usage events taken in by this process.") {
            Double(metering.totals().events)
        }
        metrics.counter("martlet_control_usage_duplicates_total", "Usage records that had been taken in before.") {
            Double(metering.totals().duplicates)
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
        metrics.counter("martlet_control_usage_rewinds_total", "Batches refused because earlier ones are missing.") {
            Double(metering.totals().rewinds)
        }
        metrics.counter("martlet_control_usage_fenced_total", "Batches refused because two writers use one stream.") {
            Double(metering.totals().fenced)
        }
        metrics.gauge(
            "martlet_control_usage_lag_seconds",
            "From an event's end to its commit, for the last batch's oldest."
        ) {
            metering.totals().lagMilliseconds.map { Double($0) / 1_000 }
        }
    }

    private static func declareLending(_ lending: Lending, _ metrics: MetricRegistry) {
        metrics.counter("martlet_control_lease_calls_total", "Calls of nodes that ask for money or give it back.") {
            Double(lending.totals().calls)
        }
        metrics.counter("martlet_control_lease_asks_total", "Leases that those calls were about.") {
            Double(lending.totals().asks)
        }
        metrics.counter("martlet_control_lease_grants_total", "Answers about leases of budgets that are there.") {
            Double(lending.totals().grants)
        }
        metrics.counter("martlet_control_leases_given_up_total", "Leases of which nobody was heard for too long.") {
            Double(lending.totals().givenUp)
        }
    }

    private static func declareBudgets(_ census: Census, _ metrics: MetricRegistry) {
        let gauges: [(String, String, @Sendable (BudgetFigures) -> Money)] = [
            ("limit", "What may be spent of a budget in the window that is now, in US dollars.", { $0.limit }),
            ("posted", "What usage has cost of it, and what is assumed spent.", { $0.posted }),
            ("pending", "What nodes hold of it and may still spend.", { $0.pending }),
            ("unconfirmed", "The part of what is posted that no usage event stands for.", { $0.unconfirmed }),
        ]
        for (name, help, money) in gauges {
            metrics.gauges("martlet_control_budget_\(name)_usd", help, label: "budget") {
                (census.current?.budgets ?? []).map { budget in
                    let dollars = Double(money(budget).nanoDollars) / Double(Money.nanoDollarsPerDollar)
                    return (budget.name.text, dollars)
                }
            }
        }
    }

    private static func declareAlerts(_ alerts: Alerts, _ metrics: MetricRegistry) {
        metrics.counter("martlet_control_alerts_told_total", "Thresholds of budgets that the webhook has taken.") {
            Double(alerts.totals().told)
        }
        metrics.counter("martlet_control_alert_failures_total", "Tries that the webhook did not take.") {
            Double(alerts.totals().failed)
        }
        metrics.counter("martlet_control_alerts_given_up_total", "Thresholds that it has not taken for a day.") {
            Double(alerts.totals().givenUp)
        }
    }

    private static func declareCensus(_ census: Census, _ metrics: MetricRegistry) {
        metrics.gauge("martlet_control_nodes_enrolled", "Nodes that are enrolled and not banned.") {
            census.current.map { Double($0.nodesEnrolled) }
        }
        metrics.gauge("martlet_control_nodes_live", "Those of them that were heard of in the last three minutes.") {
            census.current.map { Double($0.nodesLive) }
        }
        metrics.gauge("martlet_control_proposals_open", "Proposals that wait for a decision.") {
            census.current.map { Double($0.proposalsOpen) }
        }
        metrics.gauge("martlet_control_database_bytes", "Size of the database, free pages included.") {
            census.current.map { Double($0.databaseBytes) }
        }
        metrics.gauge("martlet_control_census_failing", "1 while the figures of the database cannot be read.") {
            census.isFailing ? 1 : 0
        }
    }

    /// What one listener's requests are counted by. Polls that are parked count for as long as they wait.
    package struct Requests: Sendable {
        private let classes: StatusClasses
        private let seconds: BucketCounts

        /// `surface` is `admin` or `nodes`.
        static func declare(in metrics: MetricRegistry) -> @Sendable (String) -> Requests {
            let counter = metrics.counter(
                "martlet_control_requests_total",
                "Requests by listener and class of status.",
                labels: ["surface", "class"]
            )
            let histogram = metrics.histogram(
                "martlet_control_request_duration_seconds",
                "Time of requests by listener; nodes' polls wait for news.",
                labels: ["surface"]
            )
            return { surface in
                Requests(
                    classes: StatusClasses { counter.cell(surface, $0) },
                    seconds: histogram.cell(surface)
                )
            }
        }

        func answered(_ status: Int, in duration: Duration) {
            self.classes.count(status)
            self.seconds.observe(seconds: duration)
        }
    }
}
