import Domain
package import Logging
import ServiceLifecycle
package import Storage

/// Keeps the database from growing for ever: old events go, old minutes become hours, blobs that nobody needs go.
package struct Retention: Service {
    package static let interval = Duration.seconds(3_600)
    /// Blobs of this many newest publications are kept, and those of any snapshot that a live node still has.
    package static let publicationsKept = 100
    private static let nodesMax = 100_000

    private let database: Database
    private let timing: Timing
    private let logger: Logger

    package init(database: Database, timing: Timing = .system, logger: Logger) {
        self.database = database
        self.timing = timing
        self.logger = logger
    }

    package func run() async throws {
        try await untilGracefulShutdown {
            while !Task.isCancelled {
                try await self.timing.sleep(Self.interval)
                do {
                    try await self.sweep()
                } catch {
                    self.logger.error("retention sweep failed", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// In slices, so that other writers get their turn between them.
    package func sweep() async throws {
        let now = self.timing.now()
        while try await self.database.write({ try $0.sweepUsage(at: now) }) {}
        while try await self.database.write({ try $0.sweepLedger(at: now) }) {}
        let since = now.advanced(byMilliseconds: -HeadSigner.aliveMilliseconds)
        let held = try await self.database.read { reading in
            try reading.nodes(limit: Self.nodesMax).filter { $0.seen >= since }.compactMap {
                try $0.status.map { try StoredStatus(json: $0) }?.seq
            }
        }
        let removed = try await self.database.write {
            try $0.sweepBlobs(keepingNewest: Self.publicationsKept, held: Array(Set(held)))
        }
        if removed > 0 { self.logger.info("blobs removed", metadata: ["blobs": "\(removed)"]) }
    }
}
