import Domain
package import Logging
import Platform
import ServiceLifecycle
import Wire

/// Says to the control plane what this boot has of its leases and of its shares of limits, and hears what it is lent: at once
/// when something waits or runs low, else every few seconds.
package struct LeaseClient: Sendable {
    /// Between two calls when nothing presses.
    private static let turn = Duration.seconds(5)
    /// The least between two calls.
    private static let gap = Duration.milliseconds(10)
    /// Between two calls while something waits: it may have come back to the control plane meanwhile.
    private static let waitingPace = Duration.milliseconds(100)

    /// While a limit is in use, and while something is to be said of one.
    private static let (limitTurn, newsTurn) = (Duration.seconds(2), Duration.milliseconds(200))

    private let leases: Leases
    private let limits: LimitGate
    /// Nodes that share the limits, as far as this one knows.
    private let nodes: @Sendable () -> Int
    private let bell: Bell
    private let logger: Logger

    package init(
        _ leases: Leases,
        _ limits: LimitGate,
        nodes: @escaping @Sendable () -> Int,
        bell: Bell,
        logger: Logger
    ) {
        self.leases = leases
        self.limits = limits
        self.nodes = nodes
        self.bell = bell
        self.logger = logger
    }

    package func run(on channel: ControlChannel) async {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                let isHeard = await self.ask(channel)
                self.leases.serve()
                if isHeard { backoff.reset() }
                let pause = isHeard ? Self.gap : .milliseconds(backoff.next { Int64.random(in: 0...$0) })
                do { try await Task.sleep(for: pause) } catch { return }
                await self.bell.wait(upTo: self.patience)
            }
        }
    }

    private var patience: Duration {
        if self.leases.waitingCount > 0 { return Self.waitingPace }
        if self.limits.hasNews { return Self.newsTurn }
        return self.limits.isInUse ? Self.limitTurn : Self.turn
    }

    /// False where the control plane did not hear it.
    private func ask(_ channel: ControlChannel) async -> Bool {
        self.limits.share(among: self.nodes())
        let (leases, limits) = (self.leases.call(), self.limits.call())
        guard leases != nil || limits != nil else { return true }
        let call = LeaseCall(
            asks: leases?.call.asks ?? [],
            waiting: leases?.call.waiting ?? [],
            limits: limits?.call
        )
        do {
            let answer = try await channel.askForLeases(call)
            if let leases { self.leases.hear(answer.grants, sent: leases.sent) }
            if let limits, let heard = answer.limits { self.limits.hear(heard, sent: limits.sent) }
            return true
        } catch {
            self.logger.debug("leases not asked for", metadata: ["reason": "\(error)"])
            return false
        }
    }
}

extension ControlChannel {
    /// Longer than this, and whoever waits has been told so; the next call says all of it again.
    private static let leaseTimeout = Duration.seconds(2)

    fileprivate func askForLeases(_ call: LeaseCall) async throws -> (grants: [LeaseGrant], limits: LimitAnswer?) {
        let response = try await self.send(
            Call(
                .post,
                "/node/v1/leases",
                body: LeaseCodec.encode(call),
                headers: [OutgoingHeader("content-type", "application/x-protobuf")],
                timeout: Self.leaseTimeout,
                replyBytesMax: LeaseCodec.sizeMax
            )
        )
        guard response.status == 200 else { throw LeaseRefusal(status: response.status) }
        return try LeaseCodec.answer(response.body)
    }
}

private struct LeaseRefusal: Error {
    let status: Int
}
