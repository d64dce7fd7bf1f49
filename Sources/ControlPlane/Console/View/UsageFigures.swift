import Domain

/// The numbers of a row of usage as cells.
enum UsageFigures {
    static func json(_ row: JSON) -> JSON {
        let attempts = row.integer("attempts")
        return [
            "exchanges": .string(Figures.count(row.integer("exchanges"))),
            "attempts": .string(Figures.count(attempts)),
            "failed": .string(Figures.count(row.integer("failed"))),
            "hasFailed": .bool(row.integer("failed") > 0),
            "failedShare": .string(Figures.percent(row.integer("failed"), of: attempts)),
            "denied": .string(Figures.count(row.integer("denied"))),
            "input": Figures.count(TokenKind.allCases.filter { $0.isInput && $0 != .cachedInput }.sum(row)),
            "output": Figures.count(TokenKind.allCases.filter { !$0.isInput }.sum(row)),
            "cost": .string(Figures.dollars(row.text("costUsd"))), "costExact": .string(row.text("costUsd")),
            "p50": Figures.milliseconds(row["latencyMs"]?["p50"]),
            "p95": Figures.milliseconds(row["latencyMs"]?["p95"]),
            "firstP95": Figures.milliseconds(row["firstTokenMs"]?["p95"]),
        ]
    }
}

extension [TokenKind] {
    /// Of these kinds together; null where no provider told any of them.
    func sum(_ row: JSON) -> JSON {
        let counts = self.compactMap { row["\($0.rawValue)Tokens"]?.integer }
        guard !counts.isEmpty else { return .null }
        return .number(
            counts.reduce(Int64(0)) { sum, count in
                let (more, overflow) = sum.addingReportingOverflow(count)
                return overflow ? .max : more
            }
        )
    }
}
