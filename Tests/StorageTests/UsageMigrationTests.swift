import Domain
import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct `Databases from before usage was told by prompt` {
    @Test func `their sums are all there afterwards, under no prompt`() throws {
        let queue = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        migrator.registerUsage()
        try migrator.migrate(queue, upTo: "2026-11-24 usage")
        let totals = (1...22).map { String($0) } + ["x'01'", "x'02'", "x'03'"]
        try queue.write { db in
            for table in ["usageMinute", "usageHour"] {
                let values = "7, 'demo', 'k', 'ann', 'assistant', 'local/m', 'local', 'legal', "
                try db.execute(sql: "INSERT INTO \(table) VALUES (\(values)\(totals.joined(separator: ", ")))")
            }
        }
        try migrator.migrate(queue)
        try queue.read { db in
            for table in [UsageTable.minutes, .hours] {
                let row = try #require(try Row.fetchOne(db, sql: "SELECT * FROM \(table.name)"))
                #expect(row[table.time] as Int64 == 7)
                let dimensions = UsageDimensions(row)
                #expect(
                    UsageDimension.allCases.map { dimensions[$0] } == [
                        "demo", "k", "ann", "assistant", "local/m", "local", "legal", "",
                    ]
                )
                #expect(row["events"] as Int64 == 1)
                #expect(row["costMismatches"] as Int64 == 22)
                #expect(row["totalLatency"] as Data == Data([3]))
                #expect(try UsageTotals(row).rare == .unknown)
                #expect(row.count == 1 + UsageDimension.allCases.count + UsageTotals.columnCount)
            }
        }
    }
}
