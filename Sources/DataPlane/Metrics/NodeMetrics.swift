internal import Domain
package import Platform

/// Everything that a node's traffic counts, with `ModelMetrics` for what is counted per model; `NodeState` is read when
/// scraped. `DataPlane.docc/Metrics.md` explains all names of a node. Labels are closed sets, but for models and
/// providers, which are the snapshot's and bounded by `ModelMetrics.modelsMax`.
///
/// Names of OpenTelemetry's GenAI conventions are used where they exist, written as Prometheus has them.
package final class NodeMetrics: Sendable {
    let clientConnections: Gauge
    let exchangesInFlight: Gauge
    let requests: Counter
    let requestsWithoutKey: Counter
    let upstreamConnects: Counter
    let connectionsLent: Gauge
    let connectionsIdle: Gauge
    private let attemptsOpen: Gauge
    private let streamsOpen: Gauge
    private let replies: StatusClasses
    private let exchanges: [UsageEvent.Outcome: Counter]
    private let denials: [Fault.Code: Counter]
    private let connectFailures: [ConnectFailure.Reason: Counter]
    private let unconfirmed: Counter
    private let exchangeSeconds: BucketCounts
    private let addedSeconds: BucketCounts
    private let models: ModelMetrics

    /// The node's own time is far below that of a provider.
    private static let shortSeconds: [Double] = [
        0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 10,
    ]

    package init(_ registry: MetricRegistry) {
        self.clientConnections = registry.gauge("martlet_client_connections", "Open connections of callers.")
        self.exchangesInFlight = registry.gauge("martlet_exchanges_in_flight", "Requests that have no end yet.")
        self.attemptsOpen = registry.gauge("martlet_attempts_in_flight", "Attempts that have no end yet.")
        self.streamsOpen = registry.gauge("martlet_streams_open", "Those of them whose answer is a stream.")
        self.requests = registry.counter("martlet_requests_total", "Requests whose head was read.")
        self.requestsWithoutKey = registry.counter("martlet_requests_without_key_total", "Requests refused with 401.")
        let replies = registry.counter("martlet_replies_total", "Replies by class of status.", labels: ["class"])
        self.replies = StatusClasses { replies.cell($0) }
        let exchanges = registry.counter(
            "martlet_exchanges_total",
            "Exchanges with a valid key by how their last attempt ended.",
            labels: ["outcome"]
        )
        self.exchanges = Self.cells(UsageEvent.Outcome.allCases) { exchanges.cell($0.rawValue) }
        let denials = registry.counter(
            "martlet_denials_total",
            "Exchanges with a valid key that the node refused, by code.",
            labels: ["code"]
        )
        self.denials = Self.cells(Fault.Code.allCases) { denials.cell($0.rawValue) }
        self.unconfirmed = registry.counter(
            "martlet_attempts_unconfirmed_total",
            "Attempts whose cost the provider did not confirm."
        )
        self.exchangeSeconds = registry.histogram(
            "martlet_exchange_duration_seconds",
            "From a request's arrival to the end of its last attempt."
        )
        self.addedSeconds = registry.histogram(
            "martlet_node_added_seconds",
            "From a request's arrival to its attempt, where one attempt was enough: the node's part and the body's arrival.",
            bounds: Self.shortSeconds
        )
        self.upstreamConnects = registry.counter(
            "martlet_upstream_connects_total",
            "Connections to providers that were begun."
        )
        let failures = registry.counter(
            "martlet_upstream_connect_failures_total",
            "Connections to providers that did not come about, by reason.",
            labels: ["reason"]
        )
        self.connectFailures = Self.cells(ConnectFailure.Reason.allCases) { failures.cell($0.rawValue) }
        let connections = registry.gauge(
            "martlet_upstream_connections",
            "Connections to providers; lent ones are in use or being opened.",
            labels: ["state"]
        )
        self.connectionsLent = connections.cell("lent")
        self.connectionsIdle = connections.cell("idle")
        self.models = ModelMetrics(registry)
    }

    private static func cells<Key: Hashable, Cell>(_ keys: [Key], _ make: (Key) -> Cell) -> [Key: Cell] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, make($0)) })
    }

    func replied(_ status: Int) {
        self.replies.count(status)
        if status == 401 { self.requestsWithoutKey.increment() }
    }

    func began(_ event: UsageEvent) {
        self.attemptsOpen.add(1)
        if event.isStream { self.streamsOpen.add(1) }
    }

    /// An attempt; each that has begun ends once.
    func ended(_ event: UsageEvent) {
        self.attemptsOpen.add(-1)
        if event.isStream { self.streamsOpen.add(-1) }
        if event.isUnconfirmed { self.unconfirmed.increment() }
        self.models.ended(event)
        guard event.isLast else { return }
        self.exchanges[event.outcome]?.increment()
        self.exchangeSeconds.observe(microseconds: event.latency.total)
        guard event.attempt == 1 else { return }
        self.addedSeconds.observe(microseconds: event.latency.total - event.latency.provider)
    }

    func denied(_ event: UsageEvent) {
        self.exchanges[.denied]?.increment()
        if let code = event.code { self.denials[code]?.increment() }
    }

    func failed(_ failure: ConnectFailure) { self.connectFailures[failure.reason]?.increment() }
}

extension BucketCounts {
    func observe(microseconds: Int64) { self.observe(Double(max(0, microseconds)) / 1e6) }
}
