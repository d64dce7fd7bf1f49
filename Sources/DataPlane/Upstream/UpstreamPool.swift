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
    private var shelves: [Endpoint: Shelf] = [:]
    private var isSweepPlanned = false
    /// Of all pools that were dropped. A connection can end long after its pool was: no new one may have its id.
    private var idsUsed = 0

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

    /// The connections to one endpoint. A class, so that the endpoint is looked for once for all that is done.
    private final class Shelf {
        var pool: ConnectionPool
        var idle: [ConnectionPool.ConnectionID: UpstreamConnection] = [:]

        init(_ pool: ConnectionPool) { self.pool = pool }
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
        let shelf = self.shelf(of: endpoint)
        switch self.change(shelf, { pool in pool.acquire(wanted, now: self.loop.tick) }) {
        case .refuse:
            self.metrics?.failed(.tooMany)
            return .refused
        case .reuse(let id):
            guard let connection = shelf.idle.removeValue(forKey: id) else { return .refused }
            connection.lend(to: listener)
            return .open(connection)
        case .open(let id):
            let connection = UpstreamConnection(id: id, to: endpoint, in: self, for: listener)
            self.connector.connect(connection, timeoutMilliseconds: connectMilliseconds, on: self.loop)
            return .opening(connection)
        }
    }

    func takeBack(_ connection: UpstreamConnection, isReusable: Bool) -> ConnectionPool.ReleaseAction {
        let shelf = self.shelf(of: connection.endpoint)
        let action = self.change(shelf) { pool in
            pool.release(connection.id, isReusable: isReusable, now: self.loop.tick)
        }
        guard action == .keep else { return action }
        shelf.idle[connection.id] = connection
        self.planSweep()
        return action
    }

    /// `failure` says why it never opened; nil if it was open.
    func forget(_ connection: UpstreamConnection, because failure: ConnectFailure?) {
        if let failure { self.metrics?.failed(failure) }
        let shelf = self.shelf(of: connection.endpoint)
        self.change(shelf) { pool in pool.closed(connection.id) }
        shelf.idle[connection.id] = nil
        self.dropIfEmpty(shelf, of: connection.endpoint)
    }

    /// The node is going away: what lies idle is closed, what is lent ends with its exchange.
    func closeIdle() { self.sweep(all: true) }

    private func shelf(of endpoint: Endpoint) -> Shelf {
        if let shelf = self.shelves[endpoint] { return shelf }
        let shelf = Shelf(ConnectionPool(self.bounds, firstID: self.idsUsed))
        self.shelves[endpoint] = shelf
        return shelf
    }

    private func dropIfEmpty(_ shelf: Shelf, of endpoint: Endpoint) {
        guard shelf.pool.isEmpty else { return }
        self.idsUsed = max(self.idsUsed, shelf.pool.nextID)
        self.shelves[endpoint] = nil
    }

    /// Every change of a pool passes here, so that its connections are counted as they come and go.
    private func change<Result>(_ shelf: Shelf, _ body: (inout ConnectionPool) -> Result) -> Result {
        let (lent, idle) = (shelf.pool.lentCount, shelf.pool.idleCount)
        let result = body(&shelf.pool)
        if shelf.pool.lentCount != lent { self.metrics?.connectionsLent.add(Int64(shelf.pool.lentCount - lent)) }
        if shelf.pool.idleCount != idle { self.metrics?.connectionsIdle.add(Int64(shelf.pool.idleCount - idle)) }
        return result
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
        for (endpoint, shelf) in self.shelves {
            let gone = self.change(shelf) { pool in pool.sweep(now: self.loop.tick, all: all) }
            for id in gone { shelf.idle.removeValue(forKey: id)?.close() }
            self.dropIfEmpty(shelf, of: endpoint)
        }
        if self.shelves.values.contains(where: { !$0.idle.isEmpty }) { self.planSweep() }
    }
}

extension EventLoop {
    /// The loop's own clock, so that a test's loop decides what time it is.
    var tick: Tick { Tick(nanoseconds: Int64(clamping: self.now.uptimeNanoseconds)) }
}
