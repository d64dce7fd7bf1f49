/// The connections of one event loop to one endpoint, as pure state: which are lent, which lie idle, which must go.
///
/// A connection serves one exchange at a time. What always holds: an id is either being opened, lent or idle, and
/// no more than `connectionsMax` are known at once. There is no queue of waiters: an exchange that cannot have a
/// connection is told so at once, and its caller may come again.
package struct ConnectionPool {
    package struct Bounds: Hashable, Sendable {
        /// More than this to one endpoint from one loop means that the provider no longer answers.
        var connectionsMax: Int
        /// Idle connections beyond this are closed as they come back.
        var idleMax: Int
        /// Shorter than what servers and load balancers commonly keep (60 s), so that most never go stale.
        var idleMilliseconds: Int64
        /// A long-lived connection never sees that its host's addresses have changed.
        var lifeMilliseconds: Int64

        package init(
            connectionsMax: Int = 4_096,
            idleMax: Int = 256,
            idleMilliseconds: Int64 = 30_000,
            lifeMilliseconds: Int64 = 600_000
        ) {
            self.connectionsMax = connectionsMax
            self.idleMax = idleMax
            self.idleMilliseconds = idleMilliseconds
            self.lifeMilliseconds = lifeMilliseconds
        }
    }

    typealias ConnectionID = Int

    private enum State {
        case lent
        case idle(since: Tick)
    }

    private let bounds: Bounds
    private(set) var nextID: ConnectionID
    private var connections: [ConnectionID: (born: Tick, state: State)] = [:]
    /// The one used last stands last and is used first, so that what a quiet hour does not need grows old.
    private var idle: [ConnectionID] = []

    init(_ bounds: Bounds = Bounds(), firstID: ConnectionID = 0) {
        self.bounds = bounds
        self.nextID = firstID
    }

    var isEmpty: Bool { self.connections.isEmpty }
    var idleCount: Int { self.idle.count }
    /// In use or being opened.
    var lentCount: Int { self.connections.count - self.idle.count }

    enum Wanted {
        /// An idle one will do.
        case any
        /// One that has carried nothing yet: the last idle one turned out to be stale.
        case fresh
    }

    enum AcquireAction: Hashable {
        case reuse(ConnectionID)
        case open(ConnectionID)
        case refuse
    }

    mutating func acquire(_ wanted: Wanted, now: Tick) -> AcquireAction {
        if wanted == .any, let index = self.idle.lastIndex(where: { self.isFit($0, now: now) }) {
            let id = self.idle.remove(at: index)
            self.connections[id]?.state = .lent
            return .reuse(id)
        }
        guard self.connections.count < self.bounds.connectionsMax else { return .refuse }
        let id = self.nextID
        self.nextID += 1
        self.connections[id] = (born: now, state: .lent)
        return .open(id)
    }

    enum ReleaseAction: Hashable {
        case keep
        case close
    }

    /// The exchange is over. `isReusable` says that the connection is between messages and not asked to close.
    mutating func release(_ id: ConnectionID, isReusable: Bool, now: Tick) -> ReleaseAction {
        guard let connection = self.connections[id], case .lent = connection.state else { return .close }
        let isYoung = now < connection.born.advanced(milliseconds: self.bounds.lifeMilliseconds)
        guard isReusable, isYoung, self.idle.count < self.bounds.idleMax else {
            self.connections[id] = nil
            return .close
        }
        self.connections[id]?.state = .idle(since: now)
        self.idle.append(id)
        return .keep
    }

    /// It could not be opened, or it is gone. Saying so twice does nothing.
    mutating func closed(_ id: ConnectionID) {
        guard let connection = self.connections.removeValue(forKey: id) else { return }
        if case .idle = connection.state { self.idle.removeAll { $0 == id } }
    }

    /// Forgets the idle connections that have passed a bound, or all of them; the caller closes them.
    mutating func sweep(now: Tick, all: Bool = false) -> [ConnectionID] {
        let gone = self.idle.filter { all || !self.isFit($0, now: now) }
        self.idle.removeAll { gone.contains($0) }
        for id in gone { self.connections[id] = nil }
        return gone
    }

    private func isFit(_ id: ConnectionID, now: Tick) -> Bool {
        guard let connection = self.connections[id], case .idle(let since) = connection.state else { return false }
        return now < since.advanced(milliseconds: self.bounds.idleMilliseconds)
            && now < connection.born.advanced(milliseconds: self.bounds.lifeMilliseconds)
    }
}
