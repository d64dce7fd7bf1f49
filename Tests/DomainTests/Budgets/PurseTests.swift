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

    private func grant(
        _ key: Purse.Key,
        _ ask: LeaseAsk,
        _ amount: Int64,
        valid: Int64 = 900_000,
        left: Money = .max
    ) -> LeaseGrant {
        LeaseGrant(
            account: BudgetAccount(budget: key.budget, unit: key.unit, window: self.day),
            lease: ask.lease,
            granted: self.usd(amount),
            keep: self.usd(amount),
            validMilliseconds: valid,
            left: left
        )
    }

    private func held(_ answer: Purse.Answer) throws -> Purse.Hold {
        guard case .held(let hold) = answer else { throw NotHeld() }
        return hold
    }

    private struct NotHeld: Error {}

    /// A purse that was asked for these budgets once and was granted so much of each.
    private func purse(_ grants: [(Purse.Key, Int64)]) -> Purse {
        var purse = Purse()
        #expect(purse.hold(grants.map { Purse.Claim($0.0, self.usd(1)) }, admitted: self.noon, at: 0) == .short)
        for ask in purse.call(wall: self.noon, at: 0).asks {
            guard let (key, amount) = grants.first(where: { $0.0.budget == ask.budget }) else { continue }
            purse.hear(self.grant(key, ask, amount), sent: 0)
        }
        return purse
    }

    @Test func `an attempt holds of every budget or of none`() {
        var purse = self.purse([(self.all, 100), (self.team, 50)])
        let claims = [Purse.Claim(self.all, self.usd(60)), Purse.Claim(self.team, self.usd(60))]
        #expect(purse.hold(claims, admitted: self.noon, at: 0) == .short)
        #expect(purse.parts([Purse.Claim(self.all, self.usd(100))], admitted: self.noon, at: 0) != nil)
        #expect(purse.parts([Purse.Claim(self.team, self.usd(50))], admitted: self.noon, at: 0) == 1)
    }

    @Test func `what an attempt did not cost can be held again`() throws {
        var purse = self.purse([(self.all, 100)])
        let claim = [Purse.Claim(self.all, self.usd(80))]
        let hold = try self.held(purse.hold(claim, admitted: self.noon, at: 0))
        #expect(purse.hold(claim, admitted: self.noon, at: 0) == .short)
        purse.settle(hold, cost: self.usd(20))
        #expect(purse.parts(claim, admitted: self.noon, at: 0) != nil)
    }

    @Test func `what waits or runs low is pressing, and is asked for by its size`() {
        var purse = self.purse([(self.all, 100)])
        #expect(!purse.isPressing)
        #expect(purse.parts([Purse.Claim(self.all, self.usd(85))], admitted: self.noon, at: 0) != nil)
        #expect(purse.isPressing, "less than a fifth is left")
        let claims = [Purse.Claim(self.all, self.usd(40)), Purse.Claim(self.team, self.usd(30))]
        #expect(purse.hold(claims, admitted: self.noon, at: 0) == .short)
        #expect(purse.wait(7, for: claims, admitted: self.noon, until: 2_000) == true)
        let call = purse.call(wall: self.noon, at: 0)
        #expect(call.asks.map(\.held) == [self.usd(85), .zero] && call.asks.map(\.used) == [.zero, .zero])
        #expect(
            call.waiting == [[LeaseWish(lease: 1, amount: self.usd(40)), LeaseWish(lease: 2, amount: self.usd(30))]]
        )
    }

    @Test func `who waits is served in order, and whoever comes later for the same comes after`() throws {
        var purse = self.purse([(self.all, 10), (self.team, 100)])
        let (large, small) = ([Purse.Claim(self.all, self.usd(20))], [Purse.Claim(self.all, self.usd(5))])
        #expect(purse.hold(large, admitted: self.noon, at: 0) == .short)
        #expect(purse.wait(1, for: large, admitted: self.noon, until: 2_000) == true)
        #expect(purse.hold(small, admitted: self.noon, at: 1) == .short, "there is enough, and somebody before")
        #expect(purse.wait(2, for: small, admitted: self.noon, until: 2_001) == true)
        let other = [Purse.Claim(self.team, self.usd(5))]
        #expect(purse.parts(other, admitted: self.noon, at: 1) != nil, "nobody waits for that budget")
        #expect(purse.serve(at: 2).count == 0)
        let ask = purse.call(wall: self.noon, at: 2).asks[0]
        purse.hear(self.grant(self.all, ask, 30), sent: 2)
        let served = purse.serve(at: 3)
        #expect(served.map(\.ticket) == [1, 2] && served.allSatisfy { $0.answer.parts != nil })
        #expect(!purse.isWaitedFor)
    }

    @Test func `nobody waits longer than they may, nor in a line without end`() {
        var purse = self.purse([(self.all, 10)])
        let claims = [Purse.Claim(self.all, self.usd(20))]
        for ticket in 0..<256 as Range<UInt64> {
            let end = 2_000 + Int64(ticket)
            #expect(purse.wait(ticket, for: claims, admitted: self.noon, until: end) == true)
        }
        #expect(purse.wait(256, for: claims, admitted: self.noon, until: 2_000) == false)
        purse.leave(0)
        #expect(purse.serve(at: 1_999).count == 0)
        let served = purse.serve(at: 2_010)
        #expect(served.map(\.ticket) == Array(1...10) && served.allSatisfy { $0.answer == .short })
    }

    @Test func `what nobody can cover is refused at once, also while it waits`() {
        var purse = self.purse([(self.all, 10)])
        let claims = [Purse.Claim(self.all, self.usd(20))]
        #expect(purse.hold(claims, admitted: self.noon, at: 1) == .short)
        #expect(purse.wait(1, for: claims, admitted: self.noon, until: 2_000) == true)
        let ask = purse.call(wall: self.noon, at: 1).asks[0]
        purse.hear(self.grant(self.all, ask, 10, left: self.usd(19)), sent: 1)
        let answers = purse.serve(at: 2).map(\.answer)
        #expect(answers == [.beyond(self.all.budget)])
        #expect(purse.hold(claims, admitted: self.noon, at: 3) == .beyond(self.all.budget))
        #expect(purse.hold([Purse.Claim(self.all, self.usd(19))], admitted: self.noon, at: 3) == .short)
        let tomorrow = Timestamp(unixMilliseconds: 86_400_000)
        #expect(purse.hold(claims, admitted: tomorrow, at: 4) == .short, "another window, of which nothing is known")
    }

    @Test func `of a soft budget a little passes without a lease, and what is beyond reach does not`() throws {
        var purse = Purse()
        let claims = [Purse.Claim(self.all, self.usd(60_000), safeRate: self.usd(100_000))]
        let hold = try self.held(purse.hold(claims, admitted: self.noon, at: 0))
        #expect(hold.parts.map(\.lease) == [Purse.uncovered] && hold.parts[0].account.window == .unknown)
        #expect(purse.hold(claims, admitted: self.noon, at: 1) == .short, "the minute's rate would be passed")
        #expect(purse.parts(claims, admitted: self.noon, at: 60_000) != nil, "and a minute later not")
        purse.settle(hold, cost: self.usd(10))
        let ask = try #require(purse.call(wall: self.noon, at: 60_000).asks.first)
        #expect(ask.used == .zero && ask.demand > 0)
        purse.hear(self.grant(self.all, ask, 0, left: self.usd(59_999)), sent: 60_000)
        #expect(purse.hold(claims, admitted: self.noon, at: 600_000) == .beyond(self.all.budget))
        let dear = [Purse.Claim(self.team, self.usd(1_000_000), safeRate: self.usd(1))]
        #expect(purse.parts(dear, admitted: self.noon, at: 0) != nil, "one that is dearer than the rate passes, once")
        #expect(purse.hold(dear, admitted: self.noon, at: 1) == .short)
    }

    @Test func `a hold grows on its own leases or not at all`() throws {
        var purse = self.purse([(self.all, 100), (self.team, 50)])
        let claims = [Purse.Claim(self.all, self.usd(30)), Purse.Claim(self.team, self.usd(30))]
        var hold = try self.held(purse.hold(claims, admitted: self.noon, at: 0))
        let budgets: Set = [self.all.budget, self.team.budget]
        #expect(purse.extend(&hold, by: self.usd(60), of: [self.all.budget], at: 1) == true, "the other one stays")
        #expect(hold.parts.map(\.amount) == [self.usd(90), self.usd(30)])
        purse.settle(hold, cost: .zero)
        hold = try self.held(purse.hold(claims, admitted: self.noon, at: 0))
        #expect(
            purse.extend(&hold, by: self.usd(21), of: budgets, at: 1) == false
                && hold.parts.map(\.amount) == [self.usd(30), self.usd(30)]
        )
        #expect(
            purse.extend(&hold, by: self.usd(20), of: budgets, at: 1) == true
                && hold.parts.map(\.amount) == [self.usd(50), self.usd(50)]
        )
        #expect(purse.extend(&hold, by: .zero, of: budgets, at: 900_000) == false, "its lease is over")
        purse.settle(hold, cost: self.usd(10))
        #expect(purse.parts([Purse.Claim(self.team, self.usd(40))], admitted: self.noon, at: 2) != nil)
    }

    @Test func `a lease ends by the clock, a little before the control plane thinks so`() {
        var purse = self.purse([(self.all, 100)])
        let claim = [Purse.Claim(self.all, self.usd(1))]
        #expect(purse.parts(claim, admitted: self.noon, at: 890_749) != nil)
        #expect(purse.hold(claim, admitted: self.noon, at: 890_750) == .short)
    }

    @Test func `an attempt falls into the window of its admission`() {
        var purse = self.purse([(self.all, 100)])
        let claim = [Purse.Claim(self.all, self.usd(1))]
        let tomorrow = Timestamp(unixMilliseconds: 86_400_000)
        #expect(purse.hold(claim, admitted: tomorrow, at: 1) == .short)
        #expect(purse.call(wall: tomorrow, at: 1).asks.map(\.lease) == [1, 2], "another lease for another window")
    }

    @Test func `what nobody uses goes back, and its number is never used again`() {
        var purse = self.purse([(self.all, 100)])
        let idle = Purse.idleMilliseconds
        let asks = purse.call(wall: self.noon, at: idle).asks
        #expect(asks.map(\.returned) == [self.usd(100)])
        purse.hear(self.grant(self.all, asks[0], 100), sent: idle)
        #expect(purse.call(wall: self.noon, at: idle + 1).asks.isEmpty, "all is said")
        #expect(purse.hold([Purse.Claim(self.all, self.usd(1))], admitted: self.noon, at: idle + 2) == .short)
        #expect(purse.call(wall: self.noon, at: idle + 2).asks.map(\.lease) == [2])
        // An answer to the lease that was forgotten, late.
        purse.hear(self.grant(self.all, asks[0], 100), sent: 0)
        #expect(purse.hold([Purse.Claim(self.all, self.usd(1))], admitted: self.noon, at: idle + 3) == .short)
    }

    @Test func `a lease that was given up is over, and another is asked for`() {
        var purse = self.purse([(self.all, 100)])
        let asks = purse.call(wall: self.noon, at: 10).asks
        purse.hear(self.grant(self.all, asks[0], 100, valid: 0), sent: 10)
        #expect(purse.hold([Purse.Claim(self.all, self.usd(1))], admitted: self.noon, at: 11) == .short)
        #expect(purse.call(wall: self.noon, at: 12).asks.map(\.lease) == [2])
    }
}

extension Purse {
    /// How many parts an attempt holds; nil where it holds nothing.
    fileprivate mutating func parts(_ claims: [Claim], admitted: Timestamp, at now: Int64) -> Int? {
        self.hold(claims, admitted: admitted, at: now).parts?.count
    }
}

extension Purse.Answer {
    fileprivate var parts: [Purse.Hold.Part]? {
        guard case .held(let hold) = self else { return nil }
        return hold.parts
    }
}
