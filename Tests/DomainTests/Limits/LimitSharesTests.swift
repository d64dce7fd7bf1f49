import Domain
import Testing

@Suite struct `Shares of a limit` {
    private let limit: Limit
    private let key: LimitKey
    private let boots: [ID<Boot>]

    init() throws {
        self.limit = Limit(name: try #require(Name("rate")), requestsPerMinute: 600, concurrent: 3)
        self.key = LimitKey(self.limit.name)
        self.boots = try (0..<4).map { try #require(ID("b\($0)")) }
    }

    private static let settled = LimitShares(at: -LimitShares.silentMilliseconds)

    private func ask(
        _ shares: inout LimitShares,
        _ boot: Int,
        _ round: UInt64,
        holds: LimitAmounts,
        demand: LimitAmounts,
        at now: Int64 = 0
    ) -> LimitAmounts? {
        let call = LimitCall(round: round, asks: [LimitAsk(self.key, holds: holds, demand: demand)])
        let limit = self.limit
        return shares.answer(call, of: self.boots[boot], at: now) { _ in limit }?.shares.first?.amounts
    }

    private static func rate(_ perMinute: Int64) -> LimitAmounts {
        LimitAmounts(requests: perMinute * LimitAmounts.one)
    }

    @Test func `who asks alone has all of it`() {
        var shares = Self.settled
        #expect(self.ask(&shares, 0, 1, holds: .zero, demand: Self.rate(10))?.requests == 600_000)
    }

    @Test func `a share grows only out of what another has said that it gave up`() {
        var shares = Self.settled
        _ = self.ask(&shares, 0, 1, holds: .zero, demand: Self.rate(900))
        #expect(self.ask(&shares, 1, 1, holds: .zero, demand: Self.rate(900))?.requests == 0)
        #expect(self.ask(&shares, 0, 2, holds: Self.rate(600), demand: Self.rate(900))?.requests == 300_000)
        #expect(self.ask(&shares, 1, 2, holds: .zero, demand: Self.rate(900))?.requests == 0, "it was only told")
        #expect(self.ask(&shares, 0, 3, holds: Self.rate(300), demand: Self.rate(900))?.requests == 300_000)
        #expect(self.ask(&shares, 1, 3, holds: .zero, demand: Self.rate(900))?.requests == 300_000)
        #expect(shares.mayHold(of: self.key, .requests) == 600_000)
    }

    @Test func `who asks for little gets that, and the rest is for the others in equal parts`() {
        var shares = Self.settled
        let demands: [Int64] = [900, 500, 100, 2]
        var holds = [LimitAmounts](repeating: .zero, count: 4)
        for round in 1...4 {
            for (boot, demand) in demands.enumerated() {
                let share = self.ask(&shares, boot, UInt64(round), holds: holds[boot], demand: Self.rate(demand))
                holds[boot] = share ?? .zero
            }
        }
        // Four get a fortieth of it at least.
        #expect(holds.map(\.requests) == [242_500, 242_500, 100_000, 15_000])
    }

    @Test func `of exchanges at once there are whole ones, for those who ask for most`() {
        var shares = Self.settled
        var holds = [LimitAmounts](repeating: .zero, count: 4)
        for round in 1...3 {
            for (boot, demand) in [Int64(5), 0, 5, 5].enumerated() {
                let asked = LimitAmounts(concurrent: demand)
                holds[boot] = self.ask(&shares, boot, UInt64(round), holds: holds[boot], demand: asked) ?? .zero
            }
        }
        #expect(holds.map(\.concurrent) == [1, 0, 1, 1])
    }

    @Test func `what is under way is not given to others before it is over`() {
        var shares = Self.settled
        _ = self.ask(&shares, 0, 1, holds: LimitAmounts(concurrent: 3), demand: LimitAmounts(concurrent: 3))
        #expect(self.ask(&shares, 1, 1, holds: .zero, demand: LimitAmounts(concurrent: 3))?.concurrent == 0)
        let told = self.ask(&shares, 0, 2, holds: LimitAmounts(concurrent: 3), demand: LimitAmounts(concurrent: 3))
        #expect(told?.concurrent == 1)
        #expect(self.ask(&shares, 1, 2, holds: .zero, demand: LimitAmounts(concurrent: 3))?.concurrent == 0)
    }

    @Test func `a late call says nothing that counts`() {
        var shares = Self.settled
        _ = self.ask(&shares, 0, 2, holds: Self.rate(600), demand: Self.rate(900))
        #expect(self.ask(&shares, 0, 1, holds: .zero, demand: Self.rate(900)) == nil)
        #expect(shares.mayHold(of: self.key, .requests) == 600_000)
    }

    @Test func `what a boot does not name any more is free at once, and of one that is silent in time`() {
        var shares = Self.settled
        let limit = self.limit
        _ = self.ask(&shares, 0, 1, holds: .zero, demand: Self.rate(900))
        _ = shares.answer(LimitCall(round: 2, asks: []), of: self.boots[0], at: 0) { _ in limit }
        #expect(shares.mayHold(of: self.key, .requests) == 0)
        _ = self.ask(&shares, 1, 1, holds: .zero, demand: Self.rate(900))
        let early = LimitShares.silentMilliseconds - 1
        #expect(self.ask(&shares, 2, 1, holds: .zero, demand: Self.rate(9), at: early)?.requests == 0)
        #expect(self.ask(&shares, 2, 2, holds: .zero, demand: Self.rate(9), at: early + 1)?.requests == 600_000)
    }

    @Test func `after a start nobody is raised until shares told before have ended`() {
        var shares = LimitShares(at: 0)
        let early = LimitShares.silentMilliseconds - 1
        let holds = LimitAmounts(requests: 200_000, concurrent: 2)
        let demand = LimitAmounts(requests: 900_000, concurrent: 3)
        #expect(self.ask(&shares, 0, 1, holds: .zero, demand: demand, at: early) == nil, "it begins by itself")
        #expect(self.ask(&shares, 1, 1, holds: holds, demand: demand, at: early) == holds)
        #expect(self.ask(&shares, 1, 2, holds: holds, demand: demand, at: early + 1)?.requests == 300_000)
    }
}
