import Domain
import TestSupport
import Testing

@Suite struct `Prices` {
    private func price(_ input: Int64, _ cached: Int64?, _ output: Int64, version: UInt32 = 1, from: Int64 = 0) -> Price
    {
        Price(
            version: version,
            from: Timestamp(unixMilliseconds: from),
            input: Money(nanoDollars: input),
            cachedInput: cached.map(Money.init(nanoDollars:)),
            output: Money(nanoDollars: output)
        )
    }

    @Test func `a cost is rounded up once, over all kinds together`() {
        // Three thirds of a nano-dollar are one, not three.
        let price = self.price(333_334, 333_333, 333_333)
        #expect(price.cost(of: TokenCounts(input: 1, cachedInput: 1, output: 1)) == Money(nanoDollars: 1))
        #expect(price.cost(of: TokenCounts(input: 1)) == Money(nanoDollars: 1))
        #expect(price.cost(of: TokenCounts(input: 0, cachedInput: 0, output: 0)) == .zero)
        #expect(self.price(1_000_000, nil, 0).cost(of: TokenCounts(input: 7)) == Money(nanoDollars: 7))
        #expect(self.price(1_000_001, nil, 0).cost(of: TokenCounts(input: 1)) == Money(nanoDollars: 2))
    }

    @Test func `an absent count adds nothing, and a cache without a price costs as much as input`() {
        let price = self.price(2_000_000, nil, 3_000_000)
        #expect(price.cost(of: .unknown) == .zero)
        #expect(price.cost(of: TokenCounts(cachedInput: 5)) == Money(nanoDollars: 10))
        #expect(price.cost(of: TokenCounts(output: 5)) == Money(nanoDollars: 15))
    }

    @Test func `no count and no rate traps`() {
        let edges: [Int64] = [.min, -1, 0, 1, 999_999, 1_000_000, 1_000_001, .max - 1, .max]
        for rate in edges {
            for count in edges {
                let tokens = TokenCounts(input: count, cachedInput: count, output: count)
                let cost = self.price(rate, rate, rate).cost(of: tokens)
                if rate < 0 || count < 0 { #expect(cost == nil) }
                if let cost { #expect(cost >= .zero) }
            }
        }
        #expect(self.price(.max, .max, .max).cost(of: TokenCounts(input: .max, cachedInput: .max, output: .max)) == nil)
    }

    @Test func `clamped counts at rates within bounds always have a cost`() {
        let dearest = self.price(Rates.rateMax.nanoDollars, Rates.rateMax.nanoDollars, Rates.rateMax.nanoDollars)
        #expect(dearest.tariff.isWithinBounds)
        let most = TokenCounts(input: .max, cachedInput: .max, output: .max).clamped
        #expect(dearest.cost(of: most) == Money(nanoDollars: 2_000_000_000_000_000_000))
        #expect(!self.price(Rates.rateMax.nanoDollars + 1, nil, 0).tariff.isWithinBounds)
        #expect(!self.price(0, -1, 0).tariff.isWithinBounds)
    }

    @Test func `splitting usage over attempts never makes it cheaper, nor dearer than a nano-dollar each`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<500 {
            let price = self.price(
                .random(in: 0...1_000_000_000_000, using: &random),
                .random(in: 0...1_000_000_000_000, using: &random),
                .random(in: 0...1_000_000_000_000, using: &random)
            )
            let parts = (0..<4).map { _ in
                TokenCounts(
                    input: .random(in: 0...1_000_000, using: &random),
                    cachedInput: .random(in: 0...1_000_000, using: &random),
                    output: .random(in: 0...1_000_000, using: &random)
                )
            }
            let whole = TokenCounts(
                input: parts.compactMap(\.input).reduce(0, +),
                cachedInput: parts.compactMap(\.cachedInput).reduce(0, +),
                output: parts.compactMap(\.output).reduce(0, +)
            )
            let cost = try #require(price.cost(of: whole)).nanoDollars
            let sum = parts.compactMap { price.cost(of: $0)?.nanoDollars }.reduce(0, +)
            #expect((cost..<(cost + 4)).contains(sum))
        }
    }

    @Test func `the price in force is the latest that has begun`() {
        let prices = [
            self.price(1, nil, 1, version: 1, from: 0), self.price(2, nil, 2, version: 3, from: 100),
            self.price(3, nil, 3, version: 2, from: 100), self.price(4, nil, 4, version: 4, from: 200),
        ]
        func version(at time: Int64) -> UInt32? {
            prices.shuffled().inForce(at: Timestamp(unixMilliseconds: time))?.version
        }
        #expect(version(at: -1) == nil)
        #expect(version(at: 0) == 1)
        #expect(version(at: 99) == 1)
        #expect(version(at: 100) == 3)
        #expect(version(at: 200) == 4)
        #expect([Price]().inForce(at: Timestamp(unixMilliseconds: 0)) == nil)
    }
}
