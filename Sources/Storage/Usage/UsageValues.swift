import Domain
import Foundation
import GRDB

/// Bounds the dimensions whose values callers make up: of each day, the values with the most events keep their name,
/// the others are summed as `other`.
enum UsageValues {
    /// So many names a day are kept.
    static let keptMax = 1_000
    /// From here on a day is folded back to `keptMax`; the slack makes folding rare.
    static let namedMax = 2_000
}

extension Transaction {
    /// Counts the values of what was just added, and folds the days that have too many of them. Totals stay exact;
    /// what is lost is only the name of a value that was rare when the day was folded.
    func boundValues(of minutes: [UsageMinute: UsageTotals]) throws {
        for dimension in UsageDimension.allCases {
            var days: [Int64: [String: Int64]] = [:]
            for (minute, totals) in minutes {
                let value = minute.dimensions[dimension]
                guard dimension.isCallerMade(value), !value.isEmpty, value != UsageDimensions.other else { continue }
                days[minute.day, default: [:]][value, default: 0] += totals.events
            }
            for (day, values) in days {
                try self.count(values, of: dimension, on: day)
                try self.fold(dimension, on: day)
            }
        }
    }

    private func count(_ values: [String: Int64], of dimension: UsageDimension, on day: Int64) throws {
        let statement = try self.db.cachedStatement(
            sql: """
                INSERT INTO usageValue (day, dimension, value, events) VALUES (?, ?, ?, ?)
                ON CONFLICT (day, dimension, value) DO UPDATE SET events = events + excluded.events
                """
        )
        for (value, events) in values { try statement.execute(arguments: [day, dimension.rawValue, value, events]) }
    }

    private func fold(_ dimension: UsageDimension, on day: Int64) throws {
        let named = try Int.fetchOne(
            self.db,
            sql: "SELECT count(*) FROM usageValue WHERE day = ? AND dimension = ?",
            arguments: [day, dimension.rawValue]
        )
        guard let named, named > UsageValues.namedMax else { return }
        try self.db.execute(
            sql: """
                DELETE FROM usageValue WHERE day = ?1 AND dimension = ?2 AND value NOT IN (
                    SELECT value FROM usageValue WHERE day = ?1 AND dimension = ?2 ORDER BY events DESC, value LIMIT ?3)
                """,
            arguments: [day, dimension.rawValue, UsageValues.keptMax]
        )
        try self.foldRows(dimension, on: day)
    }

    private func foldRows(_ dimension: UsageDimension, on day: Int64) throws {
        // The column's name is one of ours, never a caller's.
        let column = dimension.rawValue
        // Of applications only those that tokens name, as `ApplicationID.isOfToken` says.
        let isCallerMade = dimension == .key ? "instr(key, '\(ApplicationID.separator)') > 0" : "TRUE"
        let condition = """
            minute >= ? AND minute < ? AND \(isCallerMade) AND \(column) NOT IN ('', ?)
                AND \(column) NOT IN (SELECT value FROM usageValue WHERE day = ? AND dimension = ?)
            """
        let arguments: StatementArguments = [day * 1_440, (day + 1) * 1_440, UsageDimensions.other, day, column]
        var folded: [UsageMinuteKey: UsageTotals] = [:]
        let rows = try Row.fetchCursor(
            self.db,
            sql: "SELECT * FROM usageMinute WHERE \(condition)",
            arguments: arguments
        )
        while let row = try rows.next() {
            var dimensions = UsageDimensions(row)
            dimensions.replace(dimension, with: UsageDimensions.other)
            let key = UsageMinuteKey(minute: row["minute"], dimensions: dimensions)
            folded[key, default: UsageTotals()].merge(try UsageTotals(row))
        }
        try self.db.execute(sql: "DELETE FROM usageMinute WHERE \(condition)", arguments: arguments)
        for (key, totals) in folded { try self.add(totals, to: .minutes, at: key.minute, key.dimensions) }
    }
}

private struct UsageMinuteKey: Hashable {
    let minute: Int64
    let dimensions: UsageDimensions
}

extension UsageDimensions {
    fileprivate mutating func replace(_ dimension: UsageDimension, with value: String) {
        switch dimension {
        case .user: self.user = value
        case .task: self.task = value
        case .key: self.key = value
        case .team, .route, .model, .provider, .prompt: break
        }
    }
}
