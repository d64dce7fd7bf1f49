import Domain
import TestSupport
import Testing

@Suite struct `Tariffs` {
    private func money(_ nanoDollars: Int64) -> Money { Money(nanoDollars: nanoDollars) }

    private func rates(_ input: Int64, _ output: Int64, _ others: [TokenKind: Int64] = [:]) -> Rates {
        let all = others.merging([.input: input, .output: output]) { $1 }
        return Rates { all[$0].map(Money.init(nanoDollars:)) } ?? Rates(input: .zero, output: .zero)
    }

    private func tokens(_ counts: [TokenKind: Int64], at tier: ServiceTier? = nil) -> TokenCounts {
        var tokens = TokenCounts()
        for (kind, count) in counts { tokens[kind] = count }
        tokens.serviceTier = tier
        return tokens
    }

    @Test func `each kind of token costs its own rate`() {
        var written: [TokenKind: Int64] = [:]
        for (index, kind) in TokenKind.allCases.enumerated() { written[kind] = Int64(index + 1) * 1_000_000 }
        let tariff = Tariff(self.rates(1_000_000, 7_000_000, written))
        for (index, kind) in TokenKind.allCases.enumerated() where kind != .output {
            #expect(tariff.cost(of: self.tokens([kind: 3])) == self.money(Int64(index + 1) * 3), "\(kind)")
        }
        let all = Dictionary(uniqueKeysWithValues: TokenKind.allCases.map { ($0, Int64(1)) })
        #expect(tariff.cost(of: self.tokens(all)) == self.money(55))
    }

    @Test func `a kind without a rate costs what its side's ordinary kind does`() {
        let tariff = Tariff(self.rates(2_000_000, 5_000_000))
        for kind in TokenKind.allCases {
            #expect(tariff.cost(of: self.tokens([kind: 1])) == self.money(kind.isInput ? 2 : 5), "\(kind)")
        }
        // A write for an hour is never cheaper than one for minutes.
        let writes = Tariff(self.rates(2_000_000, 5_000_000, [.cacheWrite: 3_000_000]))
        #expect(writes.cost(of: self.tokens([.cacheWrite1h: 1])) == self.money(3))
    }

    @Test func `input above a tier's size is billed at its rates, all of it, whatever kinds it has`() {
        let large = RateTable(self.rates(4_000_000, 9_000_000), aboveInputTokens: 100)
        let tariff = Tariff(self.rates(2_000_000, 5_000_000, [.cachedInput: 1_000_000]), others: [large])
        #expect(tariff.cost(of: self.tokens([.input: 100, .output: 1])) == self.money(205))
        #expect(tariff.cost(of: self.tokens([.input: 101, .output: 1])) == self.money(413))
        // 40 + 61 tokens are above it too, and the tier's missing cache rate is no discount.
        #expect(tariff.cost(of: self.tokens([.input: 40, .cachedInput: 61])) == self.money(404))
        #expect(tariff.cost(of: self.tokens([.input: 40, .cachedInput: 60])) == self.money(140))
    }

    @Test func `of several tiers the largest that is passed counts`() {
        let tiers = [300, 100, 200].map { RateTable(self.rates($0 * 1_000_000, 0), aboveInputTokens: $0) }
        let tariff = Tariff(self.rates(1_000_000, 0), others: tiers)
        for (count, rate) in [(100, 1), (101, 100), (200, 100), (201, 200), (300, 200), (301, 300)] as [(Int64, Int64)]
        {
            #expect(tariff.cost(of: self.tokens([.input: count])) == self.money(count * rate))
        }
    }

    @Test func `what a tier does not write costs no less than the standard rate of its kind`() {
        let audio = self.rates(1_000_000, 1_000_000, [.inputAudio: 30_000_000, .cachedInput: 100_000])
        let batch = RateTable(self.rates(500_000, 500_000), of: .batch)
        let tariff = Tariff(audio, others: [batch])
        #expect(tariff.cost(of: self.tokens([.inputAudio: 1], at: .batch)) == self.money(30))
        // The standard tier has a rate for cached input, and batch's ordinary input is dearer: that one holds.
        #expect(tariff.cost(of: self.tokens([.cachedInput: 2], at: .batch)) == self.money(1))
    }

    @Test func `a service tier without rates for a size costs no less than the standard one there`() {
        let large = RateTable(self.rates(4_000_000, 0), aboveInputTokens: 100)
        let flex = RateTable(self.rates(1_000_000, 0), of: .flex)
        let priority = RateTable(self.rates(6_000_000, 0), of: .priority)
        let tariff = Tariff(self.rates(2_000_000, 0), others: [priority, flex, large])
        #expect(tariff.cost(of: self.tokens([.input: 100], at: .flex)) == self.money(100))
        #expect(tariff.cost(of: self.tokens([.input: 101], at: .flex)) == self.money(404))
        #expect(tariff.cost(of: self.tokens([.input: 101], at: .priority)) == self.money(606))
        #expect(tariff.cost(of: self.tokens([.input: 101], at: .batch)) == self.money(404))
        #expect(tariff.cost(of: self.tokens([.input: 10])) == self.money(20))
        #expect(tariff.dearestCost(of: self.tokens([.input: 10])) == self.money(60))
    }

    @Test func `the fee is added once, after rounding`() {
        let tariff = Tariff(self.rates(1, 1), perCall: self.money(1_000))
        #expect(tariff.cost(of: .unknown) == self.money(1_000))
        #expect(tariff.cost(of: self.tokens([.input: 1, .output: 1])) == self.money(1_001))
        #expect(tariff.worstCost(input: 0, output: 0) == self.money(1_000))
        #expect(Tariff(self.rates(1, 1), perCall: .max).cost(of: self.tokens([.input: 1])) == nil)
    }

    @Test func `bounds hold for every table, and no two are for the same requests`() {
        let rates = self.rates(1, 1)
        func isGood(_ others: [RateTable], perCall: Int64 = 0) -> Bool {
            Tariff(rates, perCall: self.money(perCall), others: others).isWithinBounds
        }
        let base = RateTable(rates, of: .flex)
        #expect(
            isGood([base, RateTable(rates, of: .flex, aboveInputTokens: 5), RateTable(rates, aboveInputTokens: 5)])
        )
        #expect(!isGood([RateTable(rates)]))
        #expect(!isGood([base, base]))
        #expect(!isGood([RateTable(rates, of: .flex, aboveInputTokens: 5)]))
        #expect(!isGood([RateTable(rates, aboveInputTokens: 5), RateTable(rates, aboveInputTokens: 5)]))
        #expect(!isGood([RateTable(rates, aboveInputTokens: -1)]))
        #expect(!isGood([RateTable(rates, aboveInputTokens: TokenCounts.countMax + 1)]))
        #expect(!isGood([RateTable(self.rates(1, 1, [.reasoning: -1]), of: .flex)]))
        #expect(!isGood([], perCall: -1))
        #expect(!isGood([], perCall: Tariff.perCallMax.nanoDollars + 1))
        #expect(!isGood((1...64).map { RateTable(rates, aboveInputTokens: $0) }))
    }

    // MARK: - The worst case

    private func anyTariff(_ random: inout SeededGenerator) -> Tariff {
        func anyRates() -> Rates {
            var others: [TokenKind: Int64] = [:]
            for kind in TokenKind.allCases where Bool.random(using: &random) {
                others[kind] = .random(in: 0...100_000_000_000, using: &random)
            }
            let ordinary = (0..<2).map { _ in Int64.random(in: 0...100_000_000_000, using: &random) }
            return self.rates(ordinary[0], ordinary[1], others.filter { $0.key != .input && $0.key != .output })
        }
        var others: [RateTable] = []
        for tier in ServiceTier.allCases where Bool.random(using: &random) {
            if tier != .standard { others.append(RateTable(anyRates(), of: tier)) }
            for size in Set((0..<3).map { _ in Int64.random(in: 1...1_000, using: &random) }) {
                others.append(RateTable(anyRates(), of: tier, aboveInputTokens: size))
            }
        }
        return Tariff(anyRates(), perCall: self.money(.random(in: 0...1_000, using: &random)), others: others)
    }

    private func anySplit(
        _ total: Int64,
        over kinds: [TokenKind],
        _ random: inout SeededGenerator
    ) -> [TokenKind: Int64] {
        var split: [TokenKind: Int64] = [:]
        var rest = total
        for kind in kinds.shuffled(using: &random) {
            split[kind] = .random(in: 0...rest, using: &random)
            rest -= split[kind] ?? 0
        }
        return split
    }

    @Test func `no split of tokens over kinds and tiers costs more than the worst case`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<300 {
            let tariff = self.anyTariff(&random)
            #expect(tariff.isWithinBounds)
            let (input, output) = (
                Int64.random(in: 0...1_200, using: &random), Int64.random(in: 0...500, using: &random)
            )
            let worst = try #require(tariff.worstCost(input: input, output: output))
            for _ in 0..<60 {
                let counts = self.anySplit(input, over: TokenKind.allCases.filter(\.isInput), &random)
                    .merging(self.anySplit(output, over: TokenKind.allCases.filter { !$0.isInput }, &random)) { $1 }
                var tokens = self.tokens(counts, at: ServiceTier.allCases.randomElement(using: &random))
                #expect(try #require(tariff.cost(of: tokens)) <= worst)
                tokens.serviceTier = nil
                #expect(try #require(tariff.dearestCost(of: tokens)) <= worst)
            }
        }
    }

    @Test func `the worst case is no more than some split can cost`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<300 {
            let tariff = Tariff(self.anyTariff(&random).standard, perCall: self.money(3))
            let worst = try #require(tariff.worstCost(input: 7, output: 9))
            var dearest = Money.zero
            for input in TokenKind.allCases.filter(\.isInput) {
                for output in TokenKind.allCases.filter({ !$0.isInput }) {
                    dearest = max(dearest, try #require(tariff.cost(of: self.tokens([input: 7, output: 9]))))
                }
            }
            #expect(dearest == worst)
        }
    }

    @Test func `no count and no rate traps`() {
        let edges: [Int64] = [.min, -1, 0, 1, .max]
        for rate in edges {
            let all = Dictionary(uniqueKeysWithValues: TokenKind.allCases.map { ($0, rate) })
            let rates = self.rates(rate, rate, all)
            let tariff = Tariff(rates, others: [RateTable(rates, of: .flex)])
            for count in edges {
                let counts = Dictionary(uniqueKeysWithValues: TokenKind.allCases.map { ($0, count) })
                let tokens = self.tokens(counts, at: .flex)
                let costs = [
                    tariff.cost(of: tokens), tariff.dearestCost(of: tokens),
                    tariff.worstCost(input: count, output: count),
                ]
                let isBad = count < 0 || rate < 0 || count == .max && rate == .max
                #expect(costs.allSatisfy { ($0 == nil) == isBad }, "\(count) at \(rate)")
            }
        }
    }
}
