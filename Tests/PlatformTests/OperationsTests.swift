import Logging
import Platform
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// What operators and probes see of a daemon.
@Suite(.timeLimit(.minutes(1))) struct OperationsTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs the endpoints on a free port for the length of `body`.
    private func serving(
        _ readiness: Readiness = Readiness(),
        _ metrics: MetricRegistry = MetricRegistry(),
        _ body: (OutgoingClient, String) async throws -> Void
    ) async throws {
        let heard = AsyncStream<NetworkAddress>.makeStream()
        let any = NetworkAddress(host: "127.0.0.1", port: 0)
        let server = OperationsServer(at: any, readiness, metrics, logger: self.quiet) { heard.continuation.yield($0) }
        let group = ServiceGroup(services: [server], logger: self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var addresses = heard.stream.makeAsyncIterator()
            let address = try #require(await addresses.next())
            #expect(address.port != 0)
            try await OutgoingClient.scoped(OutgoingClientTests.direct()) { try await body($0, "http://\(address)") }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `alive is not ready, and unready says why`() async throws {
        let readiness = Readiness()
        readiness.unmet("snapshot", because: "none has been verified \"yet\"")
        try await self.serving(readiness) { client, base in
            #expect(try await client.status(.get, base + "/healthz") == 200)
            let unready = try await client.send(OutgoingRequest(.get, base + "/readyz"))
            #expect(unready.status == 503)
            let text = String(decoding: unready.body, as: UTF8.self)
            #expect(text == "{\"ready\":false,\"reasons\":[\"snapshot: none has been verified \\\"yet\\\"\"]}\n")
            readiness.met("snapshot")
            let ready = try await client.send(OutgoingRequest(.get, base + "/readyz"))
            #expect(ready.status == 200)
            #expect(String(decoding: ready.body, as: UTF8.self) == "{\"ready\":true,\"reasons\":[]}\n")
            readiness.drain()
            #expect(try await client.status(.get, base + "/readyz") == 503)
            #expect(try await client.status(.get, base + "/healthz") == 200)
        }
    }

    @Test func `probes may ask with HEAD, and other paths are not there`() async throws {
        try await self.serving { client, base in
            let (head, elsewhere) = (
                try await client.status(.head, base + "/readyz"), try await client.status(.get, base + "/elsewhere")
            )
            #expect(head == 200)
            #expect(elsewhere == 404)
        }
    }

    @Test func `metrics come as Prometheus text, with the process's own`() async throws {
        let metrics = MetricRegistry()
        ProcessMetrics.declare(in: metrics)
        metrics.counter("martlet_test_total", "A test.").increment(by: 3)
        try await self.serving(Readiness(), metrics) { client, base in
            let response = try await client.send(OutgoingRequest(.get, base + "/metrics"))
            #expect(response["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(
                text.contains("\n# TYPE martlet_test_total counter\nmartlet_test_total 3\n")
                    || text.hasPrefix(
                        "# HELP martlet_test_total A test.\n# TYPE martlet_test_total counter\nmartlet_test_total 3\n"
                    )
            )
            for name in ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"] {
                let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
                #expect((Double(line.split(separator: " ")[1]) ?? 0) > 0, "\(line)")
            }
        }
    }

    @Test func `an address that is taken makes the program unavailable`() async throws {
        let taken = try await ScriptedServer { _ in [] }
        let address = NetworkAddress(host: "127.0.0.1", port: taken.port)
        let server = OperationsServer(at: address, Readiness(), MetricRegistry(), logger: self.quiet)
        do {
            try await ServiceGroup(services: [server], logger: self.quiet).run()
            Issue.record("it started")
        } catch {
            let fault = try #require(error as? StartupFault, "\(error)")
            #expect(fault.exit == .unavailable)
            #expect(fault.description.contains("\(address)"))
        }
    }
}

/// How a daemon ends. Signals are the whole process's, so each case runs in a process of its own.
@Suite(.timeLimit(.minutes(1))) struct DaemonTests {
    /// A service that checks, when told to stop, that the drain came first, and after how long.
    private struct Watcher: Service {
        let readiness: Readiness
        let raise: @Sendable () -> Void
        let check: @Sendable (_ drained: Bool, _ waited: Duration) -> Void

        func run() async throws {
            let start = ContinuousClock.now
            self.raise()
            try await gracefulShutdown()
            self.check(self.readiness.isDraining, ContinuousClock.now - start)
        }
    }

    private static func run(
        delay: Duration,
        raise: @escaping @Sendable () -> Void,
        check: @escaping @Sendable (Bool, Duration) -> Void
    ) async throws {
        let readiness = Readiness()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let daemon = Daemon(readiness, DrainOptions(delay: delay, timeout: .seconds(5)), logger: quiet)
        try await daemon.run([Watcher(readiness: readiness, raise: raise, check: check)])
    }

    @Test func `a signal makes it unready at once and stops services after the delay`() async {
        await #expect(processExitsWith: .success) {
            try await Self.run(delay: .milliseconds(300), raise: Signals.terminate) { drained, waited in
                precondition(drained && waited >= .milliseconds(300) && waited < .seconds(5))
            }
        }
    }

    @Test func `a second signal skips the delay`() async {
        await #expect(processExitsWith: .success) {
            try await Self.run(delay: .seconds(3600), raise: Signals.terminateTwice) { drained, waited in
                precondition(drained && waited < .seconds(10))
            }
        }
    }

    @Test func `a service that fails ends the daemon with its error`() async {
        struct Failing: Service {
            func run() async throws { throw StartupFault(.unavailable, "no database") }
        }
        await #expect(processExitsWith: .exitCode(69)) {
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            do {
                try await Daemon(Readiness(), DrainOptions(), logger: quiet).run([Failing()])
            } catch let fault as StartupFault {
                Signals.exit(with: fault.exit)
            }
        }
    }
}
