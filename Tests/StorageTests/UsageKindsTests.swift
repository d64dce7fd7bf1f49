import Domain
import GRDB
import Testing

@testable import Storage

@Suite struct `Kinds of tokens in the books` {
    @Test(arguments: Place.allCases)
    func `every count stands in the column of its name, and what nobody told in none`(place: Place) async throws {
        let test = try TestDatabase(place)
        for told in TokenKind.allCases {
            var tokens = TokenCounts()
            for (index, kind) in TokenKind.allCases.enumerated() where kind != told { tokens[kind] = Int64(index + 1) }
            tokens.serviceTier = .priority
            let boot = "boot-\(told)"
            let delivery = UsageDelivery(
                node: try #require(ID("node-1")),
                boot: try #require(ID(boot)),
                records: [UsageRecord(sequence: 1, content: .event(try .fixture(1, tokens: tokens)))],
                arrivals: [StreamIntake.Arrival(sequence: 1, through: 1, chain: testHash([1]).bytes)],
                chainBefore: Array(repeating: 0, count: Digest.byteCount),
                received: Timestamp(unixMilliseconds: 1_000)
            )
            _ = try await test.database.write { try $0.take(delivery) { _ in nil } }
            let expected = tokens
            try await test.database.read { reading in
                let sql = "SELECT * FROM usageEvent WHERE boot = ?"
                let row = try #require(try Row.fetchOne(reading.db, sql: sql, arguments: [boot]))
                for kind in TokenKind.allCases { #expect(row[kind.column] as Int64? == expected[kind], "\(kind)") }
                #expect(row["serviceTier"] as String? == "priority")
            }
        }
    }
}
