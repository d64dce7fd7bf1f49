import Domain

/// What was used and what it cost, by whom and by what: a table, a chart of the largest, and a file for spreadsheets.
enum UsagePage {
    static var routes: [ConsoleRoute] {
        [.show("usage", self.show), ConsoleRoute("usage.csv", .download(self.download))]
    }

    private static let rowsMax = 200
    private static let seriesMax = 6
    private static let dimensionsMax = 3

    /// What the address asks for.
    private struct Question {
        let range: UsageRange
        let by: [String]
        let measure: Measure

        init(_ visit: Visit) throws {
            self.range = try UsageRange(visit.query, at: visit.now)
            let known = UsageQuery.Dimension.allCases.map(\.rawValue)
            let asked = visit.query.all("by").flatMap { $0.split(separator: ",").map(String.init) }
            let by = known.filter(asked.contains)
            self.by = visit.query.all("by").isEmpty ? ["team", "model"] : Array(by.prefix(UsagePage.dimensionsMax))
            self.measure = visit.query["measure"].flatMap(Measure.init) ?? .cost
        }

        var api: [String: String] {
            self.by.isEmpty
                ? self.range.query : self.range.query.merging(["by": self.by.joined(separator: ",")]) { $1 }
        }

        func link(_ path: String, measure: Measure? = nil) -> String {
            let base = Link.to(path, query: self.range.link)
            let others = [("by", self.by.joined(separator: ",")), ("measure", (measure ?? self.measure).rawValue)]
            return others.reduce(base) { "\($0)&\($1.0)=\(PercentEncoding.encode($1.1))" }
        }
    }

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let question = try Question(visit)
        let rows = try await visit.get("/usage", query: question.api).items("rows")
            .sorted { question.measure.weight($0) > question.measure.weight($1) }
        let step = question.range.step.rawValue
        // What the API answers at once is bounded; a table without its chart is better than neither.
        let isCharted = !rows.isEmpty && rows.count * question.range.steps.count <= UsageQuery.rowsMax
        let steps =
            isCharted
            ? try await visit.get("/usage", query: question.api.merging(["step": step]) { $1 }).items("rows") : []
        let total = try await visit.get("/usage", query: question.range.query).items("rows").first ?? [:]
        var page = Page(
            "Usage",
            in: .usage,
            .usage,
            [
                "range": .string(question.range.title), "choices": self.choices(question),
                "columns": .array(question.by.map { .string($0) }),
                "orders": .array(self.orders(question)),
                "rows": .unlessEmpty(rows.prefix(Self.rowsMax).map { self.cells($0, question) }),
                "left": rows.count > Self.rowsMax ? .string(Figures.count(Int64(rows.count - Self.rowsMax))) : .null,
                "total": UsageFigures.json(total).merging(["span": .number(max(1, question.by.count))]),
                "chart": isCharted ? self.chart(question, rows, steps).json : .null,
                "isCrowded": .bool(!rows.isEmpty && !isCharted),
                "measure": .string(question.measure.title),
                "csv": .string(question.link(Link.to("usage.csv"))),
                "csvSteps": .string(question.link(Link.to("usage.csv")) + "&step=\(step)"),
                "step": .string(step),
            ]
        )
        page.hasCharts = true
        return page
    }

    /// An event that had none of a dimension is a group too.
    static func name(_ value: String) -> String { value.isEmpty ? "(none)" : value }

    // MARK: - The form

    private static func choices(_ question: Question) -> JSON {
        func choice(_ value: String, _ title: String, _ isChosen: Bool) -> JSON {
            ["value": .string(value), "title": .string(title), "isChosen": .bool(isChosen)]
        }
        let usual = UsageRange.Usual.allCases.map { choice($0.rawValue, $0.title, $0 == question.range.usual) }
        return [
            "ranges": .array(usual + [choice("custom", "Between two times", question.range.usual == nil)]),
            "from": .string(String(question.range.from.rfc3339.prefix(16))),
            "to": .string(String(question.range.to.rfc3339.prefix(16))),
            "by": .array(
                UsageQuery.Dimension.allCases.map {
                    choice($0.rawValue, $0.rawValue, question.by.contains($0.rawValue))
                }
            ),
            "measures": .array(Measure.allCases.map { choice($0.rawValue, $0.title, $0 == question.measure) }),
        ]
    }

    // MARK: - The table

    /// Columns that the table can be ordered by.
    private static func orders(_ question: Question) -> [JSON] {
        let columns: [(Measure?, String)] = [
            (.exchanges, "Exchanges"), (nil, "Attempts"), (.failed, "Failed"), (nil, "Denied"), (nil, "Input tokens"),
            (nil, "Output tokens"), (.cost, "Cost"), (nil, "p50"), (.p95, "p95"),
        ]
        return columns.map { measure, title in
            [
                "title": .string(title),
                "link": measure.map { .string(question.link(Link.to("usage"), measure: $0)) } ?? .null,
                "isCurrent": .bool(measure == question.measure),
            ]
        }
    }

    private static func cells(_ row: JSON, _ question: Question) -> JSON {
        let group = question.by.map { JSON.string(self.name(row.text($0))) }
        return UsageFigures.json(row).merging([
            "name": group.first ?? "All", "others": .array(Array(group.dropFirst())),
        ])
    }

    // MARK: - The chart

    /// The largest groups by themselves, step by step. A percentile of several groups is none, so they are not added up.
    private static func chart(_ question: Question, _ rows: [JSON], _ steps: [JSON]) -> Chart {
        func group(_ row: JSON) -> [String] { question.by.map { row.text($0) } }
        var cells: [[String]: [String: String]] = [:]
        for row in steps { cells[group(row), default: [:]][row.text("start")] = question.measure.value(row) }
        let times = question.range.steps
        let isLine = question.measure == .p95
        return Chart(
            title: "\(question.measure.title), \(question.range.title.lowercased())",
            labels: times.map(question.range.label),
            series: rows.prefix(Self.seriesMax).map { row in
                let values = cells[group(row)] ?? [:]
                let name = group(row).map(self.name).joined(separator: " · ")
                return Chart.Series(
                    name: name.isEmpty ? "All" : name,
                    values: times.map { values[$0.rfc3339] ?? (isLine ? nil : "0") }
                )
            },
            unit: question.measure.unit,
            kind: isLine ? "line" : "stack"
        )
    }

    // MARK: - The file

    private static let fileColumns =
        ["exchanges", "attempts", "answered", "failed", "denied", "unconfirmed"]
        + TokenKind.allCases.map { "\($0.rawValue)Tokens" } + ["costUsd"]
    private static let quantiles = ["p50", "p90", "p95", "p99"]

    @Sendable static func download(_ visit: Visit) async throws -> Download {
        let question = try Question(visit)
        var query = question.api
        if let step = visit.query["step"] { query["step"] = step }
        let rows = try await visit.get("/usage", query: query).items("rows")
        let head =
            ["start"] + question.by + self.fileColumns + self.quantiles.map { "latencyMs.\($0)" }
            + self.quantiles.map { "firstTokenMs.\($0)" }
        let lines = rows.map { row in
            ([row["start"]] + question.by.map { row[$0] } + self.fileColumns.map { row[$0] }
                + self.quantiles.map { row["latencyMs"]?[$0] } + self.quantiles.map { row["firstTokenMs"]?[$0] })
                .map { $0?.text ?? "" }
        }
        let day = question.range.from.rfc3339.prefix(10)
        return Download(
            name: "martlet-usage-\(day).csv",
            type: "text/csv; charset=utf-8",
            text: CSV.text([head] + lines)
        )
    }
}
