import Domain
package import Logging
import Platform
import ServiceLifecycle
package import Wire

/// Tells the control plane how this node is: four times a minute, when rung, and once more at the end. The reply may ask
/// the node to drain.
package struct StatusReporter: Sendable {
    package static let interval: Duration = .seconds(15)

    private let bell: Bell
    private let status: @Sendable () -> NodeStatus
    private let onDrain: @Sendable () -> Void
    private let logger: Logger

    /// `onDrain` is called whenever the control plane asks, which is until the node has ended.
    package init(
        bell: Bell,
        logger: Logger,
        onDrain: @escaping @Sendable () -> Void,
        status: @escaping @Sendable () -> NodeStatus
    ) {
        self.bell = bell
        self.onDrain = onDrain
        self.status = status
        self.logger = logger
    }

    package func run(on channel: ControlChannel) async {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                if await self.report(on: channel) {
                    backoff.reset()
                    await self.bell.wait(upTo: Self.interval)
                } else {
                    await self.bell.wait(upTo: .milliseconds(backoff.next { Int64.random(in: 0...$0) }))
                }
            }
        }
        _ = await self.report(on: channel)
    }

    private func report(on channel: ControlChannel) async -> Bool {
        do {
            let response = try await channel.send(
                .init(
                    .post,
                    "/node/v1/status",
                    body: self.status().encoded(),
                    headers: [OutgoingHeader("content-type", "application/x-protobuf")],
                    timeout: .seconds(5),
                    replyBytesMax: NodeRefusal.sizeMax
                )
            )
            if response[NodeStatus.orderHeader] == NodeStatus.drainOrder { self.onDrain() }
            return (200..<300).contains(response.status)
        } catch {
            self.logger.debug("status not told", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
