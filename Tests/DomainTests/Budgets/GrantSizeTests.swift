import Domain
import Testing

@Suite struct `The size of grants` {
    private static func size(left: Int64, of limit: Int64 = 1_000_000_000, nodes: Int = 4) -> GrantSize {
        let posted = Money(nanoDollars: limit - left)
        return GrantSize(BudgetLedger(limit: Money(nanoDollars: limit), posted: posted), nodes: nodes)
    }

    @Test(
        arguments: [
            (1_000_000_000, 900_000), (200_000_000, 900_000), (105_000_000, 452_500), (10_000_000, 5_000), (0, 5_000),
        ] as [(Int64, Int64)]
    )
    func `minutes of demand while it is rich, seconds as it drains`(left: Int64, milliseconds: Int64) {
        #expect(Self.size(left: left).horizonMilliseconds == milliseconds)
    }

    @Test func `a rich budget lends by demand, and to everybody a part`() {
        let size = Self.size(left: 800_000_000)
        #expect(size.target(demand: 1_000, all: 4_000).nanoDollars == 900_000 + 50_000_000)
        #expect(size.target(demand: 0, all: 4_000).nanoDollars == 50_000_000)
        #expect(size.target(demand: 4_000_000, all: 4_000_000).nanoDollars == 400_000_000 + 50_000_000)
    }

    @Test func `a poor one lends seconds of demand, and nothing to who asks for nothing`() {
        let size = Self.size(left: 10_000_000)
        #expect(size.target(demand: 1_000, all: 4_000).nanoDollars == 5_000)
        #expect(size.target(demand: 0, all: 4_000) == .zero)
        #expect(size.target(demand: .max, all: .max).nanoDollars == 5_000_000)
    }

    @Test func `when a few reservations are left, each is asked for`() {
        let size = Self.size(left: 10_000, nodes: 3)
        let mean = Money(nanoDollars: 100)
        #expect(!size.isCentral(available: Money(nanoDollars: 1_200), meanReservation: mean))
        #expect(size.isCentral(available: Money(nanoDollars: 1_199), meanReservation: mean))
        #expect(size.isCentral(available: Money(nanoDollars: .max - 1), meanReservation: .max))
    }

    @Test(arguments: [Int64.max, 0, -1, 1])
    func `no number traps`(number: Int64) {
        let size = Self.size(left: .max, of: .max, nodes: Int(clamping: number))
        let target = size.target(demand: number, all: number)
        #expect(target >= .zero)
        _ = Self.size(left: 0, of: 0).target(demand: number, all: number)
        _ = size.isCentral(available: .zero, meanReservation: Money(nanoDollars: max(number, 0)))
    }
}

@Suite struct `How much a budget is asked for` {
    @Test func `what is kept up is told as it is`() {
        var demand = Demand(at: 0)
        for second in 1...600 { demand.add(Money(nanoDollars: 1_000_000), at: Int64(second) * 1_000) }
        #expect((950_000...1_050_000).contains(demand.perSecond(at: 600_000)))
    }

    @Test func `what ended fades, and is forgotten`() {
        var demand = Demand(at: 0)
        demand.add(Money(nanoDollars: 60_000_000), at: 0)
        #expect(demand.perSecond(at: 0) == 1_000_000)
        #expect(demand.perSecond(at: 30_000) == 500_000)
        #expect(demand.perSecond(at: 60_000) == 250_000)
        #expect(demand.perSecond(at: 3_600_000) == 0 && demand.perSecond(at: .max) == 0)
        #expect(demand.perSecond(at: -1_000) == 1_000_000, "a clock never goes back; if it did, nothing is lost")
    }
}
