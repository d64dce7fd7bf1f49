import Domain
package import Logging
import Platform
import ServiceLifecycle
import Wire

/// Keeps this node's provider credentials as new as the control plane's: asked on start, when rung (a snapshot was
/// activated), and every half minute, so that a rotation arrives by itself.
package struct SecretFetcher: Sendable {
    package static let interval: Duration = .seconds(30)

    private let credentials: SealedCredentials
    private let bell: Bell
    private let logger: Logger

    package init(_ credentials: SealedCredentials, bell: Bell, logger: Logger) {
        self.credentials = credentials
        self.bell = bell
        self.logger = logger
    }

    package func run(on channel: ControlChannel) async {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                if await self.fetch(on: channel) {
                    backoff.reset()
                    await self.bell.wait(upTo: Self.interval)
                } else {
                    await self.bell.wait(upTo: .milliseconds(backoff.next { Int64.random(in: 0...$0) }))
                }
            }
        }
    }

    private func fetch(on channel: ControlChannel) async -> Bool {
        let response: OutgoingResponse
        do {
            response = try await channel.send(.init(.get, "/node/v1/secrets", replyBytesMax: SealedSecrets.sizeMax))
        } catch {
            self.logger.debug("no secrets", metadata: ["reason": "\(error)"])
            return false
        }
        guard response.status == 200 else {
            self.logger.debug("no secrets", metadata: ["status": "\(response.status)"])
            return false
        }
        do {
            try self.credentials.replace(with: response.body, for: channel.identity)
            return true
        } catch {
            self.logger.error("secrets refused", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
