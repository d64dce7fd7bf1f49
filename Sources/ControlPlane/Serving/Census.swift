package import Domain
package import Logging
import ServiceLifecycle
package import Storage
import Synchronization

/// Figures of the database that metrics show, read every few seconds: a scrape never waits for the disk.
package final class Census: Service {
    package static let interval = Duration.seconds(15)

    package struct Figures: Hashable, Sendable {
        package var nodesEnrolled: Int
        package var nodesLive: Int
        package var proposalsOpen: Int
        package var databaseBytes: Int64
        package var snapshot: UInt64?
        package var published: Timestamp?
        package var budgets: [BudgetFigures]
    }

    private struct State {
        var figures: Figures?
        var isFailing = false
    }

    private let database: Database
    private let timing: Timing
    private let logger: Logger
    private let state = Mutex(State())

    package init(database: Database, timing: Timing = .system, logger: Logger) {
        self.database = database
        self.timing = timing
        self.logger = logger
    }

    /// Nil before the first count, and while none succeeds.
    package var current: Figures? { self.state.withLock { $0.isFailing ? nil : $0.figures } }
    package var isFailing: Bool { self.state.withLock { $0.isFailing } }

    package func run() async throws {
        try await untilGracefulShutdown {
            while !Task.isCancelled {
                await self.count()
                try await self.timing.sleep(Self.interval)
            }
        }
    }

    package func count() async {
        let now = self.timing.now()
        let since = now.advanced(byMilliseconds: -HeadSigner.aliveMilliseconds)
        do {
            let figures = try await self.database.read { reading in
                let newest = try reading.publications(limit: 1).first
                return Figures(
                    nodesEnrolled: try reading.liveNodes(since: Timestamp(unixMilliseconds: 0)),
                    nodesLive: try reading.liveNodes(since: since),
                    proposalsOpen: try reading.openProposals(),
                    databaseBytes: try reading.byteCount(),
                    snapshot: newest?.seq,
                    published: newest?.published,
                    budgets: try reading.budgetFigures(at: now)
                )
            }
            self.state.withLock { $0 = State(figures: figures) }
        } catch is CancellationError {
            return  // Shutting down.
        } catch {
            let wasFailing = self.state.withLock { state in
                defer { state.isFailing = true }
                return state.isFailing
            }
            if !wasFailing { self.logger.error("figures of the database not read", metadata: ["error": "\(error)"]) }
        }
    }
}
