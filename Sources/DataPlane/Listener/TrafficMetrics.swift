internal import Domain
internal import Platform

/// Everything that live traffic counts, declared in one place. Labels are closed sets.
final class TrafficMetrics: Sendable {
    let clientConnections: Gauge
    let exchangesInFlight: Gauge
    let requests: Counter
    let requestsWithoutKey: Counter
    let upstreamConnects: Counter
    private let replies: [Counter]
    private let attempts: [UsageEvent.Outcome: Counter]

    init(_ registry: MetricRegistry) {
        self.clientConnections = registry.gauge("martlet_client_connections", "Open connections of callers")
        self.exchangesInFlight = registry.gauge("martlet_exchanges_in_flight", "Requests that have no end yet")
        self.requests = registry.counter("martlet_requests_total", "Requests whose head was read")
        self.requestsWithoutKey = registry.counter(
            "martlet_requests_without_key_total",
            "Requests refused with 401"
        )
        self.upstreamConnects = registry.counter(
            "martlet_upstream_connects_total",
            "Connections to providers that were begun"
        )
        let replies = registry.counter("martlet_replies_total", "Replies by class of status", labels: ["class"])
        self.replies = (1...5).map { replies.cell("\($0)xx") }
        let attempts = registry.counter("martlet_attempts_total", "Attempts by outcome", labels: ["outcome"])
        self.attempts = Dictionary(
            uniqueKeysWithValues: UsageEvent.Outcome.allCases.map { ($0, attempts.cell($0.rawValue)) }
        )
    }

    func replied(_ status: Int) {
        self.replies[min(max(status / 100, 1), 5) - 1].increment()
        if status == 401 { self.requestsWithoutKey.increment() }
    }

    func attempted(_ outcome: UsageEvent.Outcome) { self.attempts[outcome]?.increment() }
}
