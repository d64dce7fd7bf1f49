import Synchronization

/// Whether this process can serve, and if not, why not.
///
/// Ready means: no named condition is unmet and no drain has begun. Readiness never depends on another process being
/// up, or an outage there would take all traffic down here.
package final class Readiness: Sendable {
    private struct State {
        var unmet: [String: String] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())

    package init() {}

    /// The condition is unmet from now on: `unmet("snapshot", because: "none has been verified yet")`.
    package func unmet(_ condition: String, because reason: String) {
        self.state.withLock { $0.unmet[condition] = reason }
    }

    package func met(_ condition: String) { self.state.withLock { $0.unmet[condition] = nil } }

    /// From now on never ready again: the process is on its way out.
    package func drain() { self.state.withLock { $0.isDraining = true } }

    /// Listeners say `connection: close` while this holds.
    package var isDraining: Bool { self.state.withLock { $0.isDraining } }

    package var isReady: Bool { self.reasons().isEmpty }

    /// Sorted; empty when ready.
    package func reasons() -> [String] {
        self.state.withLock { state in
            let unmet = state.unmet.map { "\($0.key): \($0.value)" }.sorted()
            return state.isDraining ? ["draining: this process is shutting down"] + unmet : unmet
        }
    }
}
