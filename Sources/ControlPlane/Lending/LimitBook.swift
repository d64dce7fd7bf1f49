package import Domain
package import Storage
import Synchronization

/// The limits in force, read again after each change of the catalogue.
package final class LimitBook: Sendable {
    private struct State {
        var limits: [Name<Limit>: Limit]?
        /// Counts changes, so that what was read before one is not kept after it.
        var changes = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func all(in database: Database) async throws -> [Name<Limit>: Limit] {
        let (known, changes) = self.state.withLock { ($0.limits, $0.changes) }
        if let known { return known }
        let limits = try await database.read { try $0.inForce(.limits).map { try Limit.read($0) } }
        let byName = Dictionary(limits.map { ($0.name, $0) }) { first, _ in first }
        self.state.withLock { state in
            if state.changes == changes { state.limits = byName }
        }
        return byName
    }
}

extension LimitBook: ChangeListener {
    package func contentChanged() {
        self.state.withLock { state in
            state.limits = nil
            state.changes += 1
        }
    }

    package func denyListChanged() {}
}
