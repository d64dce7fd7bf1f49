import Domain
import TestSupport
import Testing

@testable import Storage

@Suite struct `The first sums` {
    private static func chain(_ number: UInt64) -> [UInt8] { Array(repeating: UInt8(number), count: Digest.byteCount) }

    private func totals(_ events: Int64) -> UsageTotals {
        var totals = UsageTotals()
        totals.events = events
        return totals
    }

    @Test func `are those of all rows, whatever their order, and few are held meanwhile`() {
        var random = SeededGenerator.printed()
        for limit in [1, 2, 7, 100] {
            var firsts = FirstSums(limit: limit)
            var truth: [String: Int64] = [:]
            for _ in 0..<3_000 {
                let (user, events) = (String(Int.random(in: 0..<400, using: &random)), Int64.random(in: 1...9))
                truth[user, default: 0] += events
                firsts.add(
                    self.totals(events),
                    at: Timestamp(unixMilliseconds: 0),
                    UsageDimensions(user: user)
                )
                #expect(firsts.heldCount <= 2 * limit)
            }
            let expected = truth.sorted { $0.key < $1.key }.prefix(limit)
            #expect(firsts.sums.map(\.dimensions.user) == expected.map(\.key))
            #expect(firsts.sums.map(\.totals.events) == expected.map(\.value))
        }
    }

    @Test func `of several groupings come from one reading`() async throws {
        let test = try TestDatabase()
        let boot = try #require(ID<Boot>("boot-1"))
        let node = try #require(ID<Node>("node-1"))
        let delivery = UsageDelivery(
            node: node,
            boot: boot,
            records: try (1...6).map { number in
                let event = try UsageEvent.fixture(number, minute: Int64(number % 2), user: "user-\(number % 3)")
                return UsageRecord(sequence: UInt64(number), content: .event(event))
            },
            arrivals: (1...6).map { (number: UInt64) in
                StreamIntake.Arrival(sequence: number, through: number, chain: Self.chain(number))
            },
            chainBefore: Array(repeating: 0, count: Digest.byteCount),
            received: Timestamp(unixMilliseconds: 0)
        )
        try await test.database.write { _ = try $0.take(delivery) { _ in nil } }
        let sums = try await test.database.read { reading in
            try reading.usage(
                by: [
                    UsageGrouping(), UsageGrouping(stepMilliseconds: 60_000), UsageGrouping(by: [.user]),
                    UsageGrouping(by: [.user], stepMilliseconds: 60_000),
                ],
                from: Timestamp(unixMilliseconds: 0),
                to: Timestamp(unixMilliseconds: 120_000),
                limit: 4
            )
        }
        #expect(sums.map { $0.map(\.totals.events) } == [[6], [3, 3], [2, 2, 2], [1, 1, 1, 1]])
        #expect(sums[3].map(\.begin.unixMilliseconds) == [0, 0, 0, 60_000])
    }
}
