package import Domain
import Foundation
import GRDB

/// Sums of one step and one group.
package struct UsageSum: Hashable, Sendable {
    package let begin: Timestamp
    /// Only the dimensions that were asked for are filled in.
    package let dimensions: UsageDimensions
    package let totals: UsageTotals
}

extension Reading {
    /// Sums of what was admitted from `from` (included, rounded down to a minute) until `to` (excluded, rounded up),
    /// one for each step and group that has anything, in order of time and group; at most `limit`. `teams`: only theirs.
    ///
    /// What lies further back than minutes are kept comes from hours, and so does not divide within an hour.
    package func usage(
        by dimensions: Set<UsageDimension>,
        from: Timestamp,
        to: Timestamp,
        stepMilliseconds: Int64?,
        teams: Set<String>? = nil,
        limit: Int
    ) throws -> [UsageSum] {
        var sums: [UsageSumKey: UsageTotals] = [:]
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
                let time = max((row[table.time] as Int64) * unit, from.unixMilliseconds)
                let begin = Self.stepBegin(of: time, from: from, step: stepMilliseconds)
                let whole = UsageDimensions(row)
                if let teams, !teams.contains(whole[.team]) { continue }
                let key = UsageSumKey(begin: begin, dimensions: whole.keeping(dimensions))
                sums[key, default: UsageTotals()].merge(try UsageTotals(row))
            }
        }
        return sums.sorted { $0.key < $1.key }.prefix(limit).map {
            UsageSum(begin: $0.key.begin, dimensions: $0.key.dimensions, totals: $0.value)
        }
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

private struct UsageSumKey: Hashable, Comparable {
    let begin: Timestamp
    let dimensions: UsageDimensions

    static func < (a: Self, b: Self) -> Bool {
        a.begin != b.begin ? a.begin < b.begin : a.texts.lexicographicallyPrecedes(b.texts)
    }

    private var texts: [String] { UsageDimension.allCases.map { self.dimensions[$0] } }
}
