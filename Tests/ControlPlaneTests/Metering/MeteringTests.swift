import ControlPlane
import Domain
import Storage
import TestSupport
import Testing
import Wire

@Suite struct MeteringTests {
    @Test(arguments: ControlPlaneUnderTest.Place.allCases)
    func `whatever is doubled, cut, late or sent again, every event is counted once`(
        _ place: ControlPlaneUnderTest.Place
    ) async throws {
        var random = SeededGenerator.printed()
        let control = try await ControlPlaneUnderTest(place)
        try await control.writeFirstCatalog()
        var streams: [TestStream] = []
        var (events, tokens, cost) = (Int64(0), Int64(0), Int64(0))
        for boot in 1...3 {
            var stream = try TestStream(boot: "boot-\(boot)")
            for number in 1...Int.random(in: 60...120, using: &random) {
                let output = Int64.random(in: 0...400, using: &random)
                let price = output * 400 + 10_000
                let counts = TokenCounts(input: 100, cachedInput: 0, output: output)
                stream.append(.event(try .fixture(boot * 1_000 + number, tokens: counts, cost: price)))
                (events, tokens, cost) = (events + 1, tokens + output, cost + price)
            }
            streams.append(stream)
        }
        var open = Set(streams.indices)
        var acked = [UInt64](repeating: 0, count: streams.count)
        while let index = open.randomElement(using: &random) {
            let stream = streams[index]
            let from = Int.random(in: 0..<stream.records.count, using: &random)
            let to = min(stream.records.count, from + Int.random(in: 1...30, using: &random))
            switch try await control.services.metering.take(try stream.batch(from..<to), from: stream.node) {
            case .taken(let through, _):
                #expect(through >= acked[index] && UInt64(from) <= acked[index])
                acked[index] = through
            case .rewind(let expected): #expect(expected == acked[index] + 1 && UInt64(from) >= expected)
            case .fenced: Issue.record("an honest stream was fenced")
            }
            if acked[index] == UInt64(stream.records.count) { open.remove(index) }
        }
        let row = try #require(try await control.usage().first)
        #expect(row.attempts == events && row.exchanges == events && row.answered == events)
        #expect(row.tokens.output == tokens && row.tokens.input == events * 100)
        #expect(row.cost.nanoDollars == cost)
        #expect(row.latency.count == UInt64(events))
        #expect(row.costMismatches == 0)
    }

    @Test func `usage is told by prompt and version, so that two of them can be compared`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...9 {
            let version: UInt32? = [nil, 1, 2][number % 3]
            let choice = try version.map { PromptChoice(prompt: try #require(Name("greeting")), number: $0) }
            stream.append(.event(try .fixture(number, cost: Int64(version ?? 0), prompt: choice)))
        }
        _ = try await control.services.metering.take(try stream.batch(0..<9), from: stream.node)
        let rows = try await control.usage(by: [.prompt])
        #expect(rows.map(\.group) == [[""], ["greeting;version=1"], ["greeting;version=2"]])
        #expect(rows.map(\.cost.nanoDollars) == [0, 3, 6])
    }

    @Test func `every kind of token is added up by itself, and one that nobody told stays unknown`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...3 {
            var tokens = TokenCounts(input: 1, cachedInput: 2, output: 3)
            if number > 1 {
                for (index, kind) in TokenKind.allCases.enumerated() where kind != .outputImage {
                    tokens[kind] = Int64(index + 1)
                }
            }
            stream.append(.event(try .fixture(number, tokens: tokens)))
        }
        _ = try await control.services.metering.take(try stream.batch(0..<1), from: stream.node)
        _ = try await control.services.metering.take(try stream.batch(1..<3), from: stream.node)
        let told = try #require(try await control.usage().first).tokens
        #expect(TokenKind.allCases.map { told[$0] } == [3, 6, 6, 8, 10, 12, 17, 16, 18, nil])
    }

    @Test func `what was refused owes no fee, and what was answered owes it at its own service tier`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        let price =
            #"{"input":"1.00","output":"1.00","perCall":"0.001","serviceTiers":{"flex":{"input":"0.50","output":"0.50"}}}"#
        let model = #"{"name":"local/fee","upstream":"small","context":2048,"maxOutput":1024,"price":\#(price)}"#
        try await control.write(.models, "local/fee", model)
        var flex = TokenCounts(input: 100, output: 100)
        flex.serviceTier = .flex
        let standard = TokenCounts(input: 100, output: 100)
        var stream = try TestStream()
        for (number, tokens, cost) in [(1, flex, 1_100_000), (2, standard, 1_200_000)] as [(Int, TokenCounts, Int64)] {
            stream.append(.event(try .fixture(number, model: "local/fee", tokens: tokens, cost: cost)))
        }
        stream.append(
            .event(
                try .fixture(3, model: "local/fee", tokens: .none, cost: 0, outcome: .failed, tokenSource: .counted)
            )
        )
        stream.append(.event(try .fixture(4, model: "local/fee", tokens: standard, cost: 1_100_000)))
        _ = try await control.services.metering.take(try stream.batch(0..<4), from: stream.node)
        #expect(try #require(try await control.usage().first).costMismatches == 1)
    }

    @Test func `a gap is sent back with the number that is missing`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...10 { stream.append(.event(try .fixture(number))) }
        _ = try await control.services.metering.take(try stream.batch(0..<3), from: stream.node)
        let receipt = try await control.services.metering.take(try stream.batch(5..<8), from: stream.node)
        #expect(receipt == .rewind(expected: 4))
        #expect(try await control.usage().first?.attempts == 3)
    }

    @Test func `two writers of one boot are fenced for good, and nothing of the second is counted`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        var twin = try TestStream()
        for number in 1...6 {
            stream.append(.event(try .fixture(number)))
            twin.append(.event(try .fixture(number + 100)))
        }
        _ = try await control.services.metering.take(try stream.batch(0..<3), from: stream.node)
        let second = try await control.services.metering.take(try twin.batch(2..<6), from: twin.node)
        #expect(second == .fenced(expected: 4))
        let first = try await control.services.metering.take(try stream.batch(3..<6), from: stream.node)
        #expect(first == .fenced(expected: 4))
        #expect(try await control.usage().first?.attempts == 3)
        #expect(control.services.metering.totals().fenced == 2)
    }

    @Test func `what cannot be read is kept as it came and the stream goes on`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        stream.append(.event(try .fixture(1)))
        stream.append(.unreadable([0xFF, 0x00, 0xFF]))
        stream.append(.event(try .fixture(3)))
        let receipt = try await control.services.metering.take(try stream.batch(0..<3), from: stream.node)
        guard case .taken(3, let intake) = receipt else {
            Issue.record("not taken: \(receipt)")
            return
        }
        #expect(intake.events == 2 && intake.unreadable == 1)
        #expect(try await control.database.read { try $0.unreadableRecords() } == 1)
    }

    @Test func `a declared loss closes the gap, and the stream goes on after it`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...20 { stream.append(.event(try .fixture(number))) }
        _ = try await control.services.metering.take(try stream.batch(0..<4), from: stream.node)
        let range = try #require(LostRange(first: 5, last: 12))
        let record = UsageBatch.Record(sequence: 5, bytes: UsageCodec.encode(.lost(range)))
        let lost = UsageBatch(boot: stream.boot, records: [record], chain: nil)
        for _ in 1...2 {
            guard case .taken(12, _) = try await control.services.metering.take(lost, from: stream.node) else {
                Issue.record("the loss was not taken")
                return
            }
        }
        guard
            case .taken(20, _) = try await control.services.metering.take(try stream.batch(12..<20), from: stream.node)
        else {
            Issue.record("the stream does not go on")
            return
        }
        #expect(control.services.metering.totals().lost == 8)
        #expect(try await control.usage().first?.attempts == 12)
    }

    @Test func `an unknown count is not zero, and a denial has none to know`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        stream.append(.event(try .fixture(1, team: "a", tokens: .unknown, cost: 0, priceVersion: nil)))
        stream.append(.event(try .fixture(2, team: "b", tokens: TokenCounts(input: 0, output: 0), cost: 0)))
        stream.append(.event(try .fixture(3, team: "b", tokens: .unknown, cost: 0, outcome: .failed)))
        stream.append(.event(try .fixture(4, team: "c", model: nil, tokens: .unknown, cost: 0, outcome: .denied)))
        _ = try await control.services.metering.take(try stream.batch(0..<4), from: stream.node)
        let rows = try await control.usage(by: [.team])
        #expect(rows.map(\.group) == [["a"], ["b"], ["c"]])
        #expect(rows.map(\.tokens.output) == [nil, 0, nil])
        #expect(rows.map(\.attempts) == [1, 2, 0])
        #expect(rows.map(\.failed) == [0, 1, 0])
        #expect(rows.map(\.denied) == [0, 0, 1])
        #expect(rows.map(\.unknownCounts) == [1, 1, 0])
    }

    @Test func `a cost that its price does not give is flagged, and the node's number stands`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        var stream = try TestStream()
        stream.append(.event(try .fixture(1)))
        stream.append(.event(try .fixture(2, cost: 29_999)))
        stream.append(.event(try .fixture(3, cost: 29_999, isUnconfirmed: true)))
        _ = try await control.services.metering.take(try stream.batch(0..<3), from: stream.node)
        let row = try #require(try await control.usage().first)
        #expect(row.costMismatches == 1)
        #expect(row.cost.nanoDollars == 89_998)
        #expect(row.unconfirmed == 1)
    }

    @Test func `usage is summed by any dimensions and steps, with percentiles from merged histograms`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...100 {
            let time = Timestamp(unixMilliseconds: 600_000 * 1_000 + Int64(number % 2) * 60_000)
            let latency = Int64(number) * 1_000
            stream.append(.event(try .fixture(number, admitted: time, user: "user-\(number % 4)", latency: latency)))
        }
        _ = try await control.services.metering.take(try stream.batch(0..<100), from: stream.node)
        let rows = try await control.usage(by: [.user, .model], from: 600_000_000, to: 600_120_000, step: 60_000)
        #expect(rows.count == 4)
        #expect(rows.map(\.time.unixMilliseconds) == [600_000_000, 600_000_000, 600_060_000, 600_060_000])
        #expect(rows.map(\.group) == ["0", "2", "1", "3"].map { ["user-\($0)", "local/small"] })
        let whole = try #require(try await control.usage().first)
        let median = try #require(whole.latency.quantile(0.5))
        #expect(abs(median - 50_000) <= 50_000 * 0.045)
        #expect(try await control.usage(from: 600_120_000).isEmpty)
    }

    @Test func `of values that callers make up a day keeps the most frequent, and totals stay exact`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...2_100 {
            stream.append(.event(try .fixture(number, user: number % 10 == 0 ? "often" : "user-\(number)")))
        }
        for start in stride(from: 0, to: 2_100, by: 420) {
            _ = try await control.services.metering.take(try stream.batch(start..<(start + 420)), from: stream.node)
        }
        var rows = try await control.usage(by: [.user])
        #expect(rows.reduce(0) { $0 + $1.attempts } == 2_100)
        #expect(!rows.contains { $0.group == ["other"] })
        for number in 2_101...2_300 { stream.append(.event(try .fixture(number, user: "user-\(number)"))) }
        _ = try await control.services.metering.take(try stream.batch(2_100..<2_300), from: stream.node)
        rows = try await control.usage(by: [.user])
        #expect(rows.count == 1_001)
        #expect(rows.first { $0.group == ["often"] }?.attempts == 210)
        #expect(rows.reduce(0) { $0 + $1.attempts } == 2_300)
        #expect(rows.reduce(Int64(0)) { $0 + $1.cost.nanoDollars } == 2_300 * 30_000)
    }

    @Test func `of callers those that tokens name are bounded, and keys never are`() async throws {
        let control = try await ControlPlaneUnderTest()
        var stream = try TestStream()
        for number in 1...2_100 {
            let caller = number % 10 == 0 ? "key-\(number)" : "corp:pod-\(number)"
            stream.append(.event(try .fixture(number, caller: caller)))
        }
        for number in 2_101...2_500 { stream.append(.event(try .fixture(number, caller: "corp:pod-\(number)"))) }
        for start in stride(from: 0, to: 2_500, by: 500) {
            _ = try await control.services.metering.take(try stream.batch(start..<(start + 500)), from: stream.node)
        }
        let rows = try await control.usage(by: [.key])
        #expect(rows.count { $0.group[0].hasPrefix("key-") } == 210)
        #expect(rows.count { $0.group[0].hasPrefix("corp:") } <= 1_300 && rows.contains { $0.group == ["other"] })
        #expect(rows.reduce(0) { $0 + $1.attempts } == 2_500)
    }

    @Test func `sweeping turns old minutes into hours and loses nothing of the totals`() async throws {
        let clock = ManualTiming()
        let control = try await ControlPlaneUnderTest(timing: clock.timing)
        var stream = try TestStream()
        for number in 1...200 {
            let time = clock.now.advanced(byMilliseconds: -Int64(number) * 6 * 3_600_000)
            stream.append(.event(try .fixture(number, admitted: time)))
        }
        _ = try await control.services.metering.take(try stream.batch(0..<200), from: stream.node)
        let before = try await control.usage(by: [.model])
        let hours = try await control.usage(step: 3_600_000)
        try await control.services.retention.sweep()
        try await control.services.retention.sweep()
        #expect(try await control.usage(by: [.model]) == before)
        #expect(try await control.usage(step: 3_600_000) == hours)
    }

    @Test func `the end of a stream is kept, and a late boot's stream is taken beside a newer one's`() async throws {
        let control = try await ControlPlaneUnderTest()
        var old = try TestStream(boot: "boot-1")
        var new = try TestStream(boot: "boot-2")
        old.append(.event(try .fixture(1)))
        new.append(.event(try .fixture(2)))
        old.append(.event(try .fixture(3, outcome: .lost, isUnconfirmed: true)))
        old.append(.closed(StreamEnd(lastSequence: 2, machineWentDown: true)))
        _ = try await control.services.metering.take(try new.batch(0..<1), from: new.node)
        _ = try await control.services.metering.take(try old.batch(0..<3), from: old.node)
        let (boot, node) = (old.boot, old.node)
        let stream = try #require(try await control.database.read { try $0.usageStream(node, boot) })
        #expect(stream.isClosed && stream.watermark == 3)
        let row = try #require(try await control.usage().first)
        #expect(row.attempts == 3 && row.unconfirmed == 1)
    }
}
