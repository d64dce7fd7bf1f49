import Glibc
package import Logging
package import ServiceLifecycle
import UnixSignals

/// How a daemon ends.
package struct DrainOptions: Hashable, Sendable {
    /// How long listeners go on accepting after SIGTERM, so that load balancers see `/readyz` turn first.
    package var delay: Duration
    /// How long what is in flight may still take after that.
    package var timeout: Duration

    package init(delay: Duration = .seconds(5), timeout: Duration = .seconds(120)) {
        self.delay = delay
        self.timeout = timeout
    }

    /// Options `drain-delay` and `drain-timeout`.
    package init(_ options: Options) throws(StartupFault) {
        self.delay = try options.duration("drain-delay", default: .seconds(5))
        self.timeout = try options.duration("drain-timeout", default: .seconds(120))
    }
}

/// A daemon's services from start to end.
///
/// Services start in order and stop in the opposite one. SIGTERM or SIGINT: `/readyz` turns 503 at once, listeners go
/// on for `delay`, then services are shut down one after the other; a second signal skips the delay. Services that
/// have not ended `flushGrace` after the timeout are cancelled.
package struct Daemon: Sendable {
    /// After the drain's own timeout: for flushing usage and closing files.
    static let flushGrace: Duration = .seconds(30)

    private let readiness: Readiness
    private let drain: DrainOptions
    private let logger: Logger

    package init(_ readiness: Readiness, _ drain: DrainOptions, logger: Logger) {
        self.readiness = readiness
        self.drain = drain
        self.logger = logger
    }

    /// Ends this process as a SIGTERM from outside would: one way out for operators, deploy scripts and bans.
    ///
    /// To the process. *Why not `raise`*: it is for the calling thread, and the threads that run tasks block signals, so
    /// that it would wait there for ever.
    package static func askToEnd() { kill(getpid(), SIGTERM) }

    package func run(_ services: [any Service]) async throws {
        var configuration = ServiceGroupConfiguration(services: services, logger: self.logger)
        configuration.maximumGracefulShutdownDuration = self.drain.timeout + Self.flushGrace
        let group = ServiceGroup(configuration: configuration)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.shutDown(group, on: signals) }
            defer { tasks.cancelAll() }
            try await group.run()
        }
    }

    /// Ends when its task is cancelled, which is when the services have ended. (The sequence allows one iterator.)
    private func shutDown(_ group: ServiceGroup, on signals: UnixSignalsSequence) async {
        await withTaskGroup(of: Void.self) { tasks in
            for await signal in signals {
                guard !self.readiness.isDraining else {
                    self.logger.info("draining without delay", metadata: ["signal": "\(signal)"])
                    await group.triggerGracefulShutdown()
                    continue
                }
                self.readiness.drain()
                self.logger.info("draining", metadata: ["signal": "\(signal)", "delay": "\(self.drain.delay)"])
                tasks.addTask {
                    do {
                        try await Task.sleep(for: self.drain.delay)
                    } catch {
                        // The services have ended meanwhile.
                        return
                    }
                    await group.triggerGracefulShutdown()
                }
            }
            tasks.cancelAll()
        }
    }
}
