import Domain
import Testing

@Suite struct `The ledger of a budget` {
    private static func usd(_ cents: Int64) -> Money { Money(nanoDollars: cents * 10_000_000) }

    @Test func `lends no more than is neither spent nor lent`() {
        var (ledger, lease, other) = (BudgetLedger(limit: Self.usd(100)), LentLease(), LentLease())
        #expect(ledger.lend(Self.usd(60), on: &lease))
        #expect(!ledger.lend(Self.usd(41), on: &other) && other == LentLease())
        #expect(ledger.lend(Self.usd(40), on: &other))
        #expect(ledger.available == .zero && ledger.pending == Self.usd(100) && ledger.posted == .zero)
    }

    @Test func `an event moves money from pending to posted, and nothing else does`() {
        var (ledger, lease) = (BudgetLedger(limit: Self.usd(100)), LentLease())
        #expect(ledger.lend(Self.usd(60), on: &lease))
        ledger.hear(returned: .zero, used: Self.usd(50), on: &lease)
        #expect(ledger.pending == Self.usd(60) && ledger.posted == .zero)
        ledger.post(Self.usd(20), on: &lease)
        #expect(ledger.pending == Self.usd(40) && ledger.posted == Self.usd(20))
        ledger.hear(returned: Self.usd(10), used: Self.usd(50), on: &lease)
        #expect(ledger.pending == Self.usd(30) && ledger.available == Self.usd(50))
    }

    @Test func `what was heard before is no news, and nobody returns what they never had`() {
        var (ledger, lease) = (BudgetLedger(limit: Self.usd(100)), LentLease())
        #expect(ledger.lend(Self.usd(60), on: &lease))
        ledger.hear(returned: Self.usd(20), used: Self.usd(5), on: &lease)
        let before = (ledger, lease)
        ledger.hear(returned: Self.usd(10), used: Self.usd(1), on: &lease)
        #expect(ledger == before.0 && lease == before.1)
        ledger.hear(returned: Self.usd(500), used: .zero, on: &lease)
        #expect(ledger.available == Self.usd(100) && ledger.pending == .zero)
    }

    @Test func `a posting goes through beyond the limit, and then nothing is lent until it is below again`() {
        var (ledger, lease) = (BudgetLedger(limit: Self.usd(100)), LentLease())
        #expect(ledger.lend(Self.usd(100), on: &lease))
        ledger.post(Self.usd(130), on: &lease)
        #expect(ledger.overspent == Self.usd(30) && ledger.pending == .zero && ledger.available == .zero)
        #expect(!ledger.lend(Money(nanoDollars: 1), on: &lease))
        ledger.limit = Self.usd(140)
        #expect(ledger.lend(Self.usd(10), on: &lease) && ledger.overspent == .zero)
        ledger.limit = Self.usd(1)
        #expect(ledger.available == .zero && ledger.overspent == Self.usd(129))
        ledger.post(Self.usd(1))
        #expect(ledger.posted == Self.usd(131))
    }

    @Test func `the rest of a lost lease counts as spent until its events say better`() {
        var (ledger, lease) = (BudgetLedger(limit: Self.usd(100)), LentLease())
        #expect(ledger.lend(Self.usd(60), on: &lease))
        ledger.post(Self.usd(10), on: &lease)
        ledger.end(&lease, .assumedSpent)
        #expect(ledger.posted == Self.usd(60) && ledger.unconfirmed == Self.usd(50) && ledger.pending == .zero)
        ledger.post(Self.usd(20), on: &lease)
        #expect(ledger.posted == Self.usd(60) && ledger.unconfirmed == Self.usd(30))
        ledger.end(&lease, .known)
        #expect(ledger.posted == Self.usd(30) && ledger.unconfirmed == .zero && ledger.available == Self.usd(70))
        #expect(!ledger.lend(Self.usd(1), on: &lease), "it has ended")
    }

    @Test func `events beyond what was assumed are all posted`() {
        var (ledger, lease) = (BudgetLedger(limit: Self.usd(100)), LentLease())
        #expect(ledger.lend(Self.usd(10), on: &lease))
        ledger.end(&lease, .assumedSpent)
        ledger.post(Self.usd(15), on: &lease)
        #expect(ledger.posted == Self.usd(15) && ledger.unconfirmed == .zero && ledger.pending == .zero)
    }

    @Test func `a soft budget lends the rest of a lost lease again`() {
        var (ledger, lease) = (BudgetLedger(limit: Self.usd(100)), LentLease())
        #expect(ledger.lend(Self.usd(60), on: &lease))
        ledger.end(&lease, .released)
        #expect(ledger.available == Self.usd(100))
        ledger.post(Self.usd(60), on: &lease)
        #expect(ledger.posted == Self.usd(60) && ledger.pending == .zero)
    }

    @Test func `numbers at the end of the scale neither trap nor wrap`() {
        var (ledger, lease) = (BudgetLedger(limit: .max), LentLease())
        #expect(ledger.lend(.max, on: &lease) && !ledger.lend(Money(nanoDollars: 1), on: &lease))
        ledger.post(.max, on: &lease)
        ledger.post(.max, on: &lease)
        ledger.post(.max)
        ledger.end(&lease, .assumedSpent)
        #expect(ledger.posted == .max && ledger.pending == .zero)
        #expect(!ledger.lend(Money(nanoDollars: -1), on: &lease))
        var own = Lease()
        own.hear(granted: .max)
        #expect(own.hold(.max) && !own.hold(Money(nanoDollars: 1)) && !own.hold(Money(nanoDollars: -1)))
        own.settle(.max, cost: .max)
        own.settle(.max, cost: .max)
        own.giveBack(beyond: .zero)
        #expect(own.free == .zero && own.held == .zero)
    }
}
