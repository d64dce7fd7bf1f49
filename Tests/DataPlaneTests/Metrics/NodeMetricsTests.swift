import Domain
import Logging
import Platform
import TestSupport
import Testing
import Wire

@testable import DataPlane

/// A registry with everything that a node declares.
private struct MeteredNode {
    let registry = MetricRegistry()
    let traffic: NodeTraffic
    let state: NodeState
    let readiness = Readiness()

    init(_ snapshot: Snapshot? = nil, spool: SpoolReport = SpoolReport(), now: Int64 = 0) {
        ProcessMetrics.declare(in: self.registry)
        self.traffic = NodeTraffic(
            snapshots: SnapshotHolder(snapshot),
            credentials: FixedCredentials(),
            recorder: KeepingRecorder(),
            leases: Leases(bell: Bell()),
            readiness: self.readiness,
            metrics: self.registry,
            logger: Logger(label: "test")
        )
        self.state = NodeState(
            self.registry,
            traffic: self.traffic,
            spool: { spool },
            readiness: self.readiness,
            now: { Timestamp(unixMilliseconds: now) }
        )
    }

    var metrics: NodeMetrics { self.traffic.metrics }

    func page() throws -> Exposition { try Exposition(self.registry.prometheusText()) }
}

extension UsageEvent {
    fileprivate static func counted(
        model: String = "one/small",
        attempt: UInt32 = 1,
        isLast: Bool = true,
        tokens: TokenCounts = TokenCounts(input: 10, cachedInput: 4, output: 5),
        outcome: Outcome = .answered,
        isStream: Bool = false,
        isUnconfirmed: Bool = false
    ) throws -> UsageEvent {
        UsageEvent(
            exchange: try #require(ID("exchange")),
            attempt: attempt,
            isLast: isLast,
            admitted: Timestamp(unixMilliseconds: 0),
            caller: Caller(application: try #require(ApplicationID("key-1")), team: try name("demo")),
            target: Target(
                route: try name("assistant"),
                model: outcome == .denied ? nil : try name(model),
                provider: outcome == .denied ? nil : try name(String(model.prefix { $0 != "/" }))
            ),
            snapshot: SnapshotVersion(epoch: 1, sequence: 42, headVersion: 57),
            tokens: tokens,
            tokenSource: .provider,
            cost: Money(nanoDollars: 20_000),
            latency: Latency(firstToken: 30_000, provider: 200_000, total: 200_400),
            outcome: outcome,
            code: outcome == .denied ? .modelNotAllowed : nil,
            upstreamStatus: nil,
            isStream: isStream,
            isUnconfirmed: isUnconfirmed
        )
    }
}

@Suite struct NodeMetricsTests {
    private let model = ["gen_ai_provider_name": "one", "gen_ai_request_model": "one/small"]

    private func labels(_ more: [String: String]) -> [String: String] { self.model.merging(more) { $1 } }

    private func operation(_ more: [String: String] = [:]) -> [String: String] {
        self.labels(["gen_ai_operation_name": "chat"]).merging(more) { $1 }
    }

    @Test func `an attempt is counted under its model with its tokens, its cost and its time`() throws {
        let node = MeteredNode()
        let event = try UsageEvent.counted(isStream: true, isUnconfirmed: true)
        node.metrics.began(event)
        #expect(try node.page().value("martlet_streams_open") == 1)
        node.metrics.ended(event)
        let page = try node.page()
        #expect(page.value("martlet_streams_open") == 0 && page.value("martlet_attempts_in_flight") == 0)
        #expect(page.value("martlet_attempts_total", self.labels(["outcome": "answered"])) == 1)
        #expect(page.value("martlet_tokens_total", self.labels(["kind": "input"])) == 10)
        #expect(page.value("martlet_tokens_total", self.labels(["kind": "cached_input"])) == 4)
        #expect(page.value("martlet_tokens_total", self.labels(["kind": "output"])) == 5)
        #expect(page.value("martlet_cost_usd_total", self.model) == 0.000_02)
        #expect(page.value("martlet_attempts_unconfirmed_total") == 1)
        let usage = "gen_ai_client_token_usage"
        #expect(page.value("\(usage)_sum", self.operation(["gen_ai_token_type": "input"])) == 14)
        #expect(page.value("\(usage)_bucket", self.operation(["gen_ai_token_type": "output", "le": "4"])) == 0)
        #expect(page.value("\(usage)_bucket", self.operation(["gen_ai_token_type": "output", "le": "16"])) == 1)
        let duration = "gen_ai_client_operation_duration_seconds"
        #expect(page.value("\(duration)_sum", self.operation(["error_type": ""])) == 0.2)
        let first = "gen_ai_client_operation_time_to_first_chunk_seconds"
        #expect(page.value("\(first)_sum", self.operation()) == 0.03)
        #expect(page.value("martlet_exchanges_total", ["outcome": "answered"]) == 1)
        #expect(page.value("martlet_node_added_seconds_bucket", ["le": "0.0005"]) == 1)
        #expect(page.value("martlet_exchange_duration_seconds_count") == 1)
    }

    @Test func `every kind of token is counted under its own name, and in the use of its side`() throws {
        let node = MeteredNode()
        var tokens = TokenCounts(input: 1, cachedInput: 2, output: 10, reasoning: 20)
        tokens.cacheWrite = 3
        tokens.cacheWrite1h = 4
        tokens.inputAudio = 5
        tokens.inputImage = 6
        tokens.outputAudio = 30
        tokens.outputImage = 40
        node.metrics.ended(try .counted(tokens: tokens))
        let page = try node.page()
        let kinds = [
            "input": 1, "cached_input": 2, "cache_write": 3, "cache_write_1h": 4, "input_audio": 5, "input_image": 6,
            "output": 10, "reasoning": 20, "output_audio": 30, "output_image": 40,
        ]
        for (kind, count) in kinds {
            #expect(page.value("martlet_tokens_total", self.labels(["kind": kind])) == Double(count), "\(kind)")
        }
        let usage = "gen_ai_client_token_usage_sum"
        #expect(page.value(usage, self.operation(["gen_ai_token_type": "input"])) == 21)
        #expect(page.value(usage, self.operation(["gen_ai_token_type": "output"])) == 100)
    }

    @Test func `what was not answered has its outcome as its error, and unknown tokens are not zero`() throws {
        let node = MeteredNode()
        for outcome in [UsageEvent.Outcome.failed, .timedOut, .cut, .cancelled] {
            node.metrics.ended(try .counted(isLast: false, tokens: .unknown, outcome: outcome))
            let page = try node.page()
            let error = self.operation(["error_type": outcome.rawValue])
            #expect(page.value("gen_ai_client_operation_duration_seconds_count", error) == 1)
            #expect(page.value("martlet_attempts_total", self.labels(["outcome": outcome.rawValue])) == 1)
            let usage = self.operation(["gen_ai_token_type": "input"])
            #expect(page.value("gen_ai_client_token_usage_count", usage) == 0)
            #expect(page.value("martlet_exchange_duration_seconds_count") == 0)
        }
    }

    @Test func `a denial is counted by its code`() throws {
        let node = MeteredNode()
        node.metrics.denied(try UsageEvent.counted(attempt: 0, outcome: .denied))
        let page = try node.page()
        #expect(page.value("martlet_denials_total", ["code": "model_not_allowed"]) == 1)
        #expect(page.value("martlet_exchanges_total", ["outcome": "denied"]) == 1)
    }

    @Test func `models beyond the bound are counted together, and that is counted too`() throws {
        let node = MeteredNode()
        let outcomes = [UsageEvent.Outcome.answered, .failed, .timedOut, .cut, .cancelled]
        for number in 0..<(ModelMetrics.modelsMax + 10) {
            for outcome in outcomes { node.metrics.ended(try .counted(model: "p/m\(number)", outcome: outcome)) }
        }
        let page = try node.page()
        let other = ["gen_ai_provider_name": "other", "gen_ai_request_model": "other"]
        for outcome in outcomes {
            #expect(page.value("martlet_attempts_total", other.merging(["outcome": outcome.rawValue]) { $1 }) == 10)
        }
        #expect(page.value("martlet_metric_overflows_total") == 50)
        // What the operations page says of their number.
        #expect((30_000..<40_000).contains(node.registry.prometheusText().split(separator: "\n").count))
        let one = MeteredNode()
        for outcome in outcomes { one.metrics.ended(try .counted(outcome: outcome)) }
        #expect((300..<400).contains(one.registry.prometheusText().split(separator: "\n").count))
    }

    @Test func `spool and snapshot are told as they are when scraped`() throws {
        var spool = SpoolReport()
        spool.writtenThrough = 9
        spool.ackedThrough = 7
        spool.oldestUnsent = Timestamp(unixMilliseconds: 1_000)
        spool.synced = Timestamp(unixMilliseconds: 1_500)
        let node = MeteredNode(try Snapshot.at(9), spool: spool, now: 3_500)
        let page = try node.page()
        #expect(page.value("martlet_usage_records_total") == 9 && page.value("martlet_usage_records_acked_total") == 7)
        #expect(page.value("martlet_spool_oldest_unsent_seconds") == 2.5)
        #expect(page.value("martlet_spool_synced_seconds") == 1.5)
        #expect(page.value("martlet_snapshot_sequence") == 42 && page.value("martlet_snapshot_head_version") == 57)
        #expect(page.value("martlet_snapshot_staleness_seconds") == nil)
        for (freshUntil, staleness) in [(4_000, 0.0), (3_000, 0.5)] {
            node.state.watch {
                SnapshotStatus(
                    freshUntil: Timestamp(unixMilliseconds: Int64(freshUntil)),
                    isStale: false,
                    isWithdrawn: false,
                    isBanned: false,
                    refused: [],
                    rootVersion: 1,
                    pacing: .init()
                )
            }
            #expect(try node.page().value("martlet_snapshot_staleness_seconds") == staleness)
        }
    }

    @Test func `requests and replies are counted as they pass, whoever sent them`() async throws {
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                let requests = [
                    HTTP.post(Chat.request()), HTTP.post(Chat.request()).replacing(goodKey, with: "mk_other"),
                    "no HTTP\r\n\r\n",
                ]
                for request in requests {
                    try await Sockets.withClient(to: node.port) { client in
                        try await client.send(request)
                        _ = try await client.message()
                    }
                }
                let page = try Exposition(node.metrics.prometheusText())
                #expect(page.value("martlet_requests_total") == 2)
                #expect(page.value("martlet_requests_without_key_total") == 1)
                #expect(page.value("martlet_replies_total", ["class": "2xx"]) == 1)
                #expect(page.value("martlet_replies_total", ["class": "4xx"]) == 2)
                #expect(page.value("martlet_upstream_connects_total") == 1)
            }
        }
    }

    @Test func `connections to providers are counted as they come and go`() async throws {
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request()))
                    _ = try await client.message()
                }
                try await eventually("the connection lies idle") {
                    let page = try Exposition(node.metrics.prometheusText())
                    return page.value("martlet_upstream_connections", ["state": "idle"]) == 1
                        && page.value("martlet_upstream_connections", ["state": "lent"]) == 0
                }
            }
        }
        try await RunningNode.with(.at(try await Sockets.closedPort())) { node in
            try await Sockets.withClient(to: node.port) { client in
                try await client.send(HTTP.post(Chat.request()))
                _ = try await client.message()
            }
            let page = try Exposition(node.metrics.prometheusText())
            #expect(page.value("martlet_upstream_connect_failures_total", ["reason": "unreachable"]) == 1)
            #expect(page.value("martlet_upstream_connections", ["state": "lent"]) == 0)
        }
    }
}

@Suite struct MetricsPageTests {
    @Test func `the page of a node's metrics says what the node shows, no more and no less`() throws {
        let page = try MetricsPage("Sources/DataPlane/DataPlane.docc/Metrics.md")
        let shown = MeteredNode().registry.declarations.map {
            MetricsPage.Row(name: $0.name, type: $0.type, labels: $0.labels)
        }
        #expect(Set(page.rows).subtracting(shown) == [])
        #expect(Set(shown).subtracting(page.rows) == [])
        #expect(page.rows.count == shown.count)
    }
}

@Suite struct UnsentAgesTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(unixMilliseconds: milliseconds) }

    @Test func `the oldest record that waits is the first that is not acknowledged`() {
        var ages = UnsentAges()
        #expect(ages.oldest == nil)
        ages.durable(through: 10, at: at(100))
        ages.durable(through: 10, at: at(150))
        ages.durable(through: 20, at: at(200))
        #expect(ages.oldest == at(100))
        ages.acked(through: 9)
        #expect(ages.oldest == at(100))
        ages.acked(through: 10)
        #expect(ages.oldest == at(200))
        ages.acked(through: 20)
        #expect(ages.oldest == nil)
    }

    @Test func `however long the control plane is away, no age is told too young`() {
        var ages = UnsentAges()
        for step in 1...100_000 { ages.durable(through: UInt64(step), at: at(Int64(step))) }
        #expect(ages.oldest == at(1))
        for step in stride(from: 1, to: 100_000, by: 97) {
            ages.acked(through: UInt64(step))
            #expect(ages.oldest.map { $0 <= at(Int64(step) + 1) } == true)
        }
        ages.acked(through: 100_000)
        #expect(ages.oldest == nil)
    }
}
