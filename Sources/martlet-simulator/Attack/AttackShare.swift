import NIOCore
import NIOPosix

/// An attack on its event loop: so many connections at once, each with one hostile request. Belongs to its loop.
final class AttackShare {
    struct Plan: Sendable {
        let target: Target
        let requests: Int
        let connections: Int
        /// Requests a second at most; nil as many as go.
        let rate: Double?
        /// How long a server may take to let us in, and to answer or close once it has been sent everything.
        let patience: TimeAmount
    }

    /// Short, so that requests come due one by one and not in bursts, which would be felt as the server's slowness.
    private static let tick = TimeAmount.milliseconds(1)
    private static let sweepPause = TimeAmount.milliseconds(250)
    /// Slow senders at once.
    private static let slowMax = 8

    private let plan: Plan
    private let loop: any EventLoop
    private let done: EventLoopPromise<AttackTally>
    private var deck: HostileDeck
    private var tally: AttackTally
    private var connections: [ObjectIdentifier: AttackConnection] = [:]
    private let start = NIODeadline.now()
    private var begun = 0
    private var inFlight = 0
    private var slow = 0
    private var isOver = false

    private init(_ plan: Plan, _ deck: HostileDeck, _ loop: any EventLoop) {
        self.plan = plan
        self.deck = deck
        self.tally = AttackTally(secret: deck.caller.key)
        self.loop = loop
        self.done = loop.makePromise()
    }

    static func run(_ plan: Plan, _ deck: HostileDeck, on loop: any EventLoop) async throws -> AttackTally {
        try await loop.flatSubmit {
            let share = AttackShare(plan, deck, loop)
            share.beat()
            share.sweep()
            return share.done.futureResult
        }.get()
    }

    private func beat() {
        self.beginDue()
        guard !self.isOver else { return }
        self.loop.assumeIsolated().scheduleTask(in: Self.tick) { self.beat() }
    }

    /// Ends what has waited too long.
    private func sweep() {
        let latest = NIODeadline.now() - self.plan.patience
        for connection in Array(self.connections.values) {
            if let since = connection.waitsSince, since < latest { connection.timedOut() }
        }
        guard !self.isOver else { return }
        self.loop.assumeIsolated().scheduleTask(in: Self.sweepPause) { self.sweep() }
    }

    private func beginDue() {
        while self.inFlight < self.plan.connections, self.begun < self.due, !Interrupt.hasCome { self.begin() }
        if self.inFlight == 0, self.begun >= self.plan.requests || Interrupt.hasCome { self.finish() }
    }

    private var elapsed: Int64 { (NIODeadline.now() - self.start).nanoseconds }

    private var due: Int {
        guard let rate = self.plan.rate else { return self.plan.requests }
        return min(self.plan.requests, Int(Double(self.elapsed) / 1e9 * rate) + 1)
    }

    private func begin() {
        let request = self.deck.next(maySlow: self.slow < Self.slowMax)
        self.begun += 1
        self.inFlight += 1
        if request.pace != nil { self.slow += 1 }
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        ClientBootstrap(group: self.loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(self.plan.patience)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AttackConnection(request, bound.value))
                }
            }
            .connect(host: self.plan.target.host, port: self.plan.target.port)
            .assumeIsolated()
            .whenFailure { self.ended(request, request.verdict([], .unreachable), reason: "\($0)") }
    }

    func connected(_ connection: AttackConnection) { self.connections[ObjectIdentifier(connection)] = connection }

    func ended(_ connection: AttackConnection, _ verdict: HostileRequest.Verdict) {
        self.connections.removeValue(forKey: ObjectIdentifier(connection))
        self.ended(connection.request, verdict)
    }

    private func ended(_ request: HostileRequest, _ verdict: HostileRequest.Verdict, reason: String? = nil) {
        self.tally.add(request, verdict, reason: reason)
        self.inFlight -= 1
        if request.pace != nil { self.slow -= 1 }
        // Not from here: whoever ends at once would begin the next within itself, and so on.
        self.loop.assumeIsolated().execute { self.beginDue() }
    }

    private func finish() {
        guard !self.isOver else { return }
        self.isOver = true
        self.tally.nanoseconds = self.elapsed
        self.done.succeed(self.tally)
    }
}
