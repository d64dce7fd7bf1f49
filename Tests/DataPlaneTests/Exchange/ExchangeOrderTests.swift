import Domain
import NIOCore
import TestSupport
import Testing

@testable import DataPlane

/// The laws of an exchange under every event in every state, and under long random orders.
@Suite struct ExchangeOrderTests {
    private static let paid: Fields = ["authorization": "Bearer \(goodKey)", "martlet-task": "paid"]

    private typealias Step = @Sendable (ExchangeBench) -> Void

    /// Ways into each state.
    private static let entries: [(LiveExchange.Phase, String, Step)] = [
        (.arriving, "nothing", { _ in }), (.collecting, "head", { $0.arrive() }),
        (.refusing, "bad head", { $0.arrive("POST", "/nowhere") }),
        (.reserving, "a request that a budget is about", { $0.request(Chat.request(stream: true), Self.paid) }),
        (
            .relaying, "a stream that a budget may end",
            {
                $0.request(Chat.request(stream: true), Self.paid)
                $0.reserved()
                $0.opened()
                $0.repliedStream()
                $0.repliedBody(String(repeating: Chat.chunk("a"), count: 1_000))
            }
        ),
        (.connecting, "request", { $0.request(Chat.request(stream: true)) }),
        (
            .waiting, "sent",
            {
                $0.request(Chat.request(stream: true))
                $0.opened()
            }
        ),
        (
            .waiting, "sent on a used connection",
            {
                $0.request(Chat.request())
                $0.opened(isReused: true)
            }
        ),
        (
            .holding, "whole",
            {
                $0.request(Chat.request())
                $0.opened()
                $0.replied(200)
            }
        ),
        (
            .holding, "half",
            {
                $0.request(Chat.request())
                $0.opened()
                $0.replied(200)
                $0.repliedBody("{\"id\"")
            }
        ),
        (
            .holding, "error",
            {
                $0.request(Chat.request())
                $0.opened()
                $0.replied(500)
            }
        ),
        (
            .relaying, "stream",
            {
                $0.request(Chat.request(stream: true))
                $0.opened()
                $0.repliedStream()
            }
        ),
        (
            .relaying, "stream begun",
            {
                $0.request(Chat.request(stream: true))
                $0.opened()
                $0.repliedStream()
                $0.repliedBody(Chat.chunk("a") + "data: {")
            }
        ),
        (
            .relaying, "long whole",
            {
                $0.request(Chat.request())
                $0.opened()
                $0.replied(200)
                $0.repliedBody(String(Chat.reply.prefix(60)))
            }
        ),
        (
            .settled, "answered",
            {
                $0.arrive("GET", "/v1/models")
                $0.end()
            }
        ),
    ]

    /// Every event that a shell can send in any state, but those of an upstream connection where there is none.
    private static let events: [(String, @Sendable (ExchangeBench) -> Bool, Step)] = {
        let always: @Sendable (ExchangeBench) -> Bool = { _ in true }
        let isOpen: @Sendable (ExchangeBench) -> Bool = { $0.upstream == .open }
        let isConnecting: @Sendable (ExchangeBench) -> Bool = { $0.upstream == .connecting }
        let isReserving: @Sendable (ExchangeBench) -> Bool = { $0.exchange.phase == .reserving }
        let isWaitingForMore: @Sendable (ExchangeBench) -> Bool = { $0.isWaitingForMore }
        let hasClient: @Sendable (ExchangeBench) -> Bool = { !$0.clientIsGone }
        return [
            ("hang-up", hasClient, { $0.hangUp() }), ("hang-up too many", hasClient, { $0.hangUp(mayDrain: false) }),
            ("stop", always, { $0.stop() }), ("no room", always, { $0.foundNo(.memory) }),
            ("no place", always, { $0.foundNo(.places) }),
            ("early wake", always, { $0.wake(afterMilliseconds: 0) }),
            ("late wake", always, { $0.wake(afterMilliseconds: 10_000_000) }),
            ("body", hasClient, { $0.body("{}") }), ("end", hasClient, { $0.end() }),
            ("writable", hasClient, { $0.writable(true) }), ("not writable", hasClient, { $0.writable(false) }),
            ("held", isReserving, { $0.reserved() }),
            ("more held", isWaitingForMore, { $0.reservedMore() }),
            ("not held", isReserving, { $0.unaffordable(.uncovered) }), ("opened", isConnecting, { $0.opened() }),
            ("failed", isConnecting, { $0.connectFailed() }),
            ("broke", isOpen, { $0.broke() }), ("paused", isOpen, { $0.paused() }),
            ("head", isOpen, { $0.replied(200) }), ("stream head", isOpen, { $0.repliedStream() }),
            ("error head", isOpen, { $0.replied(503) }), ("reply body", isOpen, { $0.repliedBody(Chat.chunk("x")) }),
            ("reply end", isOpen, { $0.repliedEnd() }),
        ]
    }()

    private static func bench() throws -> ExchangeBench {
        var bounds = ExchangeBounds()
        bounds.heldMax = 50
        let budget = Budget(
            name: try name("paid"),
            scope: Scope(task: "paid"),
            amount: Money(nanoDollars: 1),
            period: BudgetPeriod(.total),
            cutsOff: true
        )
        let models: [Model] = try [.fixture("one", maxOutput: 4_096), .fixture("two", maxOutput: 4_096)]
        let snapshot = try Snapshot.fixture(
            providers: [.fixture("one"), .fixture("two")],
            models: models,
            budgets: [budget],
            limits: [
                Limit(name: try name("all"), requestsPerMinute: 1),
                Limit(name: try name("each"), per: .model, concurrent: 1),
            ]
        )
        return try ExchangeBench(snapshot, bounds: bounds)
    }

    @Test func `every state is entered by these tests`() throws {
        for (phase, what, enter) in Self.entries {
            let bench = try Self.bench()
            enter(bench)
            #expect(bench.exchange.phase == phase, "\(what)")
        }
        #expect(Set(Self.entries.map(\.0)) == Set(LiveExchange.Phase.allCases))
    }

    @Test func `whatever event meets whatever state, the exchange settles exactly once`() throws {
        for (_, what, enter) in Self.entries {
            for (event, _, _) in Self.events {
                for (second, _, _) in Self.events {
                    let bench = try Self.bench()
                    enter(bench)
                    for name in [event, second] {
                        guard let (_, isPossible, send) = Self.events.first(where: { $0.0 == name }), isPossible(bench)
                        else { continue }
                        send(bench)
                    }
                    // Whatever is left has an end: time runs out, or the node stops.
                    for _ in 0..<6 where bench.settledCount == 0 { bench.wake(afterMilliseconds: 10_000_000) }
                    if bench.settledCount == 0 { bench.stop() }
                    guard bench.exchange.phase == .settled, bench.settledCount == 1 else {
                        Issue.record("\(what), then \(event), then \(second): \(bench.exchange.phase)")
                        continue
                    }
                    if bench.exchange.origin.arrived < bench.now || what != "nothing" { Self.check(bench, what) }
                }
            }
        }
    }

    private static func check(_ bench: ExchangeBench, _ what: String) {
        guard what != "nothing" else { return }
        bench.checkSettled()
    }

    @Test func `in any order of events an answer looks whole only if it is, and is counted exactly once`() throws {
        var generator = SeededGenerator.printed()
        for _ in 0..<3_000 { try Self.oneLife(&generator) }
    }

    private static func oneLife(_ generator: inout SeededGenerator) throws {
        var bounds = ExchangeBounds()
        bounds.heldMax = Bool.random(using: &generator) ? 50 : 5_000
        let bench = try ExchangeBench(
            .fixture(
                providers: [.fixture("one"), .fixture("two")],
                retryBilled: Bool.random(using: &generator),
                hangUp: Bool.random(using: &generator) ? .drain : .cancel,
                limits: [Limit(name: try name("each"), per: .model, concurrent: 1)]
            ),
            bounds: bounds
        )
        let isStream = Bool.random(using: &generator)
        bench.request(Chat.request(stream: isStream))
        var script = Script()
        for _ in 0..<200 where bench.settledCount == 0 {
            switch (bench.upstream, Int.random(in: 0..<40, using: &generator)) {
            case (_, 0) where !bench.clientIsGone: bench.hangUp()
            case (_, 1): bench.wake(afterMilliseconds: Int64.random(in: 0...70_000, using: &generator))
            case (_, 2) where !bench.clientIsGone: bench.writable(Bool.random(using: &generator))
            case (.connecting, 3...8): bench.connectFailed()
            case (.connecting, _): bench.opened(isReused: Bool.random(using: &generator))
            case (.open, 3): bench.broke()
            case (.open, 4...9): bench.paused()
            case (.open, _): Self.serve(bench, isStream, &script, &generator)
            case (.none, _): bench.wake(afterMilliseconds: 1_000)
            }
        }
        for _ in 0..<40 where bench.settledCount == 0 { bench.wake(afterMilliseconds: 1_000_000) }
        bench.checkSettled()
        if bench.looksWhole {
            #expect(isStream ? script.delivered.contains("data: [DONE]") : script.delivered == Chat.reply)
        }
        #expect(bench.denied.isEmpty && !bench.ended.isEmpty)
    }

    /// What a provider still has to send of its answer, and what it has sent.
    private struct Script {
        var rest = ""
        var delivered = ""
    }

    private static func serve(
        _ bench: ExchangeBench,
        _ isStream: Bool,
        _ script: inout Script,
        _ generator: inout SeededGenerator
    ) {
        if bench.exchange.phase == .waiting {
            script = Script()
            if Int.random(in: 0..<4, using: &generator) == 0 {
                bench.replied([400, 429, 500, 503].randomElement(using: &generator) ?? 500)
                return
            }
            if isStream { bench.repliedStream() } else { bench.replied(200, [:], isDelimited: false) }
            let text = isStream ? Chat.chunk("a") + Chat.chunk("b") + Chat.usage + Chat.done : Chat.reply
            // Sometimes the provider stops short without saying so.
            let length = Bool.random(using: &generator) ? text.count : Int.random(in: 0...text.count, using: &generator)
            script.rest = String(text.prefix(length))
        } else if script.rest.isEmpty {
            bench.repliedEnd()
        } else {
            let part = script.rest.prefix(Int.random(in: 1...script.rest.count, using: &generator))
            script.rest = String(script.rest.dropFirst(part.count))
            script.delivered += part
            bench.repliedBody(String(part))
        }
    }
}
