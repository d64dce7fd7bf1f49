package import Domain
import Platform
package import Storage
import Synchronization

/// Splits limits over the nodes that ask. All of it is in memory: after a restart nodes say what they hold, and until shares
/// of which nothing was heard have ended, none grows.
package final class RateShares: Sendable {
    private let database: Database
    private let limits: LimitBook
    private let timing: Timing
    private let shares: Mutex<LimitShares>

    package init(database: Database, limits: LimitBook, timing: Timing = .system) {
        self.database = database
        self.limits = limits
        self.timing = timing
        self.shares = Mutex(LimitShares(at: timing.steady().milliseconds))
    }

    /// Nil where there is nothing to say: the boot asks for nothing, or has said more since.
    package func answer(_ call: LimitCall?, of boot: ID<Boot>) async throws -> LimitAnswer? {
        guard let call else { return nil }
        let limits = try await self.limits.all(in: self.database)
        let now = self.timing.steady().milliseconds
        return self.shares.withLock { $0.answer(call, of: boot, at: now) { limits[$0] } }
    }
}
