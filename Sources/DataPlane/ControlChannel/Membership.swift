import ServiceLifecycle

/// The node's life with its control plane: whatever needs a control channel runs on it until the node ends, from the
/// start or, on a node that is new, from the moment that it has joined. Traffic does not wait for any of it.
package struct Membership: Service {
    /// Runs until graceful shutdown, flushes what it has, and returns.
    package typealias Part = @Sendable () async throws -> Void

    package enum Start: Sendable {
        case member([Part])
        /// Tries until it has joined.
        case joining(@Sendable () async throws -> [Part])
    }

    private let start: Start

    package init(_ start: Start) { self.start = start }

    package func run() async throws {
        let parts: [Part]
        switch self.start {
        case .member(let known): parts = known
        case .joining(let join):
            do {
                parts = try await cancelWhenGracefulShutdown(join)
            } catch is CancellationError {
                return
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts { group.addTask { try await part() } }
            try await group.waitForAll()
        }
    }
}
