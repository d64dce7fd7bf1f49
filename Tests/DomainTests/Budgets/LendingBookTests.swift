import Domain
import Testing

@Suite struct `Lending to a boot` {
    private static let window = BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil)

    private let all: Name<Budget>
    private let team: Name<Budget>
    private let boot: ID<Boot>

    init() throws {
        self.all = try #require(Name("all"))
        self.team = try #require(Name("team"))
        self.boot = try #require(ID("boot-1"))
    }

    private func usd(_ number: Int64) -> Money { Money(nanoDollars: number) }

    private func account(_ budget: Name<Budget>) -> BudgetAccount { BudgetAccount(budget: budget, window: Self.window) }

    /// A book that lends of two budgets.
    private struct Desk {
        var book = LendingBook()
        var activity = LendingActivity()
        var limits: [Name<Budget>: Int64]
        var window = BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil)

        mutating func answer(_ call: LeaseCall, from boot: ID<Boot>, at now: Int64 = 0) -> [LeaseGrant] {
            let (limits, window) = (self.limits, self.window)
            return self.book.answer(call, from: boot, at: now, &self.activity) { budget in
                limits[budget].map { LendingTerms(limit: Money(nanoDollars: $0), isHard: true, window: window) }
            }
        }
    }

    private func ask(
        _ budget: Name<Budget>,
        lease: UInt64,
        returned: Int64 = 0,
        used: Int64 = 0,
        held: Int64 = 0,
        reservation: Int64 = 1_000_000,
        demand: Int64 = 0
    ) -> LeaseAsk {
        LeaseAsk(
            budget: budget,
            lease: lease,
            returned: self.usd(returned),
            used: self.usd(used),
            held: self.usd(held),
            reservation: self.usd(reservation),
            demand: demand
        )
    }

    private func wish(_ lease: UInt64, _ amount: Int64) -> LeaseWish {
        LeaseWish(lease: lease, amount: self.usd(amount))
    }

    @Test func `what waits is covered of all its budgets or of none, first come first`() {
        var desk = Desk(limits: [self.all: 100, self.team: 50])
        let call = LeaseCall(
            asks: [self.ask(self.all, lease: 1), self.ask(self.team, lease: 2)],
            waiting: [
                [self.wish(1, 60), self.wish(2, 60)],
                [self.wish(1, 30), self.wish(2, 30)],
                [self.wish(1, 71)],
                [self.wish(1, 71), self.wish(2, 20)],
                [self.wish(2, 20)],
            ]
        )
        let grants = desk.answer(call, from: self.boot)
        // The first lacks its second budget, the third and the fourth what the second has taken; the last needs less.
        #expect(grants.map(\.granted) == [self.usd(30), self.usd(50)])
        #expect(grants.map(\.keep) == grants.map(\.granted), "what was promised is not to be given back")
    }

    @Test func `what the node has free already covers what waits first`() {
        var desk = Desk(limits: [self.all: 100])
        _ = desk.answer(LeaseCall(asks: [self.ask(self.all, lease: 1)], waiting: [[self.wish(1, 60)]]), from: self.boot)
        let again = LeaseCall(
            asks: [self.ask(self.all, lease: 1, used: 20)],
            waiting: [[self.wish(1, 30)], [self.wish(1, 30)]]
        )
        // 40 are free, of which 30 cover the first; the second lacks 20.
        #expect(desk.answer(again, from: self.boot).map(\.granted) == [self.usd(80)])
    }

    @Test func `what does not name a lease that was asked for is covered by nothing`() {
        var desk = Desk(limits: [self.all: 100])
        let call = LeaseCall(
            asks: [self.ask(self.all, lease: 1)],
            waiting: [[self.wish(1, 10), self.wish(7, 10)], [self.wish(7, 1)]]
        )
        #expect(desk.answer(call, from: self.boot).map(\.granted) == [.zero])
    }

    @Test func `a rich budget lends ahead by demand, and a poor one only what waits`() {
        var desk = Desk(limits: [self.all: 1_000_000_000])
        let rich = desk.answer(
            LeaseCall(asks: [self.ask(self.all, lease: 1, reservation: 1_000, demand: 1_000)]),
            from: self.boot
        )
        #expect(rich[0].granted > .zero && rich[0].keep == rich[0].granted)
        var poor = Desk(limits: [self.all: 3_000])
        let central = poor.answer(
            LeaseCall(
                asks: [self.ask(self.all, lease: 1, reservation: 1_000, demand: 1_000)],
                waiting: [[self.wish(1, 900)]]
            ),
            from: self.boot
        )
        #expect(central[0].granted == self.usd(900) && central[0].keep == self.usd(900))
    }

    @Test func `a lease of a window that is over gets nothing more, and another number one of the window that is now`()
    {
        var desk = Desk(limits: [self.all: 100])
        _ = desk.answer(LeaseCall(asks: [self.ask(self.all, lease: 1)], waiting: [[self.wish(1, 60)]]), from: self.boot)
        desk.window = BudgetWindow(name: "next", start: Timestamp(unixMilliseconds: 1_000), end: nil)
        let call = LeaseCall(
            asks: [self.ask(self.all, lease: 1, used: 60), self.ask(self.all, lease: 2)],
            waiting: [[self.wish(1, 40)], [self.wish(2, 100)]]
        )
        let grants = desk.answer(call, from: self.boot)
        #expect(grants.map(\.account.window.name) == ["total", "next"])
        #expect(grants.map(\.granted) == [self.usd(60), self.usd(100)] && grants[0].keep == .zero)
    }

    @Test func `of a budget that is gone every lease has ended, and the others are answered`() {
        var desk = Desk(limits: [self.team: 50])
        let call = LeaseCall(
            asks: [self.ask(self.all, lease: 1), self.ask(self.team, lease: 2)],
            waiting: [[self.wish(1, 1), self.wish(2, 1)], [self.wish(2, 5)]]
        )
        let grants = desk.answer(call, from: self.boot)
        #expect(grants.map(\.validMilliseconds) == [0, LendingBook.validMilliseconds])
        #expect(grants.map(\.granted) == [.zero, self.usd(5)])
    }

    @Test func `an amount that is lowered is lent no further, and what was lent stays`() {
        var desk = Desk(limits: [self.all: 100])
        let first = LeaseCall(asks: [self.ask(self.all, lease: 1)], waiting: [[self.wish(1, 60)]])
        _ = desk.answer(first, from: self.boot)
        desk.limits = [self.all: 50]
        let grants = desk.answer(
            LeaseCall(asks: [self.ask(self.all, lease: 1, held: 60)], waiting: [[self.wish(1, 1)]]),
            from: self.boot
        )
        #expect(grants[0].granted == self.usd(60) && grants[0].left == self.usd(50))
        #expect(desk.book.accounts[self.account(self.all)]?.limit == self.usd(50))
    }

    @Test func `leases that nobody names are silent after a while, also those from before this memory`() {
        var activity = LendingActivity()
        let (one, two) = (LeaseID(boot: self.boot, number: 1), LeaseID(boot: self.boot, number: 2))
        activity.remember(one, of: self.account(self.all), at: 1_000)
        activity.hear(self.ask(self.all, lease: 2), of: two, self.account(self.all), at: 5_000)
        activity.remember(two, of: self.account(self.all), at: 9_000)
        #expect(activity.silent(forMilliseconds: 1_000, at: 1_999).isEmpty)
        #expect(activity.silent(forMilliseconds: 1_000, at: 2_000).map(\.id) == [one])
        activity.forget(one, of: self.account(self.all))
        #expect(activity.silent(forMilliseconds: 1_000, at: 6_000).map(\.id) == [two])
    }

    @Test func `a budget that is given other windows ends its old leases, and its node opens one of the new`() {
        var desk = Desk(limits: [self.all: 100])
        desk.window = BudgetWindow(
            name: "month",
            start: Timestamp(unixMilliseconds: 0),
            end: Timestamp(unixMilliseconds: 9_000)
        )
        var purse = Purse()
        let claims = [Purse.Claim(.init(self.all), self.usd(10))]
        let noon = Timestamp(unixMilliseconds: 4_000)
        func serve(at now: Int64) -> [LeaseGrant] {
            let grants = desk.answer(purse.call(wall: noon, at: now), from: self.boot)
            for grant in grants { purse.hear(grant, sent: now) }
            return grants
        }
        #expect(purse.hold(claims, admitted: noon, at: 0) == .short)
        #expect(purse.wait(1, for: claims, admitted: noon, until: 2_000) == true)
        _ = serve(at: 0)
        #expect(purse.serve(at: 1).count == 1)
        let more = [Purse.Claim(.init(self.all), self.usd(60))]
        desk.window = BudgetWindow(name: "day", start: Timestamp(unixMilliseconds: 3_000), end: nil)
        #expect(purse.hold(more, admitted: noon, at: 2) == .short)
        #expect(purse.wait(2, for: more, admitted: noon, until: 2_000) == true)
        #expect(serve(at: 3).map(\.account.window.end) == [Timestamp(unixMilliseconds: 3_000)])
        #expect(serve(at: 4).last?.account.window.name == "day")
        #expect(purse.serve(at: 5).map(\.ticket) == [2])
    }
}
