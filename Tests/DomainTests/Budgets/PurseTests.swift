import Domain
import Testing

@Suite struct `A node's purse` {
    private let day = BudgetWindow(
        name: "day/1",
        start: Timestamp(unixMilliseconds: 0),
        end: Timestamp(unixMilliseconds: 86_400_000)
    )
    private let noon = Timestamp(unixMilliseconds: 43_200_000)
    private let all: Purse.Key
    private let team: Purse.Key

    init() throws {
        self.all = Purse.Key(try #require(Name("all")))
        self.team = Purse.Key(try #require(Name("team")), unit: "ann")
    }

    private func usd(_ number: Int64) -> Money { Money(nanoDollars: number) }

    private func grant(_ key: Purse.Key, _ ask: LeaseAsk, _ amount: Int64, valid: Int64 = 900_000) -> LeaseGrant {
        LeaseGrant(
            account: BudgetAccount(budget: key.budget, unit: key.unit, window: self.day),
            lease: ask.lease,
            granted: self.usd(amount),
            keep: self.usd(amount),
            validMilliseconds: valid,
            isUsedUp: false
        )
    }

    /// A purse that was asked for these budgets once and was granted so much of each.
    private func purse(_ grants: [(Purse.Key, Int64)]) -> Purse {
        var purse = Purse()
        #expect(purse.hold(grants.map { Purse.Claim($0.0, self.usd(1)) }, admitted: self.noon, at: 0) == nil)
        for ask in purse.asks(wall: self.noon, at: 0) {
            guard let (key, amount) = grants.first(where: { $0.0.budget == ask.budget }) else { continue }
            purse.hear(self.grant(key, ask, amount), sent: 0)
        }
        return purse
    }

    @Test func `an attempt holds of every budget or of none`() {
        var purse = self.purse([(self.all, 100), (self.team, 50)])
        let claims = [Purse.Claim(self.all, self.usd(60)), Purse.Claim(self.team, self.usd(60))]
        #expect(purse.hold(claims, admitted: self.noon, at: 0) == nil)
        #expect(purse.hold([Purse.Claim(self.all, self.usd(100))], admitted: self.noon, at: 0) != nil)
        #expect(purse.hold([Purse.Claim(self.team, self.usd(50))], admitted: self.noon, at: 0)?.parts.count == 1)
    }

    @Test func `what an attempt did not cost can be held again`() throws {
        var purse = self.purse([(self.all, 100)])
        let claim = [Purse.Claim(self.all, self.usd(80))]
        let held = purse.hold(claim, admitted: self.noon, at: 0)
        let hold = try #require(held)
        #expect(purse.hold(claim, admitted: self.noon, at: 0) == nil)
        purse.settle(hold, cost: self.usd(20))
        #expect(purse.hold(claim, admitted: self.noon, at: 0) != nil)
    }

    @Test func `what waits or runs low is pressing, and is asked for by its size`() {
        var purse = self.purse([(self.all, 100)])
        #expect(!purse.isPressing)
        #expect(purse.hold([Purse.Claim(self.all, self.usd(85))], admitted: self.noon, at: 0) != nil)
        #expect(purse.isPressing, "less than a fifth is left")
        #expect(purse.hold([Purse.Claim(self.all, self.usd(40))], admitted: self.noon, at: 0) == nil)
        let ask = purse.asks(wall: self.noon, at: 0).first
        #expect(ask?.waiting == self.usd(40) && ask?.held == self.usd(85) && ask?.used == .zero)
    }

    @Test func `a lease ends by the clock, a little before the control plane thinks so`() {
        var purse = self.purse([(self.all, 100)])
        let claim = [Purse.Claim(self.all, self.usd(1))]
        #expect(purse.hold(claim, admitted: self.noon, at: 890_749) != nil)
        #expect(purse.hold(claim, admitted: self.noon, at: 890_750) == nil)
    }

    @Test func `an attempt falls into the window of its admission`() {
        var purse = self.purse([(self.all, 100)])
        let claim = [Purse.Claim(self.all, self.usd(1))]
        let tomorrow = Timestamp(unixMilliseconds: 86_400_000)
        #expect(purse.hold(claim, admitted: tomorrow, at: 1) == nil)
        #expect(purse.asks(wall: tomorrow, at: 1).map(\.lease) == [1, 2], "another lease for another window")
    }

    @Test func `what nobody uses goes back, and its number is never used again`() {
        var purse = self.purse([(self.all, 100)])
        let idle = Purse.idleMilliseconds
        let asks = purse.asks(wall: self.noon, at: idle)
        #expect(asks.map(\.returned) == [self.usd(100)])
        purse.hear(self.grant(self.all, asks[0], 100), sent: idle)
        #expect(purse.asks(wall: self.noon, at: idle + 1).isEmpty, "all is said")
        #expect(purse.hold([Purse.Claim(self.all, self.usd(1))], admitted: self.noon, at: idle + 2) == nil)
        #expect(purse.asks(wall: self.noon, at: idle + 2).map(\.lease) == [2])
        // An answer to the lease that was forgotten, late.
        purse.hear(self.grant(self.all, asks[0], 100), sent: 0)
        #expect(purse.hold([Purse.Claim(self.all, self.usd(1))], admitted: self.noon, at: idle + 3) == nil)
    }

    @Test func `a lease that was given up is over, and another is asked for`() {
        var purse = self.purse([(self.all, 100)])
        let asks = purse.asks(wall: self.noon, at: 10)
        purse.hear(self.grant(self.all, asks[0], 100, valid: 0), sent: 10)
        #expect(purse.hold([Purse.Claim(self.all, self.usd(1))], admitted: self.noon, at: 11) == nil)
        #expect(purse.asks(wall: self.noon, at: 12).map(\.lease) == [2])
    }
}
