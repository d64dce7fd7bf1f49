import Domain
import Testing

/// What the simulated fleet found, as single cases.
@Suite struct `Loans that are forgotten, given back or overspent` {
    private static let window = BudgetWindow(
        name: "day/1",
        start: Timestamp(unixMilliseconds: 0),
        end: Timestamp(unixMilliseconds: 86_400_000)
    )

    private let budget: Name<Budget>
    private let boot: ID<Boot>

    init() throws {
        self.budget = try #require(Name("all"))
        self.boot = try #require(ID("boot-1"))
    }

    private func usd(_ number: Int64) -> Money { Money(nanoDollars: number) }
    private var account: BudgetAccount { BudgetAccount(budget: self.budget, window: Self.window) }
    private var id: LeaseID { LeaseID(boot: self.boot, number: 1) }

    private func ask(
        granted: Int64 = 0,
        used: Int64 = 0,
        held: Int64 = 0,
        window: String? = "day/1",
        reservation: Int64 = 1_000_000
    ) -> LeaseAsk {
        LeaseAsk(
            budget: self.budget,
            lease: 1,
            window: window,
            granted: self.usd(granted),
            used: self.usd(used),
            held: self.usd(held),
            reservation: self.usd(reservation)
        )
    }

    private func answer(
        _ ask: LeaseAsk,
        waiting amount: Int64? = nil,
        isLending: Bool = true,
        _ book: inout LendingBook
    ) -> LeaseGrant? {
        var activity = LendingActivity()
        let waiting = amount.map { [[LeaseWish(lease: 1, amount: self.usd($0))]] } ?? []
        let call = LeaseCall(asks: [ask], waiting: waiting)
        return book.answer(call, from: self.boot, at: 0, isLending: isLending, &activity) { _ in
            LendingTerms(limit: self.usd(100), isHard: true, window: Self.window)
        }.first
    }

    @Test func `after a restore a node says what it was granted, and that is pending again`() {
        var book = LendingBook()
        let grant = self.answer(self.ask(granted: 60, used: 10), isLending: false, &book)
        #expect(grant?.granted == self.usd(60) && grant?.validMilliseconds == LendingBook.validMilliseconds)
        #expect(grant?.keep == self.usd(50), "nothing is to be given back that could not be had again")
        #expect(book.accounts[self.account]?.pending == self.usd(60))
    }

    @Test
    func `a forgotten loan that nobody named in time is not renewed, and counts as spent until events say better`() {
        var book = LendingBook()
        #expect(self.answer(self.ask(granted: 60), &book)?.validMilliseconds == 0)
        #expect(book.accounts[self.account]?.unconfirmed == self.usd(60))
        book.post(self.usd(20), on: self.id, of: self.account)
        book.end([self.id]) { _ in .known }
        #expect(book.accounts[self.account]?.posted == self.usd(20))
        #expect(book.accounts[self.account]?.unconfirmed == .zero)
    }

    @Test func `what was posted before its lease was named again is not pending once more`() {
        var book = LendingBook()
        book.post(self.usd(20), on: self.id, of: self.account, limit: self.usd(100))
        _ = self.answer(self.ask(granted: 60, used: 20), isLending: false, &book)
        #expect(book.accounts[self.account]?.posted == self.usd(20))
        #expect(book.accounts[self.account]?.pending == self.usd(40))
    }

    @Test func `a forgotten loan of a window that is over stays in that window`() {
        var book = LendingBook()
        _ = self.answer(self.ask(granted: 60, window: "day/0"), isLending: false, &book)
        #expect(book.leases[self.id]?.account.window.name == "day/0")
        #expect(book.accounts[self.account] == nil)
    }

    @Test func `what waits is covered also where attempts have cost more than they held`() {
        var book = LendingBook()
        _ = self.answer(self.ask(), waiting: 10, &book)
        book.post(self.usd(40), on: self.id, of: self.account)
        let grant = self.answer(self.ask(granted: 10, used: 40), waiting: 60, &book)
        #expect(grant?.granted == self.usd(100), "30 that are spent already, and 60")
        #expect(book.accounts[self.account]?.pending == self.usd(60))
    }

    @Test func `nothing is lent to a word that was overtaken`() {
        var book = LendingBook()
        _ = self.answer(self.ask(), waiting: 10, &book)
        _ = self.answer(self.ask(granted: 10, used: 10), &book)
        #expect(self.answer(self.ask(granted: 10, used: 5, held: 5), waiting: 60, &book)?.granted == self.usd(10))
    }

    @Test func `nothing is lent ahead to a node that nobody asks`() {
        var book = LendingBook()
        #expect(self.answer(self.ask(reservation: 0), &book)?.granted == .zero)
        #expect(self.answer(self.ask(reservation: 1), &book).map { $0.granted > .zero } == true)
    }

    @Test func `a node whose clock is wrong does not open a lease with every call`() {
        var purse = Purse()
        let late = Timestamp(unixMilliseconds: 86_400_000 * 3)
        _ = purse.hold([Purse.Claim(Purse.Key(self.budget), self.usd(1))], admitted: late, at: 0)
        var numbers: Set<UInt64> = []
        for now in Int64(0)..<100 {
            let call = purse.call(wall: late, at: now * 100)
            for ask in call.asks {
                numbers.insert(ask.lease)
                purse.hear(
                    LeaseGrant(
                        account: self.account,
                        lease: ask.lease,
                        granted: .zero,
                        keep: .zero,
                        validMilliseconds: 900_000,
                        left: .max
                    ),
                    sent: now * 100
                )
            }
        }
        #expect((2...10).contains(numbers.count), "\(numbers.count) in ten seconds")
    }
}
