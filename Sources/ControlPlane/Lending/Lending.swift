package import Domain
package import Logging
import Platform
import ServiceLifecycle
package import Storage
import Synchronization
import Wire

/// Lends budgets to nodes: hears what boots say of their leases, and gives up those of which nobody is heard any more.
/// What is lent stands on the disk before it is told.
package final class Lending: Service {
    package struct Settings: Sendable {
        /// After so long without a word the rest of a lease counts as spent, or is lent again where its budget is soft.
        package var orphan: Duration
        /// How often it is looked for such leases.
        package var sweep: Duration

        /// Longer than a lease is good, and an attempt after it.
        package static let orphanDefault = Duration.milliseconds(LendingBook.validMilliseconds) + .seconds(900)

        package init(orphan: Duration = Self.orphanDefault, sweep: Duration = .seconds(5)) {
            self.orphan = orphan
            self.sweep = sweep
        }
    }

    private let database: Database
    private let budgets: BudgetBook
    private let settings: Settings
    private let timing: Timing
    private let logger: Logger
    private let activity = Mutex(LendingActivity())
    private let boots = Mutex(BorrowingBoots())
    private let counts = Mutex(LendingCounts())
    /// When this installation was restored, if it was: older loans may still be spent for as long as a lease is good.
    private let restored = Mutex<Timestamp?>(nil)

    package init(
        database: Database,
        budgets: BudgetBook,
        settings: Settings = Settings(),
        timing: Timing = .system,
        logger: Logger
    ) {
        self.database = database
        self.budgets = budgets
        self.settings = settings
        self.timing = timing
        self.logger = logger
    }

    package func totals() -> LendingCounts { self.counts.withLock { $0 } }

    /// Answers what a boot says of its leases. Throws `NodeRefusal.fenced` where a newer boot of the node has borrowed.
    package func answer(_ call: LeaseCall, of node: ID<Node>, boot: ID<Boot>) async throws -> [LeaseGrant] {
        // A call of a boot that is over may come at any time, and displaces nobody.
        let isNews = self.boots.withLock { !$0.isCurrent(boot, of: node) }
        if isNews, try await self.database.read({ try $0.isClosed(boot) }) { return [] }
        guard self.boots.withLock({ $0.mayBorrow(boot, of: node) }) else {
            throw NodeRefusal(.fenced, "a newer boot of this node has its leases")
        }
        guard !call.asks.isEmpty || !call.waiting.isEmpty else { return [] }
        let now = self.timing.now()
        let steady = self.timing.steady().milliseconds
        let isLending = !self.isQuarantined(at: now)
        let grants = try await self.database.write { transaction in
            let terms = try self.terms(Set(call.asks.map(\.budget)), at: now, in: transaction.reading)
            return try self.activity.withLock { activity in
                try transaction.lend(to: boot, of: node, call, at: steady, &activity, isLending: isLending) {
                    terms[$0]
                }
            }
        }
        self.counts.withLock { $0.add(call, grants) }
        return grants
    }

    private func terms(
        _ names: Set<Name<Budget>>,
        at now: Timestamp,
        in reading: Reading
    ) throws -> [Name<Budget>: LendingTerms] {
        var terms: [Name<Budget>: LendingTerms] = [:]
        for name in names { terms[name] = try self.budgets.terms(name, at: now, in: reading) }
        return terms
    }

    // MARK: - Time

    package func run() async throws {
        try await self.begin()
        try await untilGracefulShutdown {
            while !Task.isCancelled {
                try await self.timing.sleep(self.settings.sweep)
                await self.sweep()
            }
        }
    }

    /// What is lent already is remembered from now on: of each lease that nobody names, the time begins here.
    package func begin() async throws {
        let (open, restored) = try await self.database.read { (try $0.openLeases(), try $0.lastRestored()) }
        self.restored.withLock { $0 = restored }
        let now = self.timing.steady().milliseconds
        self.activity.withLock { activity in
            for (id, account) in open { activity.remember(id, of: account, at: now) }
        }
    }

    package func sweep() async {
        let now = self.timing.steady().milliseconds
        let orphan = self.settings.orphan.milliseconds
        let silent = self.activity.withLock { $0.silent(forMilliseconds: orphan, at: now) }
        guard !silent.isEmpty else { return }
        do {
            let wall = self.timing.now()
            let count = try await self.database.write { transaction in
                try transaction.giveUp(silent.map(\.id), at: wall) { budget in
                    try self.budgets.terms(budget, at: wall, in: transaction.reading)
                }
            }
            self.activity.withLock { activity in
                for (id, account) in silent { activity.forget(id, of: account) }
            }
            guard count > 0 else { return }
            self.counts.withLock { $0.givenUp &+= UInt64(count) }
            self.logger.warning("leases given up: nobody was heard of them", metadata: ["leases": "\(count)"])
        } catch {
            self.logger.error("silent leases were not given up", metadata: ["error": "\(error)"])
        }
    }

    private func isQuarantined(at now: Timestamp) -> Bool {
        guard let restored = self.restored.withLock({ $0 }) else { return false }
        return now < restored.advanced(byMilliseconds: LendingBook.validMilliseconds)
    }
}

/// What this process has lent, for metrics.
package struct LendingCounts: Hashable, Sendable {
    package fileprivate(set) var calls: UInt64 = 0
    package fileprivate(set) var asks: UInt64 = 0
    package fileprivate(set) var grants: UInt64 = 0
    package fileprivate(set) var givenUp: UInt64 = 0

    fileprivate mutating func add(_ call: LeaseCall, _ grants: [LeaseGrant]) {
        self.calls &+= 1
        self.asks &+= UInt64(call.asks.count)
        self.grants &+= UInt64(grants.count)
    }
}

/// Which boot of each node borrows: the one that came last. One that was displaced is told so, and may only finish.
struct BorrowingBoots: Hashable, Sendable {
    private static let displacedMax = 16

    private struct Boots: Hashable {
        var current: ID<Boot>
        var displaced: [ID<Boot>] = []
    }

    private var nodes: [ID<Node>: Boots] = [:]

    func isCurrent(_ boot: ID<Boot>, of node: ID<Node>) -> Bool { self.nodes[node]?.current == boot }

    mutating func mayBorrow(_ boot: ID<Boot>, of node: ID<Node>) -> Bool {
        guard var boots = self.nodes[node] else {
            self.nodes[node] = Boots(current: boot)
            return true
        }
        guard boot != boots.current else { return true }
        guard !boots.displaced.contains(boot) else { return false }
        boots.displaced = [boots.current] + boots.displaced.prefix(Self.displacedMax - 1)
        boots.current = boot
        self.nodes[node] = boots
        return true
    }
}
