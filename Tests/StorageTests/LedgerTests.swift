import Domain
import Storage
import Testing

/// The rows of lending: what a message changes is kept with it, and read back for the next one.
@Suite struct `The ledger on the disk` {
    private static let window = BudgetWindow(
        name: "month/2026-11",
        start: Timestamp(unixMilliseconds: 0),
        end: Timestamp(unixMilliseconds: 2_592_000_000)
    )

    private let budget: Name<Budget>
    private let node: ID<Node>
    private let boot: ID<Boot>

    init() throws {
        self.budget = try #require(Name("demo-month"))
        self.node = try #require(ID("node-1"))
        self.boot = try #require(ID("boot-1"))
    }

    private var account: BudgetAccount { BudgetAccount(budget: self.budget, unit: "ann", window: Self.window) }

    private func usd(_ number: Int64) -> Money { Money(nanoDollars: number) }

    private func terms(_ limit: Int64, isHard: Bool = true, thresholds: [Int64] = []) -> LendingTerms {
        LendingTerms(limit: self.usd(limit), isHard: isHard, window: Self.window, thresholds: thresholds)
    }

    /// Asks for what one attempt needs.
    private func ask(
        _ amount: Int64,
        lease: UInt64 = 1,
        returned: Int64 = 0,
        used: Int64 = 0,
        held: Int64 = 0,
        of limit: Int64 = 100,
        isLending: Bool = true,
        _ test: TestDatabase
    ) async throws -> [LeaseGrant] {
        let ask = LeaseAsk(
            budget: self.budget,
            unit: "ann",
            lease: lease,
            returned: self.usd(returned),
            used: self.usd(used),
            held: self.usd(held),
            reservation: self.usd(1_000)
        )
        let call = LeaseCall(asks: [ask], waiting: [[LeaseWish(lease: lease, amount: self.usd(amount))]])
        let terms = self.terms(limit)
        return try await test.database.write { transaction in
            var activity = LendingActivity()
            return try transaction.lend(
                to: self.boot,
                of: self.node,
                call,
                at: 0,
                &activity,
                isLending: isLending
            ) { _ in terms }
        }
    }

    private func delivery(_ contents: [UsageRecord.Content], from first: UInt64 = 1) -> UsageDelivery {
        func chain(_ number: UInt64) -> [UInt8] {
            number == 0 ? Array(repeating: 0, count: Digest.byteCount) : testHash([UInt8(number)]).bytes
        }
        let records = contents.enumerated().map { UsageRecord(sequence: first + UInt64($0), content: $1) }
        return UsageDelivery(
            node: self.node,
            boot: self.boot,
            records: records,
            arrivals: records.map { record in
                var (isClose, isLoss) = (false, false)
                switch record.content {
                case .closed: isClose = true
                case .lost: isLoss = true
                case .event, .unreadable: break
                }
                return StreamIntake.Arrival(
                    sequence: record.sequence,
                    through: record.sequence,
                    isClose: isClose,
                    isLoss: isLoss,
                    chain: isLoss ? [] : chain(record.sequence)
                )
            },
            chainBefore: chain(first - 1),
            received: Timestamp(unixMilliseconds: 1_000)
        )
    }

    private func take(
        _ contents: [UsageRecord.Content],
        from first: UInt64 = 1,
        isHard: Bool = true,
        of limit: Int64 = 100,
        thresholds: [Int64] = [],
        _ test: TestDatabase
    ) async throws {
        let delivery = self.delivery(contents, from: first)
        let terms = self.terms(limit, isHard: isHard, thresholds: thresholds)
        _ = try await test.database.write { transaction in
            try transaction.take(delivery, expectedCost: { _ in nil }) { _ in terms }
        }
    }

    private func event(_ number: Int, cost: Int64, lease: UInt64 = 1, minute: Int64 = 0) throws -> UsageRecord.Content {
        let posting = LeasePosting(budget: self.budget, unit: "ann", window: Self.window.name, lease: lease)
        return .event(try .fixture(number, minute: minute, cost: self.usd(cost), postings: [posting]))
    }

    private func ledger(_ test: TestDatabase) async throws -> BudgetLedger {
        let account = self.account
        return try #require(try await test.database.read { try $0.ledger(of: account) })
    }

    @Test(arguments: Place.allCases)
    func `a loan is on the disk, and so is what was returned and what was posted`(place: Place) async throws {
        let test = try TestDatabase(place)
        let grant = try #require(try await self.ask(60, test).first)
        #expect(grant.granted == self.usd(60) && grant.left == self.usd(100) && grant.account == self.account)
        try await self.take([try self.event(1, cost: 20)], test)
        var ledger = try await self.ledger(test)
        #expect(ledger.posted == self.usd(20) && ledger.pending == self.usd(40) && ledger.available == self.usd(40))
        _ = try await self.ask(0, returned: 30, used: 20, test)
        ledger = try await self.ledger(test)
        #expect(ledger.pending == self.usd(10) && ledger.available == self.usd(70))
        let (account, id) = (self.account, LeaseID(boot: self.boot, number: 1))
        let leases = try await test.database.read { try $0.leases(of: account, limit: 10) }
        #expect(leases.map(\.id) == [id] && leases[0].lease.used == self.usd(20))
    }

    @Test func `the same batch again posts nothing again`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        for _ in 0..<3 { try await self.take([try self.event(1, cost: 20)], test) }
        #expect(try await self.ledger(test).posted == self.usd(20))
    }

    @Test func `no two leases are lent more than there is`() async throws {
        let test = try TestDatabase(.memory)
        #expect(try await self.ask(60, test).first?.granted == self.usd(60))
        let second = try #require(try await self.ask(50, lease: 2, test).first)
        #expect(second.granted == .zero && second.left == self.usd(100), "nothing rather than a part")
        #expect(try await self.ask(40, lease: 2, test).first?.granted == self.usd(40))
        #expect(try await self.ledger(test).available == .zero)
    }

    @Test func `an event is posted also where its lease is not known`() async throws {
        let test = try TestDatabase(.memory)
        try await self.take([try self.event(1, cost: 20, lease: 9)], test)
        let ledger = try await self.ledger(test)
        #expect(ledger.posted == self.usd(20) && ledger.limit == self.usd(100) && ledger.pending == .zero)
        // Whoever lends of it later says when its window ends.
        #expect(try await self.ask(80, test).first?.account.window.end == Self.window.end)
        let stored = try await test.database.read { try $0.accounts(of: self.budget, limit: 10) }
        #expect(stored.map(\.account.window.end) == [Self.window.end])
    }

    @Test func `a closed stream releases its leases, and nothing is lent to its boot any more`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        try await self.take(
            [try self.event(1, cost: 20), .closed(StreamEnd(lastSequence: 1, machineWentDown: false))],
            test
        )
        let ledger = try await self.ledger(test)
        #expect(ledger.posted == self.usd(20) && ledger.pending == .zero && ledger.unconfirmed == .zero)
        #expect(try await self.ask(10, lease: 2, test).isEmpty)
    }

    private enum Gap: CaseIterable {
        case machineWentDown
        case lostRange
        case unreadable
    }

    @Test func `where something of the stream is missing, the rest of a hard lease counts as spent`() async throws {
        for gap in Gap.allCases {
            let test = try TestDatabase(.memory)
            _ = try await self.ask(60, test)
            var contents = [try self.event(1, cost: 20)]
            switch gap {
            case .machineWentDown: break
            case .lostRange: contents.append(.lost(try #require(LostRange(first: 2, last: 2))))
            case .unreadable: contents.append(.unreadable([1, 2, 3]))
            }
            try await self.take(contents, test)
            let end = StreamEnd(lastSequence: UInt64(contents.count), machineWentDown: gap == .machineWentDown)
            try await self.take([.closed(end)], from: UInt64(contents.count) + 1, test)
            let ledger = try await self.ledger(test)
            #expect(ledger.posted == self.usd(60) && ledger.unconfirmed == self.usd(40), "\(gap)")
        }
    }

    @Test func `a lease that was given up is spent by assumption, and its late events correct that`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        let id = LeaseID(boot: self.boot, number: 1)
        let terms = self.terms(100)
        let count = try await test.database.write {
            try $0.giveUp([id, LeaseID(boot: id.boot, number: 7)], at: Self.window.start) { _ in terms }
        }
        #expect(count == 1)
        #expect(try await self.ledger(test).unconfirmed == self.usd(60))
        #expect(try await self.ask(10, test).first?.validMilliseconds == 0, "its node is told that it has ended")
        try await self.take([try self.event(1, cost: 20)], test)
        #expect(try await self.ledger(test).unconfirmed == self.usd(40))
        try await self.take([.closed(StreamEnd(lastSequence: 1, machineWentDown: false))], from: 2, test)
        let ledger = try await self.ledger(test)
        #expect(ledger.posted == self.usd(20) && ledger.unconfirmed == .zero && ledger.available == self.usd(80))
    }

    @Test func `while older loans may still be spent it only listens`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        let grant = try #require(try await self.ask(30, returned: 10, isLending: false, test).first)
        #expect(grant.granted == self.usd(60))
        #expect(try await self.ledger(test).pending == self.usd(50))
    }

    @Test func `what was spent when can be told`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        let events = [
            try self.event(1, cost: 20, minute: 1), try self.event(2, cost: 5, minute: 14),
            try self.event(3, cost: 7, minute: 15),
        ]
        try await self.take(events, test)
        let account = self.account
        let spend = try await test.database.read { try $0.spend(of: account) }
        #expect(spend.map(\.posted) == [self.usd(25), self.usd(7)])
        #expect(spend.map(\.start.unixMilliseconds) == [0, 900_000])
    }

    @Test func `leases of a closed boot go once all is known, others stay, and old accounts go with their course`()
        async throws
    {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        try await self.take([try self.event(1, cost: 20)], test)
        let (account, now) = (self.account, Timestamp(unixMilliseconds: 500 * 86_400_000))
        _ = try await test.database.write { try $0.sweepLedger(at: now) }
        #expect(
            try await test.database.read { try $0.leases(of: account, limit: 9) }.count == 1,
            "its boot may name it"
        )
        try await self.take([.closed(StreamEnd(lastSequence: 1, machineWentDown: false))], from: 2, test)
        _ = try await test.database.write { try $0.sweepLedger(at: Timestamp(unixMilliseconds: 0)) }
        #expect(try await self.ledger(test).posted == self.usd(20), "its window is not over for long")
        #expect(try await test.database.write { try $0.sweepLedger(at: now) } == false)
        #expect(try await test.database.read { try $0.accounts(of: self.budget, limit: 9) }.isEmpty)
        #expect(try await test.database.read { try $0.spend(of: account) }.isEmpty)
    }

    // MARK: - Thresholds

    private func due(_ test: TestDatabase, at milliseconds: Int64 = .max) async throws -> [BudgetAlert] {
        try await test.database.read { try $0.alertsDue(at: Timestamp(unixMilliseconds: milliseconds), limit: 10) }
    }

    @Test func `each threshold is noted once, with the posting that came to it`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(100, test)
        let thresholds: [Int64] = [500, 800, 1_000]
        try await self.take([try self.event(1, cost: 49)], thresholds: thresholds, test)
        #expect(try await self.due(test).isEmpty)
        try await self.take([try self.event(2, cost: 1)], from: 2, thresholds: thresholds, test)
        let first = try await self.due(test)
        #expect(first.map(\.threshold) == [500] && first[0].posted == self.usd(50) && first[0].amount == self.usd(100))
        #expect(first[0].account == self.account && first[0].time == Timestamp(unixMilliseconds: 1_000))
        try await self.take([try self.event(3, cost: 60)], from: 3, thresholds: thresholds, test)
        #expect(Set(try await self.due(test).map(\.threshold)) == Set(thresholds))
        #expect(Set(try await self.due(test).map(\.id)).count == 3)
        // More money, and the same parts of it once more: they were told.
        try await self.take([try self.event(4, cost: 200)], from: 4, of: 300, thresholds: thresholds, test)
        #expect(try await self.due(test).count == 3)
    }

    @Test func `what is assumed spent counts too`() async throws {
        let test = try TestDatabase(.memory)
        _ = try await self.ask(60, test)
        let (id, terms) = (LeaseID(boot: self.boot, number: 1), self.terms(100, thresholds: [500]))
        _ = try await test.database.write { try $0.giveUp([id], at: Timestamp(unixMilliseconds: 7)) { _ in terms } }
        let due = try await self.due(test)
        #expect(due.map(\.posted) == [self.usd(60)] && due.map(\.time.unixMilliseconds) == [7])
    }

    @Test func `an alert is due until it has ended, and later when it was postponed`() async throws {
        let test = try TestDatabase(.memory)
        try await self.take([try self.event(1, cost: 90)], thresholds: [500, 800], test)
        let both = try await self.due(test, at: 1_000)
        #expect(both.count == 2)
        try await test.database.write { try $0.postponeAlert(both[0].id, until: Timestamp(unixMilliseconds: 5_000)) }
        #expect(try await self.due(test, at: 4_999).map(\.id) == [both[1].id])
        #expect(try await self.due(test, at: 5_000).first { $0.id == both[0].id }?.tries == 1)
        for alert in both { try await test.database.write { try $0.endAlert(alert.id) } }
        try await test.database.write { try $0.postponeAlert(both[0].id, until: Timestamp(unixMilliseconds: 1)) }
        #expect(try await self.due(test).isEmpty)
    }
}
