package import Domain
import Foundation
import GRDB

/// How long usage is kept in which detail.
package enum UsageRetention {
    private static let day: Int64 = 86_400_000

    package static let eventsMilliseconds = 35 * day
    package static let minutesMilliseconds = 14 * day
    /// Rows that one sweep moves or removes, so that the writer is not held for long.
    package static let rowsPerSweepMax = 5_000
}

extension Transaction {
    /// Removes raw events that are too old, and sums minutes that are too old up into hours. Returns whether there is
    /// more to do. Sums over all time are the same before and after.
    package func sweepUsage(at now: Timestamp) throws -> Bool {
        let events = try self.removeEvents(before: now.advanced(byMilliseconds: -UsageRetention.eventsMilliseconds))
        let minutes = try self.moveMinutes(before: now.advanced(byMilliseconds: -UsageRetention.minutesMilliseconds))
        return max(events, minutes) == UsageRetention.rowsPerSweepMax
    }

    private func removeEvents(before time: Timestamp) throws -> Int {
        try self.db.execute(
            sql: """
                DELETE FROM usageEvent WHERE (node, boot, seq) IN (
                    SELECT node, boot, seq FROM usageEvent WHERE admitted < ? LIMIT ?)
                """,
            arguments: [time.column, UsageRetention.rowsPerSweepMax]
        )
        return self.db.changesCount
    }

    private func moveMinutes(before time: Timestamp) throws -> Int {
        // Whole hours only: an hour's minutes move together, up to the bound.
        let hour = time.unixMilliseconds.flooredQuotient(by: UsageTable.hours.milliseconds)
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM usageMinute WHERE minute < ? ORDER BY minute LIMIT ?",
            arguments: [hour * 60, UsageRetention.rowsPerSweepMax]
        )
        let delete = try self.db.makeStatement(
            sql: """
                DELETE FROM usageMinute WHERE minute = ? AND team = ? AND key = ? AND user = ? AND route = ?
                    AND model = ? AND provider = ? AND task = ? AND prompt = ?
                """
        )
        for row in rows {
            let minute: Int64 = row["minute"]
            let dimensions = UsageDimensions(row)
            try self.add(try UsageTotals(row), to: .hours, at: minute.flooredQuotient(by: 60), dimensions)
            try delete.execute(
                arguments: StatementArguments([minute])
                    + StatementArguments(UsageDimension.allCases.map { dimensions[$0] })
            )
        }
        return rows.count
    }
}
