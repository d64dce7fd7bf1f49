import Domain
import Storage
import Testing

@Suite struct `Usage of a node that enrols anew` {
    /// One boot's events, as whoever has its spool brings them.
    private struct Spool {
        let boot: ID<Boot>
        let salt: UInt8

        init(_ boot: String = "boot-1", salt: UInt8 = 0) throws {
            self.boot = try #require(ID(boot))
            self.salt = salt
        }

        private func chain(through number: UInt64) -> [UInt8] {
            (0..<number).reduce(Array(repeating: 0, count: Digest.byteCount)) { chain, number in
                testHash(chain + [UInt8(number), self.salt]).bytes
            }
        }

        func brought(by node: String, _ numbers: ClosedRange<UInt64>) throws -> UsageDelivery {
            UsageDelivery(
                node: try #require(ID(node)),
                boot: self.boot,
                records: try numbers.map { UsageRecord(sequence: $0, content: .event(try .fixture(Int($0)))) },
                arrivals: numbers.map {
                    StreamIntake.Arrival(sequence: $0, through: $0, chain: self.chain(through: $0))
                },
                chainBefore: self.chain(through: numbers.lowerBound - 1),
                received: Timestamp(unixMilliseconds: 1_000)
            )
        }
    }

    @discardableResult
    private func take(_ delivery: UsageDelivery, _ test: TestDatabase) async throws -> UsageReceipt {
        try await test.database.write { try $0.take(delivery) { _ in nil } }
    }

    private func attempts(_ test: TestDatabase) async throws -> Int64 {
        try await test.database.read { reading in
            let sums = try reading.usage(
                by: [UsageGrouping()],
                from: Timestamp(unixMilliseconds: 0),
                to: Timestamp(unixMilliseconds: 86_400_000),
                limit: 10
            )
            return sums[0].reduce(0) { $0 + $1.totals.events }
        }
    }

    @Test(arguments: Place.allCases)
    func `what it brings again of a boot that was counted under its old id is not counted again`(
        place: Place
    ) async throws {
        let test = try TestDatabase(place)
        let spool = try Spool()
        try await self.take(try spool.brought(by: "node-old", 1...4), test)
        // It does not know how far it came: it offers the last that it had acknowledged.
        let receipt = try await self.take(try spool.brought(by: "node-new", 6...6), test)
        #expect(receipt == .rewind(expected: 5))
        for numbers in [1...4, 3...6, 1...6] as [ClosedRange<UInt64>] {
            try await self.take(try spool.brought(by: "node-new", numbers), test)
        }
        #expect(try await self.attempts(test) == 6)
        // A copy of the old node that still runs adds nothing either.
        try await self.take(try spool.brought(by: "node-old", 5...6), test)
        #expect(try await self.attempts(test) == 6)
    }

    @Test func `another history under a boot's name is refused, and does not end the boot's own`() async throws {
        let test = try TestDatabase()
        let (spool, other) = (try Spool(), try Spool(salt: 1))
        try await self.take(try spool.brought(by: "node-1", 1...4), test)
        let receipt = try await self.take(try other.brought(by: "node-2", 5...6), test)
        #expect(receipt == .fenced(expected: 5))
        try await self.take(try spool.brought(by: "node-1", 5...5), test)
        #expect(try await self.attempts(test) == 5)
        // The node's own word fences it, as ever.
        try await self.take(try other.brought(by: "node-1", 6...6), test)
        #expect(try await self.take(try spool.brought(by: "node-1", 6...6), test) == .fenced(expected: 6))
    }

    @Test func `another node can neither leave a gap in a boot's stream nor go on after one`() async throws {
        let test = try TestDatabase()
        let spool = try Spool()
        func gap(by node: String, _ first: UInt64, _ last: UInt64) throws -> UsageDelivery {
            UsageDelivery(
                node: try #require(ID(node)),
                boot: spool.boot,
                records: [
                    UsageRecord(sequence: first, content: .lost(try #require(LostRange(first: first, last: last))))
                ],
                arrivals: [StreamIntake.Arrival(sequence: first, through: last, isLoss: true, chain: [])],
                chainBefore: [],
                received: Timestamp(unixMilliseconds: 1_000)
            )
        }
        try await self.take(try spool.brought(by: "node-1", 1...4), test)
        #expect(try await self.take(try gap(by: "node-2", 5, 1 << 62), test) == .fenced(expected: 5))
        try await self.take(try spool.brought(by: "node-1", 5...5), test)
        #expect(try await self.attempts(test) == 5)
        try await self.take(try gap(by: "node-1", 6, 6), test)
        #expect(try await self.take(try spool.brought(by: "node-2", 7...7), test) == .fenced(expected: 7))
        try await self.take(try spool.brought(by: "node-1", 7...7), test)
        #expect(try await self.attempts(test) == 6)
    }

    @Test func `a boot of its own is another stream`() async throws {
        let test = try TestDatabase()
        try await self.take(try Spool().brought(by: "node-1", 1...4), test)
        try await self.take(try Spool("boot-2").brought(by: "node-2", 1...3), test)
        #expect(try await self.attempts(test) == 7)
    }
}
