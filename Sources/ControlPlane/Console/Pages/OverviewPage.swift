import Domain

/// How things are: traffic, cost, errors, waiting, the fleet, and what waits for somebody.
enum OverviewPage {
    private static let rowsMax = 6

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let range = try UsageRange(visit.query, at: visit.now)
        let status = try await visit.get("/status")
        let usage = try await visit.get(
            "/usage/overview",
            query: range.query.merging(["step": range.step.rawValue]) { $1 }
        )
        let (whole, steps) = (usage.items("total").first ?? [:], usage.items("steps"))
        let seesNodes = visit.may(.get, "/nodes")
        let nodes = seesNodes ? try await visit.get("/nodes", query: ["limit": "200"]).items("items") : nil
        let open = try await visit.get("/proposals", query: ["state": "open", "limit": "5"]).items("items")
        var page = Page(
            "Overview",
            in: .overview,
            .overview,
            [
                "ranges": .array(self.ranges(range)), "range": .string(range.title),
                "total": UsageFigures.json(whole), "isIdle": .bool(whole.integer("attempts") == 0),
                "rate": .string(self.rate(whole, range)),
                "fleet": self.fleet(status, nodes, at: visit.now),
                "proposals": .unlessEmpty(open.map { ProposalView.row($0) }),
                "charts": .array(self.charts(range, steps)),
                "steps": .array(self.table(range, steps)),
                "models": self.top(usage.items("models"), by: "model"),
                "teams": self.top(usage.items("teams"), by: "team"),
                "usageLink": .string(Link.to(Link.to("usage"), query: range.link)),
            ]
        )
        page.hasCharts = true
        return page
    }

    private static func ranges(_ range: UsageRange) -> [JSON] {
        UsageRange.Usual.allCases.map { usual in
            [
                "title": .string(usual.title), "short": .string(usual.rawValue),
                "link": .string(Link.to(Link.root, query: ["range": usual.rawValue])),
                "isCurrent": .bool(usual == range.usual),
            ]
        }
    }

    /// Exchanges a minute, on the average.
    private static func rate(_ whole: JSON, _ range: UsageRange) -> String {
        if whole.integer("exchanges") == 0 { return "none" }
        let minutes = max(1, range.to.milliseconds(since: range.from) / 60_000)
        let tenths = whole.integer("exchanges") * 10 / minutes
        return tenths < 1 ? "less than 0.1 a minute" : "\(Figures.count(tenths / 10)).\(tenths % 10) a minute"
    }

    private static func fleet(_ status: JSON, _ nodes: [JSON]?, at now: Timestamp) -> JSON {
        let standing = (nodes ?? []).filter { $0.text("state") != "banned" }
        let behind = standing.filter { $0["isCurrent"]?.isTrue != true }
        let refusing = standing.filter { !$0.text("refusal").isEmpty }
        return [
            "live": .string(Figures.count(status["nodes"]?.integer("live") ?? 0)),
            "silent": .string(Figures.count(status["nodes"]?.integer("silent") ?? 0)),
            "hasSilent": .bool(status["nodes"]?.integer("silent") ?? 0 > 0),
            "behind": .string(Figures.count(Int64(behind.count))), "hasBehind": .bool(!behind.isEmpty),
            "isCurrent": .bool(nodes != nil && behind.isEmpty),
            "refusing": .unlessEmpty(
                refusing.prefix(Self.rowsMax).map { ["name": $0["name"] ?? .null, "refusal": $0["refusal"] ?? .null] }
            ),
            "snapshot": .unlessEmpty(status.text("snapshot")),
            "publishError": .unlessEmpty(status.text("lastPublishError")),
            "isEmpty": .bool(nodes != nil && standing.isEmpty),
            "environment": .string(status.text("environment")),
        ]
    }

    private static func top(_ rows: [JSON], by dimension: String) -> JSON {
        let sorted = rows.sorted { Measure.cost.weight($0) > Measure.cost.weight($1) }.prefix(Self.rowsMax)
        return .unlessEmpty(
            sorted.map { row in
                UsageFigures.json(row).merging(["name": .string(UsagePage.name(row.text(dimension)))])
            }
        )
    }

    private static func charts(_ range: UsageRange, _ rows: [JSON]) -> [JSON] {
        let times = range.steps
        let byStart = Dictionary(rows.map { ($0.text("start"), $0) }) { first, _ in first }
        func values(_ measure: Measure) -> [String?] {
            times.map { byStart[$0.rfc3339].map(measure.value) ?? (measure == .p95 ? nil : "0") }
        }
        return [Measure.exchanges, .cost, .p95].map { measure in
            Chart(
                title: measure.title,
                labels: times.map(range.label),
                series: [Chart.Series(name: measure.title, values: values(measure))],
                unit: measure.unit,
                kind: measure == .p95 ? "line" : "bar"
            ).json
        }
    }

    /// The charts' numbers, without the steps in which nothing was.
    private static func table(_ range: UsageRange, _ rows: [JSON]) -> [JSON] {
        rows.map { UsageFigures.json($0).merging(["time": Figures.time($0["start"])]) }
    }
}
