import NIOCore
import NIOPosix

/// One event loop's part of a load: its connections, when they ask, and what they saw. Belongs to its loop.
final class LoadShare {
    struct CannotConnect: Error {
        let reason: String
    }

    /// Connections are opened so many at a time: a listener's backlog is short.
    private static let connectingMax = 32
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let reconnectPause = TimeAmount.milliseconds(10)
    private static let sweepPause = TimeAmount.milliseconds(500)

    private let plan: LoadPlan
    private let loop: any EventLoop
    private let done: EventLoopPromise<Tally>
    private let request: ByteBuffer
    private var tally = Tally()
    private var connections: [ObjectIdentifier: LoadConnection] = [:]
    private var idle: [LoadConnection] = []
    /// When the requests were due that no connection was free for.
    private var waiting = CircularBuffer<NIODeadline>()
    private var connecting = 0
    private var opened = 0
    private var begun = 0
    private var inFlight = 0
    private var start: NIODeadline?
    private var isOver = false

    private init(_ plan: LoadPlan, _ loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
        self.done = loop.makePromise()
        self.request = ByteBuffer(bytes: plan.request)
    }

    /// Runs `plan` on `loop` to its end.
    static func run(_ plan: LoadPlan, on loop: any EventLoop) async throws -> Tally {
        try await loop.flatSubmit {
            let share = LoadShare(plan, loop)
            share.connectMore()
            share.sweepLater()
            return share.done.futureResult
        }.get()
    }

    // MARK: - Connections

    private func connectMore() {
        while self.opened + self.connecting < self.plan.connections, self.connecting < Self.connectingMax {
            self.connect()
        }
    }

    private func connect() {
        self.connecting += 1
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        ClientBootstrap(group: self.loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(Self.connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LoadConnection(bound.value))
                }
            }
            .connect(host: self.plan.host, port: self.plan.port)
            .assumeIsolated()
            .whenFailure { self.couldNotConnect($0) }
    }

    private func couldNotConnect(_ error: any Error) {
        self.connecting -= 1
        guard !self.isOver else { return }
        guard self.start != nil else {
            self.isOver = true
            return self.done.fail(CannotConnect(reason: "\(error)"))
        }
        // Counts as a request, so that a load on a server that has gone comes to an end.
        self.begun += 1
        self.tally.fail("cannot connect")
        self.connectLater()
        self.endIfOver()
    }

    private func connectLater() {
        self.loop.assumeIsolated().scheduleTask(in: Self.reconnectPause) {
            if !self.isOver { self.connectMore() }
        }
    }

    func connected(_ connection: LoadConnection) {
        self.connecting -= 1
        self.opened += 1
        guard !self.isOver else { return connection.close() }
        self.connections[ObjectIdentifier(connection)] = connection
        self.connectMore()
        if self.start != nil { return self.giveWork(to: connection) }
        self.idle.append(connection)
        if self.opened == self.plan.connections { self.begin() }
    }

    func lost(_ connection: LoadConnection) {
        guard self.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        self.opened -= 1
        self.idle.removeAll { $0 === connection }
        if !self.isOver { self.connectLater() }
    }

    // MARK: - Requests

    /// The clock starts when every connection stands: what is measured is requests.
    private func begin() {
        self.start = .now()
        if case .open(let pace, let count) = self.plan.shape { return self.beginOpen(pace, count) }
        let ready = self.idle
        self.idle = []
        for connection in ready { self.giveWork(to: connection) }
    }

    private func giveWork(to connection: LoadConnection) {
        switch self.plan.shape {
        case .closed(let limit):
            guard self.mayBegin(limit) else { return }
            self.send(on: connection, due: .now())
        case .held:
            guard self.begun < self.plan.connections else { return }
            self.send(on: connection, due: .now())
        case .open:
            if let due = self.waiting.popFirst() {
                self.send(on: connection, due: due)
            } else {
                self.idle.append(connection)
            }
        }
    }

    private func mayBegin(_ limit: LoadPlan.Limit) -> Bool {
        guard !Interrupt.hasCome else { return false }
        return switch limit {
        case .requests(let count): self.begun < count
        case .nanoseconds(let length): self.elapsed < length
        }
    }

    private var elapsed: Int64 { self.start.map { (NIODeadline.now() - $0).nanoseconds } ?? 0 }

    private func send(on connection: LoadConnection, due: NIODeadline) {
        if case .open = self.plan.shape {} else { self.begun += 1 }
        self.inFlight += 1
        connection.send(self.request, due: due)
    }

    /// The next request of an open loop comes due; `begun` counts those that have.
    private func beginOpen(_ pace: Pace, _ count: Int) {
        guard let start = self.start, self.begun < count, !Interrupt.hasCome else { return self.endIfOver() }
        let due = start + .nanoseconds(pace.due(self.begun))
        self.loop.assumeIsolated().scheduleTask(deadline: due) {
            self.begun += 1
            if let connection = self.idle.popLast() {
                self.send(on: connection, due: due)
            } else {
                self.waiting.append(due)
            }
            self.beginOpen(pace, count)
        }
    }

    // MARK: - Replies

    func ended(_ connection: LoadConnection, _ reply: ReplyReader.Reply, due: NIODeadline) {
        self.inFlight -= 1
        self.tally.events += reply.events
        if reply.head.status != 200 {
            self.tally.fail("status \(reply.head.status)")
        } else if self.plan.isStream, !reply.hasEndMarker {
            self.tally.fail("no end marker")
        } else {
            self.tally.answered += 1
            self.tally.latencies.add(UInt64(max(0, (NIODeadline.now() - due).nanoseconds)))
        }
        if reply.head.isClosing { connection.close() } else { self.giveWork(to: connection) }
        self.endIfOver()
    }

    func failed(_ kind: String) {
        // Streams that we let go of at the end have not failed.
        guard !self.isOver else { return }
        self.inFlight -= 1
        self.tally.fail(kind)
        self.endIfOver()
    }

    var hangUpAfter: Int? { self.plan.hangUpAfter }

    /// A caller has had as much of its stream as it wanted.
    func hungUp() {
        self.inFlight -= 1
        self.tally.hungUp += 1
        self.endIfOver()
    }

    /// A stream has brought its first event.
    func flows() {
        guard case .held(let length) = self.plan.shape else { return }
        self.tally.held += 1
        guard self.tally.held == self.plan.connections else { return }
        print("holding \(self.tally.held) streams")
        FileOutput.flush()
        self.loop.assumeIsolated().scheduleTask(in: .nanoseconds(length)) { self.finish() }
    }

    // MARK: - The end

    private func endIfOver() {
        guard self.start != nil, self.inFlight == 0, self.waiting.isEmpty else { return }
        switch self.plan.shape {
        case .closed(let limit): if !self.mayBegin(limit) { self.finish() }
        case .open(_, let count): if self.begun >= count || Interrupt.hasCome { self.finish() }
        case .held: self.finish()
        }
    }

    /// What is in flight still counts, but for streams that are held.
    private func interrupt() {
        if case .held = self.plan.shape { self.finish() } else { self.endIfOver() }
    }

    private func finish() {
        guard !self.isOver else { return }
        self.isOver = true
        self.tally.nanoseconds = self.elapsed
        for connection in self.connections.values { connection.close() }
        self.done.succeed(self.tally)
    }

    /// One timer for all: a timer a request would cost more than the request.
    private func sweepLater() {
        self.loop.assumeIsolated().scheduleTask(in: Self.sweepPause) {
            if Interrupt.hasCome { self.interrupt() }
            guard !self.isOver else { return }
            let latest = NIODeadline.now() - .nanoseconds(self.plan.timeoutNanoseconds)
            for connection in Array(self.connections.values) {
                if let due = connection.due, due < latest { connection.fail("timed out") }
            }
            self.sweepLater()
        }
    }
}
