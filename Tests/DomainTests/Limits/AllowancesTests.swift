import Domain
import Testing

@Suite struct `Allowances of a node` {
    private let key: LimitKey

    init() throws { self.key = LimitKey(try #require(Name("rate"))) }

    private func limit(requests: Int64? = nil, tokens: Int64? = nil, concurrent: Int64? = nil) -> Limit {
        Limit(
            name: self.key.limit,
            requestsPerMinute: requests,
            tokensPerMinute: tokens,
            concurrent: concurrent
        )
    }

    /// What is let through of one request a millisecond, or of every `step`-th.
    private func pressed(
        _ allowances: inout Allowances,
        _ limit: Limit,
        _ times: Range<Int64>,
        step: Int64 = 1
    ) -> [Int64] {
        stride(from: times.lowerBound, to: times.upperBound, by: Int.Stride(step)).filter { now in
            guard case .passed(let taken, _) = allowances.take([.init(limit, tokens: 5)], at: now) else { return false }
            allowances.settle(taken, tokens: 5)
            return true
        }
    }

    private func told(_ limit: Limit, _ amounts: LimitAmounts, valid: Int64 = 10_000_000) throws -> Allowances {
        var allowances = Allowances()
        guard case .passed(let taken, _) = allowances.take([.init(limit, tokens: 1)], at: 0) else {
            throw Unexpected()
        }
        allowances.void(taken)
        let call = try self.said(&allowances, at: 0)
        let share = LimitShare(self.key, amounts)
        allowances.hear(.init(round: call.round, validMilliseconds: valid, shares: [share]), sent: 0, at: 0)
        return allowances
    }

    private struct Unexpected: Error {}

    private func said(_ allowances: inout Allowances, at now: Int64) throws -> LimitCall {
        guard let call = allowances.call(at: now) else { throw Unexpected() }
        return call
    }

    @Test(arguments: [1, 7, 60, 150, 600, 6_000] as [Int64])
    func `no minute lets through more than its rate and one, and all but a fiftieth of it where enough come`(
        _ rate: Int64
    ) throws {
        let limit = self.limit(requests: rate)
        var allowances = try self.told(limit, LimitAmounts(requests: rate * 1_000))
        let passed = self.pressed(&allowances, limit, 1..<240_000, step: 3)
        var (first, most) = (0, 0)
        for (index, time) in passed.enumerated() {
            while passed[first] <= time - 60_000 { first += 1 }
            most = max(most, index - first + 1)
        }
        #expect(most <= rate + 1, "\(most)")
        #expect(Int64(passed.count) * 50 >= (4 * rate - 4) * 49, "\(passed.count)")
    }

    @Test func `after a rest no more passes at once than in a minute that is used evenly`() throws {
        let limit = self.limit(requests: 600)
        var allowances = try self.told(limit, LimitAmounts(requests: 600_000))
        _ = self.pressed(&allowances, limit, 500_000..<500_001)
        let passed = self.pressed(&allowances, limit, 560_000..<620_000)
        #expect(
            passed.count <= 601
                && passed.prefix(8) == [560_000, 560_001, 560_002, 560_003, 560_004, 560_005, 560_006, 560_007]
        )
    }

    @Test func `before a first share one passes, and without any an equal part does`() throws {
        let limit = self.limit(requests: 600)
        var allowances = Allowances()
        allowances.nodes = 4
        #expect(self.pressed(&allowances, limit, 0..<3_000) == [0])
        #expect(allowances.hasNews)
        let passed = self.pressed(&allowances, limit, 3_000..<63_000)
        #expect((147...151).contains(passed.count), "\(passed.count)")
    }

    @Test func `a share that was not renewed decays to an equal part`() throws {
        let limit = self.limit(requests: 600)
        var allowances = try self.told(limit, LimitAmounts(requests: 480_000), valid: 15_000)
        allowances.nodes = 4
        #expect(allowances.share(of: self.key, at: 14_999)?.requests == 480_000)
        #expect(allowances.share(of: self.key, at: 15_000) == nil)
        _ = self.pressed(&allowances, limit, 0..<16_000)
        #expect((147...151).contains(self.pressed(&allowances, limit, 16_000..<76_000).count))
    }

    @Test func `a lowered share is kept at once, and told at once`() throws {
        let limit = self.limit(requests: 600)
        var allowances = try self.told(limit, LimitAmounts(requests: 480_000))
        #expect(!allowances.hasNews)
        let call = try self.said(&allowances, at: 5)
        #expect(call.asks.map(\.holds.requests) == [480_000])
        let lower = LimitShare(self.key, LimitAmounts(requests: 60_000))
        allowances.hear(.init(round: call.round - 1, validMilliseconds: 9, shares: [lower]), sent: 5, at: 9)
        #expect(allowances.share(of: self.key, at: 9)?.requests == 480_000, "the answer to an older call")
        allowances.hear(.init(round: call.round, validMilliseconds: 99, shares: [lower]), sent: 5, at: 9)
        #expect(allowances.hasNews)
        let next = try self.said(&allowances, at: 9)
        #expect(next.asks.map(\.holds.requests) == [60_000] && !allowances.hasNews)
    }

    @Test func `a limit that is lowered is kept before a share of it comes`() throws {
        var allowances = try self.told(self.limit(requests: 600), LimitAmounts(requests: 600_000))
        _ = self.pressed(&allowances, self.limit(requests: 60), 10_000..<10_001)
        #expect(allowances.share(of: self.key, at: 10_001)?.requests == 60_000)
    }

    @Test func `tokens pass on credit, and what was not used comes back`() throws {
        let limit = self.limit(tokens: 6_000)
        var allowances = try self.told(limit, LimitAmounts(tokens: 6_000_000))
        guard case .passed(let taken, let standing) = allowances.take([.init(limit, tokens: 3_000)], at: 0) else {
            throw Unexpected()
        }
        #expect(standing.tokens?.remaining == 0 && standing.tokens?.limit == 6_000 && standing.requests == nil)
        guard case .over(let overrun, _) = allowances.take([.init(limit, tokens: 1)], at: 0) else { throw Unexpected() }
        #expect(overrun.measure == .tokens && overrun.milliseconds == 30_000)
        allowances.settle(taken, tokens: 100)
        guard case .over(let later, _) = allowances.take([.init(limit, tokens: 1)], at: 0) else { throw Unexpected() }
        #expect(later.milliseconds == 1_000, "a hundred tokens at a hundred a second")
        guard case .passed = allowances.take([.init(limit, tokens: 1)], at: 1_000) else { throw Unexpected() }
    }

    @Test func `so many are under way as its share says, and what is not needed is as if it had not been`() throws {
        let limit = self.limit(requests: 60, concurrent: 9)
        var allowances = try self.told(limit, LimitAmounts(requests: 60_000, concurrent: 1))
        guard case .passed(let taken, _) = allowances.take([.init(limit, tokens: 1)], at: 10) else {
            throw Unexpected()
        }
        guard case .over(let overrun, _) = allowances.take([.init(limit, tokens: 1)], at: 20) else {
            throw Unexpected()
        }
        #expect(overrun.measure == .concurrent && overrun.limit == limit)
        let ask = try self.said(&allowances, at: 20).asks[0]
        #expect(ask.holds.concurrent == 1 && ask.demand.concurrent == 2)
        allowances.void(taken)
        guard case .passed = allowances.take([.init(limit, tokens: 1)], at: 20) else { throw Unexpected() }
    }

    @Test func `all limits of an exchange let it through, or none counts it`() throws {
        let other = Limit(name: try #require(Name("other")), requestsPerMinute: 1)
        let limit = self.limit(requests: 600)
        var allowances = try self.told(limit, LimitAmounts(requests: 600_000))
        let both = [limit, other].map { Allowances.Claim($0, tokens: 1) }
        guard case .passed(_, let standing) = allowances.take(both, at: 1_000) else { throw Unexpected() }
        #expect(standing.requests == .init(limit: 1, remaining: 0, resetMilliseconds: 3_000), "the tightest")
        guard case .over(let overrun, let left) = allowances.take(both, at: 1_000) else { throw Unexpected() }
        #expect(overrun.limit == other && left.requests?.remaining == 0)
        #expect(self.pressed(&allowances, limit, 1_000..<1_007).count == 7, "the other was not charged")
    }

    @Test func `whom a limit counts apart has an allowance of its own, up to a bound, and idle ones are forgotten`()
        throws
    {
        let limit = self.limit(requests: 60)
        var allowances = Allowances()
        for unit in 0...Allowances.keysMax {
            guard case .passed(let taken, _) = allowances.take([.init(limit, unit: "u\(unit)", tokens: 1)], at: 0)
            else {
                throw Unexpected()
            }
            allowances.settle(taken, tokens: 1)
        }
        guard case .over = allowances.take([.init(limit, unit: "one more", tokens: 1)], at: 0) else {
            throw Unexpected()
        }
        #expect(try self.said(&allowances, at: 1).asks.count == Allowances.keysMax + 1)
        #expect(try self.said(&allowances, at: 60_000).asks.isEmpty, "it says that it holds nothing any more")
        let last = allowances.call(at: 60_001)
        #expect(last == nil && allowances.isEmpty)
    }
}
