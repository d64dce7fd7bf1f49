import ControlPlane
import Domain
import Logging
import Storage
import TestSupport
import Testing
import Wire

@Suite struct `Lending to nodes` {
    private static func usd(_ cents: Int64) -> Money { Money(nanoDollars: cents * 10_000_000) }

    /// A control plane with a budget of a dollar a month for team demo, and a clock of its own.
    private struct Desk {
        let control: ControlPlaneUnderTest
        let clock = ManualTiming()
        let budgets = BudgetBook()
        let lending: Lending
        let node: ID<Node>
        let budget: Name<Budget>

        init(hard: Bool = true, orphan: Duration = .seconds(1_800)) async throws {
            self.control = try await ControlPlaneUnderTest(timing: self.clock.timing)
            try await self.control.writeFirstCatalog()
            self.node = try #require(ID("node-1"))
            self.budget = try #require(Name("demo-month"))
            self.lending = Self.lending(self.control.database, self.budgets, self.clock, orphan)
            try await self.write(amount: "1.00", hard: hard)
        }

        static func lending(
            _ database: Database,
            _ budgets: BudgetBook,
            _ clock: ManualTiming,
            _ orphan: Duration
        ) -> Lending {
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            return Lending(
                database: database,
                budgets: budgets,
                settings: .init(orphan: orphan),
                timing: clock.timing,
                logger: logger
            )
        }

        func write(amount: String, hard: Bool = true) async throws {
            let json =
                #"{"name":"demo-month","scope":{"team":"demo"},"amount":"\#(amount)","window":"month","hard":\#(hard)}"#
            try await self.control.write(.budgets, "demo-month", json)
            self.budgets.contentChanged()
        }

        /// Asks for `cents` for one attempt.
        func ask(_ cents: Int64, lease: UInt64 = 1, boot: String = "boot-1") async throws -> LeaseGrant? {
            let ask = LeaseAsk(budget: self.budget, lease: lease, reservation: `Lending to nodes`.usd(100))
            let wish = LeaseWish(lease: lease, amount: `Lending to nodes`.usd(cents))
            let call = LeaseCall(asks: [ask], waiting: [[wish]])
            return try await self.lending.answer(call, of: self.node, boot: try #require(ID(boot)))
                .first
        }

        func ledger() async throws -> BudgetLedger {
            let accounts = try await self.control.database.read { try $0.accounts(of: self.budget, limit: 1) }
            return try #require(accounts.first).ledger
        }
    }

    @Test func `a budget's amount is lent in the window that is now, and a new amount holds at once`() async throws {
        let desk = try await Desk()
        let grant = try #require(try await desk.ask(60))
        #expect(grant.granted == Self.usd(60) && grant.left == Self.usd(100))
        #expect(grant.account.window.name == "month/2026-11" && grant.account.window.holds(desk.clock.now))
        #expect(try await desk.ask(50, lease: 2)?.granted == .zero)
        try await desk.write(amount: "2.00")
        #expect(try await desk.ask(50, lease: 2)?.granted == Self.usd(50))
        try await desk.write(amount: "0.50")
        #expect(try await desk.ask(60, lease: 3)?.left == Self.usd(50))
    }

    @Test func `of a budget that nobody has written every lease has ended`() async throws {
        let desk = try await Desk()
        let call = LeaseCall(asks: [LeaseAsk(budget: try #require(Name("unknown")), lease: 1)])
        let grants = try await desk.lending.answer(call, of: desk.node, boot: try #require(ID("b")))
        #expect(grants.map(\.validMilliseconds) == [0] && grants.map(\.granted) == [.zero])
    }

    @Test func `a boot that a newer one has displaced is told so`() async throws {
        let desk = try await Desk()
        #expect(try await desk.ask(10, boot: "boot-1") != nil)
        #expect(try await desk.ask(10, boot: "boot-2") != nil)
        do {
            _ = try await desk.ask(10, boot: "boot-1")
            Issue.record("an older boot borrowed")
        } catch let refusal as NodeRefusal {
            #expect(refusal.code == .fenced)
        }
        #expect(try await desk.ask(10, boot: "boot-2") != nil)
    }

    @Test(arguments: [true, false])
    func `a lease of which nobody was heard is given up, and a hard one counts as spent`(hard: Bool) async throws {
        let desk = try await Desk(hard: hard, orphan: .seconds(30))
        _ = try await desk.ask(60)
        desk.clock.advance(by: .seconds(29))
        await desk.lending.sweep()
        #expect(try await desk.ledger().pending == Self.usd(60))
        desk.clock.advance(by: .seconds(1))
        await desk.lending.sweep()
        let ledger = try await desk.ledger()
        #expect(ledger.pending == .zero && ledger.posted == (hard ? Self.usd(60) : .zero))
        #expect(ledger.unconfirmed == ledger.posted)
        #expect(desk.lending.totals().givenUp == 1)
        #expect(try await desk.ask(10)?.validMilliseconds == 0)
    }

    @Test func `leases from before a start have their time from then on`() async throws {
        let desk = try await Desk(orphan: .seconds(30))
        _ = try await desk.ask(60)
        let again = Desk.lending(desk.control.database, BudgetBook(), desk.clock, .seconds(30))
        desk.clock.advance(by: .seconds(3_600))
        try await again.begin()
        await again.sweep()
        #expect(try await desk.ledger().pending == Self.usd(60))
        desk.clock.advance(by: .seconds(30))
        await again.sweep()
        #expect(try await desk.ledger().unconfirmed == Self.usd(60))
    }
}
