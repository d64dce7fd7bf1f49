package import Domain
import Foundation
import GRDB

extension Reading {
    /// Sums of what was admitted from `from` (included, rounded down to a minute) until `to` (excluded, rounded up): for
    /// each grouping one for each step and group that has anything, in order of time and group; the first `limit`, and
    /// no more memory than those need. `teams`: only theirs.
    ///
    /// What lies further back than minutes are kept comes from hours, and so does not divide within an hour.
    package func usage(
        by groupings: [UsageGrouping],
        from: Timestamp,
        to: Timestamp,
        teams: Set<String>? = nil,
        limit: Int
    ) throws -> [[UsageSum]] {
        var firsts = groupings.map { _ in FirstSums(limit: limit) }
        for table in [UsageTable.minutes, .hours] {
            let unit = table.milliseconds
            let first = from.unixMilliseconds.flooredQuotient(by: unit)
            let last = to.advanced(byMilliseconds: -1).unixMilliseconds.flooredQuotient(by: unit)
            let rows = try Row.fetchCursor(
                self.db,
                sql: "SELECT * FROM \(table.name) WHERE \(table.time) BETWEEN ? AND ?",
                arguments: [first, last]
            )
            while let row = try rows.next() {
                let whole = UsageDimensions(row)
                if let teams, !teams.contains(whole[.team]) { continue }
                let time = max((row[table.time] as Int64) * unit, from.unixMilliseconds)
                let totals = try UsageTotals(row)
                for (index, grouping) in groupings.enumerated() {
                    let begin = Self.stepBegin(of: time, from: from, step: grouping.stepMilliseconds)
                    firsts[index].add(totals, at: begin, whole.keeping(grouping.dimensions))
                }
            }
        }
        return firsts.map(\.sums)
    }

    private static func stepBegin(of time: Int64, from: Timestamp, step: Int64?) -> Timestamp {
        guard let step, step > 0 else { return from }
        return from.advanced(byMilliseconds: (time - from.unixMilliseconds) / step * step)
    }

    /// Records that no build here could read.
    package func unreadableRecords() throws -> Int {
        try Int.fetchOne(self.db, sql: "SELECT count(*) FROM usageUnreadable") ?? 0
    }
}
