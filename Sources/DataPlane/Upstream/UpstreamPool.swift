internal import NIOCore
internal import Platform

/// The upstream connections of one event loop: the shell around one `ConnectionPool` per endpoint.
final class UpstreamPool {
    /// How often idle connections are looked at.
    private static let sweepMilliseconds: Int64 = 5_000

    private let loop: any EventLoop
    let scratch: Scratch
    private let connector: any UpstreamConnector
    private let bounds: ConnectionPool.Bounds
    private let metrics: NodeMetrics?
    private var pools: [Endpoint: ConnectionPool] = [:]
    private var idle: [Endpoint: [ConnectionPool.ConnectionID: UpstreamConnection]] = [:]
    private var isSweepPlanned = false

    init(
        on loop: any EventLoop,
        connector: any UpstreamConnector,
        scratch: Scratch = Scratch(),
        bounds: ConnectionPool.Bounds = .init(),
        metrics: NodeMetrics? = nil
    ) {
        self.loop = loop
        self.scratch = scratch
        self.connector = connector
        self.bounds = bounds
        self.metrics = metrics
    }

    enum Lent {
        /// Open already; the request may go out now.
        case open(UpstreamConnection)
        /// On its way; `listener` is told.
        case opening(UpstreamConnection)
        case refused
    }

    func lend(
        _ wanted: ConnectionPool.Wanted,
        to endpoint: Endpoint,
        connectMilliseconds: Int64,
        for listener: any UpstreamListener
    ) -> Lent {
        self.loop.preconditionInEventLoop()
        switch self.change(endpoint, { pool in pool.acquire(wanted, now: self.loop.tick) }) {
        case .refuse:
            self.metrics?.failed(.tooMany)
            return .refused
        case .reuse(let id):
            guard let connection = self.idle[endpoint]?.removeValue(forKey: id) else { return .refused }
            connection.lend(to: listener)
            return .open(connection)
        case .open(let id):
            let connection = UpstreamConnection(id: id, to: endpoint, in: self, for: listener)
            self.connector.connect(connection, timeoutMilliseconds: connectMilliseconds, on: self.loop)
            return .opening(connection)
        }
    }

    func takeBack(_ connection: UpstreamConnection, isReusable: Bool) -> ConnectionPool.ReleaseAction {
        let endpoint = connection.endpoint
        let action = self.change(endpoint) { pool in
            pool.release(connection.id, isReusable: isReusable, now: self.loop.tick)
        }
        guard action == .keep else { return action }
        self.idle[endpoint, default: [:]][connection.id] = connection
        self.planSweep()
        return action
    }

    /// `failure` says why it never opened; nil if it was open.
    func forget(_ connection: UpstreamConnection, because failure: ConnectFailure?) {
        if let failure { self.metrics?.failed(failure) }
        self.change(connection.endpoint) { pool in pool.closed(connection.id) }
        self.idle[connection.endpoint]?[connection.id] = nil
        if self.pools[connection.endpoint]?.isEmpty == true {
            self.pools[connection.endpoint] = nil
            self.idle[connection.endpoint] = nil
        }
    }

    /// The node is going away: what lies idle is closed, what is lent ends with its exchange.
    func closeIdle() { self.sweep(all: true) }

    /// Every change of a pool passes here, so that its connections are counted as they come and go.
    private func change<Result>(_ endpoint: Endpoint, _ body: (inout ConnectionPool) -> Result) -> Result {
        func measured(_ pool: inout ConnectionPool) -> Result {
            let (lent, idle) = (pool.lentCount, pool.idleCount)
            let result = body(&pool)
            if pool.lentCount != lent { self.metrics?.connectionsLent.add(Int64(pool.lentCount - lent)) }
            if pool.idleCount != idle { self.metrics?.connectionsIdle.add(Int64(pool.idleCount - idle)) }
            return result
        }
        return measured(&self.pools[endpoint, default: ConnectionPool(self.bounds)])
    }

    private func planSweep() {
        guard !self.isSweepPlanned else { return }
        self.isSweepPlanned = true
        self.loop.assumeIsolated().scheduleTask(in: .milliseconds(Self.sweepMilliseconds)) {
            self.isSweepPlanned = false
            self.sweep(all: false)
        }
    }

    private func sweep(all: Bool) {
        for endpoint in Array(self.pools.keys) {
            let gone = self.change(endpoint) { pool in pool.sweep(now: self.loop.tick, all: all) }
            for id in gone { self.idle[endpoint]?.removeValue(forKey: id)?.close() }
            if self.pools[endpoint]?.isEmpty == true { self.pools[endpoint] = nil }
        }
        if self.idle.values.contains(where: { !$0.isEmpty }) { self.planSweep() }
    }
}

extension EventLoop {
    /// The loop's own clock, so that a test's loop decides what time it is.
    var tick: Tick { Tick(nanoseconds: Int64(clamping: self.now.uptimeNanoseconds)) }
}
