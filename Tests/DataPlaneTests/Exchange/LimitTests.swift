import Domain
import Testing

@testable import DataPlane

@Suite struct `Limits of an exchange` {
    private static func limit(
        _ text: String,
        scope: Scope = Scope(),
        per: Division = .none
    ) throws -> Limit {
        Limit(name: try name(text), scope: scope, per: per, requestsPerMinute: 600, tokensPerMinute: 9, concurrent: 5)
    }

    private static func bench(
        _ limits: [Limit],
        budgets: [Budget] = [],
        providers: [String] = ["one"]
    ) throws
        -> ExchangeBench
    {
        let providers: [Provider] = try providers.map { try .fixture($0) }
        return try ExchangeBench(.fixture(providers: providers, budgets: budgets, limits: limits))
    }

    private static let tokens = Int64(Chat.request().utf8.count) + 1_024

    private static func answered(_ bench: ExchangeBench) {
        bench.opened()
        bench.replied(200)
        bench.repliedBody(Chat.reply)
        bench.repliedEnd()
    }

    @Test func `an exchange passes the limits that match it, once, and its tokens are counted at its end`() throws {
        let bench = try Self.bench([
            try Self.limit("everything"), try Self.limit("mine", scope: Scope(team: try name("demo")), per: .key),
            try Self.limit("others", scope: Scope(team: try name("other"))),
        ])
        bench.request(Chat.request())
        let claims = bench.gate.claims
        #expect(claims.map { $0.map(\.limit.name.text) } == [["everything", "mine"]])
        #expect(claims[0].map(\.unit) == ["", "key-1"] && claims[0].map(\.tokens) == [Self.tokens, Self.tokens])
        #expect(bench.gate.ended.isEmpty)
        Self.answered(bench)
        let counts = bench.ended[0].tokens
        let sum = (counts.input ?? 0) + (counts.output ?? 0)
        #expect(sum > 0 && bench.gate.ended == [.init(limits: ["everything", "mine"], tokens: sum)])
        bench.checkSettled()
    }

    @Test func `every reply says what is left, as OpenAI's do`() throws {
        let bench = try Self.bench([try Self.limit("everything")])
        bench.request(Chat.request())
        Self.answered(bench)
        let fields = try #require(bench.head?.fields)
        #expect(bench.head?.status == 200 && fields["x-ratelimit-limit-requests"] == "600")
        #expect(fields["x-ratelimit-remaining-requests"] == "2" && fields["x-ratelimit-reset-requests"] == "340ms")
        #expect(fields["x-ratelimit-limit-tokens"] == nil, "that limit says nothing of tokens")
        let unlimited = try Self.bench([])
        unlimited.request(Chat.request())
        Self.answered(unlimited)
        #expect(unlimited.gate.claims.isEmpty && unlimited.head?.fields["x-ratelimit-limit-requests"] == nil)
    }

    @Test func `beyond a limit it is 429, names the limit, says when to come again, and is no attempt`() throws {
        for (measure, what) in [
            (.requests, "600 requests a minute"), (.tokens, "9 tokens a minute"), (.concurrent, "5 requests at once"),
        ] as [(LimitMeasure, String)] {
            let limit = try Self.limit("tight")
            let bench = try Self.bench([limit])
            bench.gate.useUp(limit.name, measure)
            bench.request(Chat.request())
            #expect(bench.head?.status == 429 && bench.head?.fields["martlet-error"] == "rate_limit_exceeded")
            #expect(bench.head?.fields["retry-after"] == "60" && bench.body.contains("'tight' lets through \(what)"))
            #expect(bench.head?.fields["x-ratelimit-limit-requests"] == "600")
            #expect(bench.denied.map(\.code) == [.rateLimitExceeded] && bench.connects.isEmpty)
            #expect(bench.denied[0].target.route?.text == "assistant" && bench.head?.fields["martlet-attempts"] == nil)
            bench.checkSettled()
        }
    }

    @Test func `a model over its limit is left out, and the next one is tried as if it had not been there`() throws {
        let ofModel = try Self.limit("first", scope: Scope(model: try name("one/small")))
        let bench = try Self.bench(
            [try Self.limit("everything"), ofModel, try Self.limit("each", per: .provider)],
            providers: ["one", "two"]
        )
        bench.gate.useUp(ofModel.name)
        bench.request(Chat.request())
        let claimed = bench.gate.claims.map { $0.map(\.limit.name.text) }
        #expect(claimed == [["everything"], ["each", "first"], ["each"]])
        #expect(bench.gate.claims[2].map(\.unit) == ["two"])
        Self.answered(bench)
        #expect(bench.ended.map(\.attempt) == [1] && bench.ended[0].target.provider?.text == "two")
        #expect(bench.gate.ended.map(\.limits) == [["each"], ["everything"]])
        bench.checkSettled()
    }

    @Test func `where all models are over their limits it is 429, and counts nowhere`() throws {
        let each = try Self.limit("each", per: .model)
        let bench = try Self.bench([try Self.limit("everything"), each], providers: ["one", "two"])
        bench.gate.useUp(each.name)
        bench.request(Chat.request())
        #expect(bench.head?.status == 429 && bench.denied.count == 1 && bench.ended.isEmpty)
        #expect(bench.gate.ended == [.init(limits: ["everything"], tokens: nil)])
        bench.checkSettled()
    }

    @Test func `an attempt that cannot be paid for gives back what it took, and one that failed keeps it`() throws {
        let dear = Budget(
            name: try name("dear"),
            scope: Scope(provider: try name("one")),
            amount: Money(nanoDollars: 1),
            period: BudgetPeriod(.month)
        )
        let limits = [try Self.limit("everything"), try Self.limit("each", per: .model)]
        let bench = try Self.bench(limits, budgets: [dear], providers: ["one", "two"])
        bench.request(Chat.request())
        bench.unaffordable(.exceeded(dear.name))
        #expect(bench.gate.ended == [.init(limits: ["each"], tokens: nil)])
        bench.connectFailed()
        #expect(bench.head?.status == 502)
        #expect(bench.gate.ended.dropFirst().map(\.tokens) == [0, 0], "nothing was sent")
        bench.checkSettled()
    }

    @Test func `a caller that hangs up while its money is awaited gives back what it took`() throws {
        let budget = Budget(name: try name("b"), amount: Money(nanoDollars: 1), period: BudgetPeriod(.month))
        let limits = [try Self.limit("everything"), try Self.limit("each", per: .model)]
        let bench = try Self.bench(limits, budgets: [budget])
        bench.request(Chat.request())
        bench.hangUp()
        #expect(bench.gate.ended.map(\.tokens) == [0, 0])
        bench.checkSettled()
    }

    @Test func `times are written as OpenAI writes them`() {
        for (milliseconds, text) in [
            (0, "0ms"), (340, "340ms"), (8_640, "8.64s"), (60_000, "1m0s"), (371_001, "6m12s"),
        ] as [(Int64, String)] {
            #expect(Fields.duration(milliseconds) == text)
        }
    }
}
