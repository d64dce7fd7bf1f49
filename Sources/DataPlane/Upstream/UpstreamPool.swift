internal import NIOCore

/// The upstream connections of one event loop: the shell around one `ConnectionPool` per endpoint.
final class UpstreamPool {
    /// How often idle connections are looked at.
    private static let sweepMilliseconds: Int64 = 5_000

    private let loop: any EventLoop
    let scratch: Scratch
    private let connector: any UpstreamConnector
    private let bounds: ConnectionPool.Bounds
    private var pools: [Endpoint: ConnectionPool] = [:]
    private var idle: [Endpoint: [ConnectionPool.ConnectionID: UpstreamConnection]] = [:]
    private var isSweepPlanned = false

    init(
        on loop: any EventLoop,
        connector: any UpstreamConnector,
        scratch: Scratch = Scratch(),
        bounds: ConnectionPool.Bounds = .init()
    ) {
        self.loop = loop
        self.scratch = scratch
        self.connector = connector
        self.bounds = bounds
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
        switch self.pools[endpoint, default: ConnectionPool(self.bounds)].acquire(wanted, now: self.loop.tick) {
        case .refuse: return .refused
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
        let action =
            self.pools[endpoint]?.release(connection.id, isReusable: isReusable, now: self.loop.tick) ?? .close
        guard action == .keep else { return action }
        self.idle[endpoint, default: [:]][connection.id] = connection
        self.planSweep()
        return action
    }

    func forget(_ connection: UpstreamConnection) {
        self.pools[connection.endpoint]?.closed(connection.id)
        self.idle[connection.endpoint]?[connection.id] = nil
        if self.pools[connection.endpoint]?.isEmpty == true {
            self.pools[connection.endpoint] = nil
            self.idle[connection.endpoint] = nil
        }
    }

    /// The node is going away: what lies idle is closed, what is lent ends with its exchange.
    func closeIdle() { self.sweep(all: true) }

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
            let gone = self.pools[endpoint]?.sweep(now: self.loop.tick, all: all) ?? []
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
