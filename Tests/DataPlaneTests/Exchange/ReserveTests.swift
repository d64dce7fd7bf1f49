import Domain
import Testing

@testable import DataPlane

/// A dollar a million tokens in, two out: a body of n bytes and a cap of 1,024 may cost n + 2,048 millionths of a dollar.
@Suite struct `Money of an exchange` {
    private static func budget(
        _ text: String = "demo-month",
        scope: Scope = Scope(),
        per: Division = .none,
        isHard: Bool = true,
        cutsOff: Bool = false
    ) throws -> Budget {
        Budget(
            name: try name(text),
            scope: scope,
            per: per,
            amount: Money(nanoDollars: 1),
            period: BudgetPeriod(.month),
            isHard: isHard,
            cutsOff: cutsOff
        )
    }

    private static func bench(_ budgets: [Budget], providers: [String] = ["one"]) throws -> ExchangeBench {
        try ExchangeBench(.fixture(providers: try providers.map { try .fixture($0) }, budgets: budgets))
    }

    private static let worst = Money(nanoDollars: Int64(Chat.request().utf8.count) * 1_000 + 1_024 * 2_000)

    @Test func `an attempt holds its worst case of each budget that matches, and only then looks for a connection`()
        throws
    {
        let bench = try Self.bench([
            try Self.budget("everything"), try Self.budget("mine", scope: Scope(team: try name("demo")), per: .key),
            try Self.budget("others", scope: Scope(team: try name("other"))),
        ])
        bench.request(Chat.request())
        #expect(bench.connects.isEmpty && bench.exchange.phase == .reserving)
        let claims = [
            Purse.Claim(.init(try name("everything")), Self.worst),
            Purse.Claim(.init(try name("mine"), unit: "key-1"), Self.worst),
        ]
        #expect(bench.claims == [claims])
        bench.reserved()
        bench.opened()
        #expect(
            bench.begun.map(\.cost) == [Self.worst]
                && bench.begun[0].postings.map(\.budget.text) == ["everything", "mine"]
        )
        bench.replied(200)
        bench.repliedBody(Chat.reply)
        bench.repliedEnd()
        #expect(bench.ended[0].postings == bench.begun[0].postings && bench.ended[0].postings[1].unit == "key-1")
        #expect(bench.keeper.settled == [.init(held: Self.worst, cost: bench.ended[0].cost)])
        bench.checkSettled()
    }

    @Test func `without a budget nothing is held`() throws {
        let bench = try Self.bench([])
        bench.request(Chat.request())
        #expect(bench.claims.isEmpty && bench.connects.count == 1)
    }

    @Test func `a budget that cannot pay is 402, one that could not be asked is 503, and neither is an attempt`() throws
    {
        for (why, status, code) in [
            (.exceeded(try name("demo-month")), 402, "budget_exceeded"), (.uncovered, 503, "budget_unavailable"),
            (.unproved, 503, "budget_unavailable"),
        ] as [(LiveExchange.Unaffordable, Int, String)] {
            let bench = try Self.bench([try Self.budget()])
            bench.request(Chat.request())
            bench.unaffordable(why)
            #expect(bench.head?.status == status && bench.head?.fields["martlet-error"] == code)
            #expect((bench.head?.fields["retry-after"] != nil) == (status == 503))
            #expect(bench.denied.map(\.code?.rawValue) == [code] && bench.denied[0].target.route?.text == "assistant")
            #expect(bench.connects.isEmpty && bench.head?.fields["martlet-attempts"] == nil)
            bench.checkSettled()
        }
    }

    @Test func `the next model is tried where this one cannot be paid for, as if it had not been there`() throws {
        let dear = try Self.budget("dear", scope: Scope(provider: try name("one")))
        let bench = try Self.bench([dear, try Self.budget("all")], providers: ["one", "two"])
        bench.request(Chat.request())
        bench.unaffordable(.exceeded(dear.name))
        #expect(bench.claims.map(\.count) == [2, 1])
        bench.reserved()
        bench.opened()
        bench.replied(200)
        bench.repliedBody(Chat.reply)
        bench.repliedEnd()
        #expect(bench.ended.map(\.attempt) == [1] && bench.head?.fields["martlet-provider"] == "two")
        bench.checkSettled()
    }

    @Test func `each attempt holds for itself, and one that failed gives all back`() throws {
        let bench = try Self.bench([try Self.budget()], providers: ["one", "two"])
        bench.request(Chat.request())
        bench.reserved()
        bench.opened()
        bench.replied(500)
        bench.repliedEnd()
        #expect(bench.keeper.settled == [.init(held: Self.worst, cost: .zero)] && bench.exchange.phase == .reserving)
        bench.unaffordable(.uncovered)
        #expect(bench.ended.map(\.outcome) == [.failed, .denied] && bench.head?.status == 503)
        bench.checkSettled()
    }

    @Test func `whoever leaves while it waits has cost nothing, and money that comes late goes back`() throws {
        let bench = try Self.bench([try Self.budget()])
        bench.request(Chat.request())
        bench.hangUp()
        bench.checkSettled()
        bench.reserved()
        #expect(bench.keeper.settled == [.init(held: Self.worst, cost: .zero)] && bench.connects.isEmpty)
        #expect(bench.ended.map(\.cost) == [.zero] && bench.ended[0].outcome == .cancelled)
    }

    @Test func `a wait for money ends, and so it does when the node stops`() throws {
        for event in [{ $0.wake(afterMilliseconds: 4_000) }, { $0.stop() }] as [(ExchangeBench) -> Void] {
            let bench = try Self.bench([try Self.budget()])
            bench.request(Chat.request())
            bench.wake(afterMilliseconds: 100)
            #expect(bench.exchange.phase == .reserving)
            event(bench)
            #expect(bench.head?.status == 503)
            bench.checkSettled()
        }
    }

    @Test func `more budgets than can be charged at once are refused`() throws {
        let budgets = try (0...16).map { try Self.budget("budget-\($0)") }
        let bench = try Self.bench(budgets)
        bench.request(Chat.request())
        #expect(bench.head?.fields["martlet-error"] == "budget_unavailable" && bench.claims.isEmpty)
        let long = try (0..<12).map { try Self.budget(String(repeating: "b", count: 60) + "-\($0)") }
        let other = try Self.bench(long)
        other.request(Chat.request())
        #expect(other.head?.fields["martlet-error"] == "budget_unavailable")
    }

    @Test func `a soft budget is held too, and says what may pass without a lease`() throws {
        let bench = try Self.bench([try Self.budget("soft", isHard: false)])
        bench.request(Chat.request())
        #expect(bench.claims.map { $0.map(\.safeRate) } == [[.zero]], "a thousandth of very little")
    }

    @Test func `what is not in the body counts as all that the model takes, where money depends on it`() throws {
        let image = #"{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}"#
        let body = #"{"model":"assistant","messages":[{"role":"user","content":[\#(image)]}]}"#
        let bench = try Self.bench([try Self.budget()])
        bench.request(body)
        #expect(bench.claims[0][0].amount == Money(nanoDollars: 8_192 * 1_000 + 1_024 * 2_000))
    }

    // MARK: - Slabs

    private static func stream(cutsOff: Bool = true) throws -> ExchangeBench {
        let snapshot = try Snapshot.fixture(
            models: [.fixture(maxOutput: 4_096)],
            budgets: [try Self.budget("cutting", cutsOff: cutsOff), try Self.budget("whole")]
        )
        let bench = try ExchangeBench(snapshot)
        bench.request(Chat.request(stream: true))
        return bench
    }

    private static let input = Money(nanoDollars: Int64(Chat.request(stream: true).utf8.count) * 1_000)
    private static let slab = Money(nanoDollars: 1_024 * 2_000)

    private func say(_ count: Int, _ bench: ExchangeBench) {
        for _ in 0..<count where bench.settledCount == 0 { bench.repliedBody(Chat.chunk("word")) }
    }

    @Test func `a stream under a budget that cuts holds its first slab, and of other budgets all`() throws {
        let bench = try Self.stream()
        let whole = Self.input.clampedSum(with: Money(nanoDollars: 4_096 * 2_000))
        #expect(bench.claims[0].map(\.amount) == [Self.input.clampedSum(with: Self.slab), whole])
        let uncut = try Self.stream(cutsOff: false)
        #expect(uncut.claims[0].map(\.amount) == [whole, whole])
    }

    @Test func `it grows slab by slab ahead of its end, and the note of it grows with it`() throws {
        let bench = try Self.stream()
        bench.keeper.allow(extensions: 10)
        bench.reserved()
        bench.opened()
        #expect(bench.begun[0].cost == Self.input.clampedSum(with: Self.slab))
        bench.repliedStream()
        self.say(896, bench)
        #expect(bench.grown.isEmpty)
        self.say(1, bench)
        #expect(bench.grown.map(\.cost) == [Self.input.clampedSum(with: Money(nanoDollars: 2_048 * 2_000))])
        self.say(3_000, bench)
        #expect(bench.grown.map(\.tokens.output) == [2_048, 3_072, 4_096], "and then all is paid for")
        bench.repliedBody(Chat.usage)
        bench.repliedBody(Chat.done)
        #expect(bench.ended[0].cost == Money(nanoDollars: 20_000) && bench.ended[0].outcome == .answered)
        bench.checkSettled()
    }

    @Test func `it waits for more while it goes on, and ends honestly where none comes`() throws {
        let bench = try Self.stream()
        bench.reserved()
        bench.opened()
        bench.repliedStream()
        self.say(897, bench)
        let more = [Purse.Claim(.init(try name("cutting")), Self.slab)]
        #expect(bench.claims.count == 2 && bench.claims[1] == more)
        self.say(2_000, bench)
        #expect(bench.claims.count == 2, "asked for once")
        #expect(bench.ended.map(\.tokens.output) == [1_024] && bench.ended[0].outcome == .cut)
        #expect(bench.ended[0].code == .budgetExceeded && bench.ended[0].isUnconfirmed)
        #expect(bench.body.contains("budget_exceeded") && !bench.looksWhole)
        bench.checkSettled()
    }

    @Test func `what it waited for takes it further`() throws {
        let bench = try Self.stream()
        bench.reserved()
        bench.opened()
        bench.repliedStream()
        self.say(900, bench)
        bench.reservedMore()
        #expect(bench.grown.map(\.tokens.output) == [2_048])
        self.say(1_200, bench)
        #expect(bench.ended.map(\.tokens.output) == [2_048] && bench.keeper.settled.count == 1)
        bench.checkSettled()
        bench.reservedMore()
        #expect(bench.keeper.settled.last?.cost == .zero, "too late: it goes back")
    }
}
