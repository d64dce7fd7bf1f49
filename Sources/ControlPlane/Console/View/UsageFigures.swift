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
            "input": Figures.count(row["inputTokens"]), "output": Figures.count(row["outputTokens"]),
            "cost": .string(Figures.dollars(row.text("costUsd"))), "costExact": .string(row.text("costUsd")),
            "p50": Figures.milliseconds(row["latencyMs"]?["p50"]),
            "p95": Figures.milliseconds(row["latencyMs"]?["p95"]),
            "firstP95": Figures.milliseconds(row["firstTokenMs"]?["p95"]),
        ]
    }
}
