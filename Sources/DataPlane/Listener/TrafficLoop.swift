internal import Dialects
internal import Domain
internal import NIOCore
internal import Platform

/// What one event loop of a node has to itself: its upstream connections, its parser, and who is on it. Touched on
/// that loop only, so nothing here is locked.
final class TrafficLoop {
    /// A connection without an exchange is closed after this; so is one whose request head does not come to an end.
    static let idleMilliseconds: Int64 = 75_000
    /// The end of a reply that is not taken by then is cut. What comes before the end is bounded by its exchange's time.
    static let untakenMilliseconds: Int64 = 300_000
    /// How long a connection whose last reply has been sent is read, so that its peer sees the reply.
    static let lingerMilliseconds: Int64 = 5_000
    /// How often connections are looked at for these bounds.
    private static let sweepMilliseconds: Int64 = 1_000
    /// How often exchanges are looked at for a wait that is over: by so much a timeout can be late. A timer for each
    /// would cost every exchange more than this look costs all of them.
    private static let wakeMilliseconds: Int64 = 50

    let index: Int
    let loop: any EventLoop
    let node: NodeTraffic
    let upstreams: UpstreamPool
    let scratch = Scratch()
    let reader = JSONReader()
    let tokens: KnownTokens
    private var generator = BufferedRandom()
    private var date = HTTPDate()
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var drivers: [ObjectIdentifier: ExchangeDriver] = [:]
    private var whenEmpty: EventLoopPromise<Void>?
    private var isWakePlanned = false
    var places: Places
    private var shedding = LoadShedding()

    init(index: Int, loop: any EventLoop, node: NodeTraffic, connector: any UpstreamConnector) {
        self.index = index
        self.loop = loop
        self.node = node
        self.places = Places(node.places)
        self.tokens = KnownTokens(self.reader)
        self.upstreams = UpstreamPool(
            on: loop,
            connector: connector,
            scratch: self.scratch,
            bounds: node.pool,
            metrics: node.metrics
        )
        self.planSweep()
    }

    var now: Tick { self.loop.tick }

    /// Whether connections close after their reply: the node is on its way out.
    var isDraining: Bool { self.node.readiness.isDraining || self.whenEmpty != nil }

    func date(at now: Timestamp) -> String { self.date.text(atUnixMilliseconds: now.unixMilliseconds) }

    func makeID(at admitted: Timestamp) -> ID<Domain.Exchange>? {
        RequestIDs.make(at: admitted, using: &self.generator)
    }

    /// Begins an exchange for `client`; the snapshot is pinned here.
    func begin(for client: ClientConnection) -> ExchangeDriver? {
        let admitted = self.node.wallClock()
        guard let id = self.makeID(at: admitted) else { return nil }
        let origin = LiveExchange.Origin(
            id: id,
            admitted: admitted,
            arrived: self.now,
            snapshot: self.node.snapshots.current()
        )
        let exchange = LiveExchange(origin, self.node.rules, reader: self.reader, lookup: client.lookup)
        let driver = ExchangeDriver(exchange, on: self, for: client)
        self.drivers[ObjectIdentifier(driver)] = driver
        self.node.metrics.requests.increment()
        self.node.metrics.exchangesInFlight.add(1)
        self.planWake()
        return driver
    }

    /// Nil where an exchange of `application` may go on.
    func occupy(_ application: ApplicationID) -> Lack? {
        self.shedding.turnsAway() ? .time : self.places.take(application)
    }

    func ended(_ driver: ExchangeDriver) {
        guard self.drivers.removeValue(forKey: ObjectIdentifier(driver)) != nil else { return }
        self.node.metrics.exchangesInFlight.add(-1)
        self.checkEmpty()
    }

    /// False where the loop has as many as it may: then the connection is closed.
    func opened(_ connection: ClientConnection) -> Bool {
        guard self.connections.count < self.node.places.connectionsMax else { return false }
        self.connections[ObjectIdentifier(connection)] = connection
        self.node.metrics.clientConnections.add(1)
        // Accepted in the moment in which the listener closed.
        if self.whenEmpty != nil { connection.closeIfIdle() }
        return true
    }

    func closed(_ connection: ClientConnection) {
        guard self.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        self.node.metrics.clientConnections.add(-1)
        self.checkEmpty()
    }

    // MARK: - The end

    /// Lets what is in flight finish for so long, then ends it honestly; succeeds when nobody is left.
    func finish(withinMilliseconds milliseconds: Int64) -> EventLoopFuture<Void> {
        self.loop.preconditionInEventLoop()
        if let whenEmpty = self.whenEmpty { return whenEmpty.futureResult }
        let promise = self.loop.makePromise(of: Void.self)
        self.whenEmpty = promise
        self.upstreams.closeIdle()
        for connection in Array(self.connections.values) { connection.closeIfIdle() }
        self.checkEmpty()
        let stop = self.loop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) { self.stop() }
        promise.futureResult.whenComplete { _ in stop.cancel() }
        return promise.futureResult
    }

    /// Every exchange ends with its dialect's error; a client that does not take it is cut off soon after.
    private func stop() {
        for driver in Array(self.drivers.values) { driver.stop() }
        for connection in Array(self.connections.values) { connection.closeIfIdle() }
        self.loop.assumeIsolated().scheduleTask(in: .milliseconds(Self.lingerMilliseconds)) {
            for connection in Array(self.connections.values) { connection.cut() }
        }
    }

    private func checkEmpty() {
        guard let promise = self.whenEmpty, self.connections.isEmpty, self.drivers.isEmpty else { return }
        promise.succeed(())
    }

    // MARK: - Looks

    private func planSweep() {
        self.loop.assumeIsolated().scheduleTask(in: .milliseconds(Self.sweepMilliseconds)) { [weak self] in
            guard let self else { return }
            let now = self.now
            for connection in Array(self.connections.values) { connection.closeIfOverdue(at: now) }
            self.planSweep()
        }
    }

    /// While there are exchanges; a node at rest is not woken.
    private func planWake() {
        guard !self.isWakePlanned, !self.drivers.isEmpty else { return }
        self.isWakePlanned = true
        let due = self.now.advanced(milliseconds: Self.wakeMilliseconds)
        self.loop.assumeIsolated().scheduleTask(in: .milliseconds(Self.wakeMilliseconds)) { [weak self] in
            self?.wake(due: due)
        }
    }

    private func wake(due: Tick) {
        let now = self.now
        self.shedding.looked(lateByMilliseconds: now.microseconds(since: due) / 1_000)
        for driver in Array(self.drivers.values) { driver.wakeIfDue(at: now) }
        // Whoever has waited for money long enough is told also while the control plane does not answer.
        self.node.leases.serve()
        self.isWakePlanned = false
        if self.drivers.isEmpty { self.shedding = LoadShedding() }
        self.planWake()
    }
}
