import Domain
package import Logging
import Platform
import ServiceLifecycle

/// The node's life with its control plane: first it joins, if it has not yet; then everything that needs a control
/// channel runs on it, until the node ends. Traffic does not wait for any of it.
package struct Membership: Service {
    package typealias Part = @Sendable (ControlChannel) async throws -> Void

    private let identity: @Sendable () async throws -> NodeIdentity
    private let channel: @Sendable (NodeIdentity) -> ControlChannel
    private let parts: [Part]
    private let logger: Logger

    /// `identity` loads or joins. Each of `parts` runs until graceful shutdown, flushes what it has, and returns.
    package init(
        identity: @escaping @Sendable () async throws -> NodeIdentity,
        channel: @escaping @Sendable (NodeIdentity) -> ControlChannel,
        parts: [Part],
        logger: Logger
    ) {
        self.identity = identity
        self.channel = channel
        self.parts = parts
        self.logger = logger
    }

    package func run() async throws {
        let identity: NodeIdentity
        do {
            identity = try await cancelWhenGracefulShutdown(self.identity)
        } catch is CancellationError {
            return
        }
        let channel = self.channel(identity)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in self.parts { group.addTask { try await part(channel) } }
            try await group.waitForAll()
        }
    }
}
