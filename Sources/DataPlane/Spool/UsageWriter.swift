import Domain
package import Logging
import NIOPosix
import Platform
import ServiceLifecycle
import Synchronization

/// Runs the spool's disk side on a thread of its own; on shutdown it closes the stream.
///
/// Stands in the service group before the listener, so that it is told to stop when no exchange is left, and behind
/// the membership, whose `UsageSender` then sends what has been closed.
package struct UsageWriter: Service {
    private let spool: Spool
    private let logger: Logger

    package init(_ spool: Spool, logger: Logger) {
        self.spool = spool
        self.logger = logger
    }

    package func run() async throws {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let isStopping = ShutdownFlag()
        await withGracefulShutdownHandler {
            await self.write(on: thread, until: isStopping)
        } onGracefulShutdown: {
            isStopping.raise()
        }
        await self.attempt("the usage stream is left for the next start to close", on: thread) { spool in
            try spool.close()
        }
        try await thread.shutdownGracefully()
    }

    private func write(on thread: NIOThreadPool, until isStopping: ShutdownFlag) async {
        let clock = ContinuousClock()
        let start = clock.now
        var isFailing = false
        var pause = self.spool.limits.flushEveryMilliseconds
        while !isStopping.isRaised, await clock.pause(milliseconds: pause) {
            let uptime = (clock.now - start).milliseconds
            // A failure is logged when it begins, not each time that it lasts.
            let trouble: Logger.Message? = isFailing ? nil : "usage waits in memory until the disk takes it again"
            let hadWork = await self.attempt(trouble, on: thread) { spool in
                try spool.flush(uptime: uptime, now: Timestamp(unixMilliseconds: WallClock.unixMilliseconds()))
            }
            if isFailing, hadWork != nil { self.logger.notice("usage is written again") }
            isFailing = hadWork == nil
            let limits = self.spool.limits
            pause = hadWork == false ? limits.idleFlushEveryMilliseconds : limits.flushEveryMilliseconds
        }
    }

    /// Nil where it failed.
    @discardableResult
    private func attempt<Value: Sendable>(
        _ trouble: Logger.Message?,
        on thread: NIOThreadPool,
        _ body: @escaping @Sendable (Spool) throws -> Value
    ) async -> Value? {
        let spool = self.spool
        do {
            return try await thread.runIfActive { try body(spool) }
        } catch {
            if let trouble { self.logger.error(trouble, metadata: ["error": "\(error)"]) }
            return nil
        }
    }
}

/// Raised once, when the process is to stop.
final class ShutdownFlag: Sendable {
    private let raised = Atomic(false)
    var isRaised: Bool { self.raised.load(ordering: .acquiring) }
    func raise() { self.raised.store(true, ordering: .releasing) }
}

extension ContinuousClock {
    /// False once the task is cancelled.
    func pause(milliseconds: Int64) async -> Bool {
        do {
            try await self.sleep(for: .milliseconds(max(1, milliseconds)))
            return true
        } catch {
            return false
        }
    }
}
