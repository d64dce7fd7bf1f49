import Domain
import Testing

@Suite struct `What an attempt is charged` {
    private let price = Price(
        version: 1,
        from: Timestamp(unixMilliseconds: 0),
        input: Money(nanoDollars: 1_000_000),
        cachedInput: Money(nanoDollars: 500_000),
        output: Money(nanoDollars: 4_000_000)
    )
    private let bound = AttemptBound(inputMax: 100, outputMax: 50, toldInputMax: 1_000, toldOutputMax: 200)

    private func settle(_ ending: Settlement.Ending) -> Settlement {
        Settlement(of: ending, bound: self.bound, price: self.price)
    }

    @Test(arguments: [Settlement.Ending.notSent, .refused])
    func `what no provider bills is known to be nothing`(ending: Settlement.Ending) {
        let settlement = self.settle(ending)
        #expect(settlement.tokens == TokenCounts(input: 0, cachedInput: 0, output: 0))
        #expect(settlement.cost == .zero)
        #expect(!settlement.isUnconfirmed)
    }

    @Test func `a fee is due where a provider may bill, and nowhere else`() {
        let price = Price(
            version: 1,
            from: Timestamp(unixMilliseconds: 0),
            tariff: Tariff(Rates(input: .zero, output: .zero), perCall: Money(nanoDollars: 9))
        )
        for ending in [Settlement.Ending.notSent, .refused] {
            #expect(Settlement(of: ending, bound: self.bound, price: price).cost == .zero)
        }
        let told = Settlement.Ending.providerCount(TokenCounts(input: 0, cachedInput: 0, output: 0))
        for ending in [told, .seen(outputTokens: 0), .unseen] {
            #expect(Settlement(of: ending, bound: self.bound, price: price).cost == Money(nanoDollars: 9))
        }
    }

    @Test func `a count is billed at the tier that was told with it, and one that nobody told at the dearest`() {
        let one = Money(nanoDollars: 1_000_000)
        let three = Money(nanoDollars: 3_000_000)
        let tiers = [
            RateTable(Rates(input: .zero, output: .zero), of: .flex),
            RateTable(Rates(input: three, output: three), of: .priority),
        ]
        let tariff = Tariff(Rates(input: one, output: one), others: tiers)
        let price = Price(version: 1, from: Timestamp(unixMilliseconds: 0), tariff: tariff)
        func cost(_ ending: Settlement.Ending) -> Int64 {
            Settlement(of: ending, bound: self.bound, price: price).cost.nanoDollars
        }
        var told = TokenCounts(input: 7, output: 3)
        #expect(cost(.providerCount(told)) == 10)
        told.serviceTier = .flex
        #expect(cost(.providerCount(told)) == 0)
        told.serviceTier = .priority
        #expect(cost(.providerCount(told)) == 30)
        #expect(cost(.seen(outputTokens: 3)) == 309)
        #expect(cost(.unseen) == 450)
    }

    @Test func `an attempt never costs more than the worst case of its bounds`() throws {
        let tariff = Tariff(
            Rates {
                [.input: 2, .output: 3, .inputAudio: 40, .outputAudio: 80][$0].map {
                    Money(nanoDollars: $0 * 1_000_000)
                }
            }
                ?? Rates(input: .zero, output: .zero),
            others: [RateTable(Rates(input: Money(nanoDollars: 90_000_000), output: .zero), aboveInputTokens: 500)]
        )
        let price = Price(version: 1, from: Timestamp(unixMilliseconds: 0), tariff: tariff)
        let worst = try #require(price.worstCost(input: self.bound.toldInputMax, output: self.bound.toldOutputMax))
        for input in [0, 7, 500, 501, 1_000, Int64.max] {
            for audio in [0, 9, 1_000, Int64.max] {
                var told = TokenCounts(input: input, output: audio)
                told.inputAudio = audio
                told.outputAudio = input
                #expect(Settlement(of: .providerCount(told), bound: self.bound, price: price).cost <= worst)
            }
        }
    }

    @Test func `the provider's own count is believed`() {
        let settlement = self.settle(.providerCount(TokenCounts(input: 7, cachedInput: 2, output: 3)))
        #expect(settlement.source == .provider)
        #expect(settlement.cost == Money(nanoDollars: 7 + 1 + 12))
        #expect(!settlement.isUnconfirmed)
        let withoutCache = self.settle(.providerCount(TokenCounts(input: 7, output: 3)))
        #expect(withoutCache.tokens.cachedInput == nil)
        #expect(!withoutCache.isUnconfirmed)
    }

    @Test func `half a count is filled up with the worst case and marked`() {
        let settlement = self.settle(.providerCount(TokenCounts(input: 7)))
        #expect(settlement.tokens == TokenCounts(input: 7, output: 50))
        #expect(settlement.isUnconfirmed)
        #expect(settlement.source == .estimated)
    }

    @Test func `a cut answer is charged what was seen of it`() {
        let settlement = self.settle(.seen(outputTokens: 9))
        #expect(settlement.tokens == TokenCounts(input: 100, output: 9))
        #expect(settlement.cost == Money(nanoDollars: 100 + 36))
        #expect(settlement.source == .counted)
        #expect(settlement.isUnconfirmed)
    }

    @Test func `what was sent and never seen again is charged in full`() {
        let settlement = self.settle(.unseen)
        #expect(settlement.tokens == TokenCounts(input: 100, output: 50))
        #expect(settlement.cost == Money(nanoDollars: 100 + 200))
        #expect(settlement.source == .estimated)
        #expect(settlement.isUnconfirmed)
    }

    @Test func `a count beyond belief is clamped and marked, and never traps`() {
        let settlement = self.settle(.providerCount(TokenCounts(input: .max, output: -1)))
        #expect(settlement.tokens == TokenCounts(input: 1_000, output: 0))
        #expect(settlement.isUnconfirmed && settlement.source == .estimated)
    }

    @Test func `no count is believed beyond what the model can take and make`() {
        let absurd: [Int64] = [.min, -5, .max]
        for input in absurd + [7] {
            for cached in absurd + [2] {
                for output in absurd + [3] {
                    let told = TokenCounts(input: input, cachedInput: cached, output: output)
                    let settlement = self.settle(.providerCount(told))
                    #expect(settlement.cost <= Money(nanoDollars: 1_000 + 200 * 4), "\(told)")
                    #expect(settlement.isUnconfirmed == (told != TokenCounts(input: 7, cachedInput: 2, output: 3)))
                }
            }
        }
        // More than was asked for, but not more than the model can do: an image's tokens, a cap that was not obeyed.
        let large = self.settle(.providerCount(TokenCounts(input: 1_000, output: 200)))
        #expect(large.tokens == TokenCounts(input: 1_000, output: 200) && !large.isUnconfirmed)
        let both = self.settle(.providerCount(TokenCounts(input: 900, cachedInput: 101, output: 1)))
        #expect(both.tokens.cachedInput == 100 && both.isUnconfirmed)
    }

    @Test func `a later count holds where it tells something`() {
        let first = TokenCounts(input: 5, cachedInput: 4, output: 1)
        #expect(first.updated(by: .unknown) == first)
        #expect(first.updated(by: TokenCounts(output: 9)) == TokenCounts(input: 5, cachedInput: 4, output: 9))
        #expect(first.updated(by: TokenCounts(input: 9)) == TokenCounts(input: 9, output: 1))
        #expect(TokenCounts.unknown.updated(by: first) == first)
    }

    @Test func `a bound is the body, never more than the context, and never overflows`() throws {
        let model = try #require(SnapshotFixture().models.first)
        let bound = AttemptBound(bodyByteCount: 300, outputCap: 64, choices: 3, model: model)
        let context = model.context
        func expected(_ input: Int64, _ output: Int64, _ told: Int64) -> AttemptBound {
            AttemptBound(inputMax: input, outputMax: output, toldInputMax: context, toldOutputMax: told)
        }
        #expect(bound == expected(300, 192, max(64, model.maxOutput) * 3))
        let wild = AttemptBound(bodyByteCount: .max, outputCap: .max, choices: .max, model: model)
        #expect(wild == expected(context, TokenCounts.countMax, TokenCounts.countMax))
        let negative = AttemptBound(bodyByteCount: 0, outputCap: -5, choices: -5, model: model)
        #expect(negative == expected(0, 0, model.maxOutput))
    }
}
