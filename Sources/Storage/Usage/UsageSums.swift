import Domain
import Foundation
import GRDB

/// The two tables of sums: minutes are kept for a while, hours for ever.
enum UsageTable {
    case minutes
    case hours

    var name: String {
        switch self {
        case .minutes: "usageMinute"
        case .hours: "usageHour"
        }
    }

    /// The column that counts minutes or hours since 1970.
    var time: String {
        switch self {
        case .minutes: "minute"
        case .hours: "hour"
        }
    }

    var milliseconds: Int64 {
        switch self {
        case .minutes: UsageMinute.milliseconds
        case .hours: 60 * UsageMinute.milliseconds
        }
    }
}

extension Transaction {
    /// Adds to the row of one time and one tuple.
    func add(_ totals: UsageTotals, to table: UsageTable, at time: Int64, _ dimensions: UsageDimensions) throws {
        let key: [(any DatabaseValueConvertible)?] = [
            time, dimensions.team, dimensions.key, dimensions.user, dimensions.route, dimensions.model,
            dimensions.provider, dimensions.task, dimensions.prompt,
        ]
        let select = try self.db.cachedStatement(
            sql: """
                SELECT * FROM \(table.name) WHERE \(table.time) = ? AND team = ? AND key = ? AND user = ? AND route = ?
                    AND model = ? AND provider = ? AND task = ? AND prompt = ?
                """
        )
        var sum = totals
        if let row = try Row.fetchOne(select, arguments: StatementArguments(key)) { sum.merge(try UsageTotals(row)) }
        let marks = Array(repeating: "?", count: key.count + UsageTotals.columnCount).joined(separator: ", ")
        let replace = try self.db.cachedStatement(sql: "INSERT OR REPLACE INTO \(table.name) VALUES (\(marks))")
        try replace.execute(arguments: StatementArguments(key + sum.columns))
    }
}

extension UsageTotals {
    static let columnCount = 25 + UsageTotals.rareKinds.count

    /// In the order of the tables' columns.
    var columns: [(any DatabaseValueConvertible)?] {
        let counts: [Int64] =
            [self.events, self.requests]
            + [.answered, .denied, .failed, .timedOut, .cut, .cancelled, .lost].map { self.outcomes[$0] ?? 0 }
            + [self.unconfirmed, self.streamed]
            + [self.input, self.cachedInput, self.output].flatMap { [$0.tokens, $0.known, $0.absent] }
            + [self.cost.nanoDollars, self.costMismatches]
        return counts.map { $0 as (any DatabaseValueConvertible)? }
            + [self.firstToken.column, self.providerLatency.column, self.totalLatency.column]
            + Self.rareKinds.map { self.rare[$0] }
    }

    init(_ row: Row) throws {
        self.init()
        self.events = row["events"]
        self.requests = row["requests"]
        self.outcomes = [
            .answered: row["answered"], .denied: row["denied"], .failed: row["failed"], .timedOut: row["timedOut"],
            .cut: row["cut"], .cancelled: row["cancelled"], .lost: row["lost"],
        ]
        self.unconfirmed = row["unconfirmed"]
        self.streamed = row["streamed"]
        self.input = TokenSum(tokens: row["inputTokens"], known: row["inputKnown"], absent: row["inputAbsent"])
        self.cachedInput = TokenSum(
            tokens: row["cachedInputTokens"],
            known: row["cachedInputKnown"],
            absent: row["cachedInputAbsent"]
        )
        self.output = TokenSum(tokens: row["outputTokens"], known: row["outputKnown"], absent: row["outputAbsent"])
        for kind in Self.rareKinds { self.rare[kind] = row[kind.column] }
        self.cost = Money(nanoDollars: row["costNanoDollars"])
        self.costMismatches = row["costMismatches"]
        self.firstToken = try Histogram(column: row["firstToken"])
        self.providerLatency = try Histogram(column: row["providerLatency"])
        self.totalLatency = try Histogram(column: row["totalLatency"])
    }
}

extension TokenKind {
    /// Of its counts in the tables of events and sums.
    var column: String { "\(self.rawValue)Tokens" }
}

extension UsageDimensions {
    init(_ row: Row) {
        self.init(
            team: row["team"],
            key: row["key"],
            user: row["user"],
            route: row["route"],
            model: row["model"],
            provider: row["provider"],
            task: row["task"],
            prompt: row["prompt"]
        )
    }
}
