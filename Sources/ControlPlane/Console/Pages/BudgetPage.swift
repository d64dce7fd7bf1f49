import Domain

/// How one budget stands: its numbers, what each node has been lent, what is left over time, and its accounts.
enum BudgetPage {
    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let name = visit.parameter("name")
        let budget = try await visit.get("/budgets/{name}", ["name": name])
        let status = budget["status"] ?? .null
        let isDivided = budget.text("per") != "none"
        var query = Paging.query(visit)
        // Of what is counted apart, who has what now; of the rest, what each window had.
        if isDivided { query["window"] = status["window"]?.text("name") ?? "" }
        let accounts = try await visit.get("/budgets/{name}/accounts", ["name": name], query: query)
        let curve = try await self.curve(visit, name, isDivided: isDivided, status)
        var page = Page(
            "Budget \(name)",
            in: .budgets,
            .budget,
            BudgetPages.row(budget).merging([
                "numbers": status.isNull ? .null : self.numbers(status),
                "window": status.isNull ? .null : self.window(status["window"] ?? .null),
                "nodes": .unlessEmpty(
                    status.items("leases").map { self.loan($0, isLinked: visit.may(.get, "/nodes")) }
                ),
                "burnDown": curve,
                "accounts": .unlessEmpty(accounts.items("items").map { self.account($0, name, isDivided: isDivided) }),
                "accountTitle": .string(isDivided ? "By \(budget.text("per"))" : "By window"),
                "accountKind": .string(isDivided ? budget.text("per").withCapital : "Window"),
                "paging": Paging.json(accounts, visit, Link.to("budgets", name)),
            ])
        )
        page.hasCharts = true
        return page
    }

    // MARK: - Numbers

    private static func numbers(_ status: JSON) -> JSON {
        var members = self.money(status)
        members["units"] = Figures.count(status["units"])
        members["isOverspent"] = .bool(status.text("overspent") != "0.00")
        members["isUnconfirmed"] = .bool(status.text("unconfirmed") != "0.00")
        return .object(members)
    }

    private static func money(_ numbers: JSON) -> [String: JSON] {
        let names = [
            "limit", "posted", "pending", "unconfirmed", "overspent", "available", "granted", "returned", "used",
        ]
        return Dictionary(
            uniqueKeysWithValues: names.map { ($0, numbers[$0]?.text.map { .string(Figures.dollars($0)) } ?? .null) }
        )
    }

    private static func window(_ window: JSON) -> JSON {
        [
            "name": window["name"] ?? .null, "start": Figures.time(window["start"]), "end": Figures.time(window["end"]),
            "isTimed": .bool(window["end"]?.isNull == false),
        ]
    }

    private static func loan(_ loan: JSON, isLinked: Bool) -> JSON {
        let node = loan.text("node")
        let link = isLinked ? JSON.string(Link.to("nodes", node)) : .null
        return JSON.object(self.money(loan)).merging(["node": .string(node), "link": link])
    }

    private static func account(_ account: JSON, _ budget: String, isDivided: Bool) -> JSON {
        let window = account["window"]?.text("name") ?? ""
        let unit = account.text("unit")
        let link = Link.to(Link.to("budgets", budget), query: ["window": window, "unit": unit])
        let title = isDivided ? UsagePage.name(unit) : window
        return JSON.object(self.money(account)).merging([
            "title": .string(title), "link": .string(link),
            "isOverspent": .bool(account.text("overspent") != "0.00"),
        ])
    }

    // MARK: - What is left over time

    /// Of the account that the address names; without one, of the only one that is now. Null where there is none such.
    private static func curve(_ visit: Visit, _ name: String, isDivided: Bool, _ status: JSON) async throws -> JSON {
        let (window, unit) = (visit.query["window"], visit.query["unit"])
        guard unit != nil || window != nil || !isDivided && !status.isNull else { return .null }
        var query: [String: String] = [:]
        query["window"] = window
        query["unit"] = unit
        let spend = try await visit.get("/budgets/{name}/spend", ["name": name], query: query)
        guard let burnDown = BurnDown(spend, at: visit.now) else { return .null }
        let place = [unit, spend["window"]?.text("name")].compactMap(\.self).filter { !$0.isEmpty }
        return [
            "title": .string(place.joined(separator: ", ")),
            "chart": burnDown.chart("Left of \(Figures.price(spend.text("limit"))), times in UTC").json,
            "points": .array(
                burnDown.points.filter { $0.left != nil }.map { point in
                    [
                        "time": Figures.time(.string(point.time.rfc3339)),
                        "left": .string(Figures.dollars(Money(nanoDollars: point.left ?? 0).dollars)),
                        "even": point.even.map { .string(Figures.dollars(Money(nanoDollars: $0).dollars)) } ?? .null,
                    ]
                }
            ),
        ]
    }
}

extension BurnDown {
    /// As the admin API tells spending.
    init?(_ spend: JSON, at now: Timestamp) {
        func time(_ value: JSON?) -> Timestamp? { value?.string.flatMap { Timestamp(rfc3339: $0) } }
        guard let start = time(spend["window"]?["start"]), let limit = Money(dollars: spend.text("limit")) else {
            return nil
        }
        self.init(
            limit,
            from: start,
            to: time(spend["window"]?["end"]),
            spent: spend.items("steps").compactMap { step in
                guard let start = time(step["start"]), let posted = Money(dollars: step.text("posted")) else {
                    return nil
                }
                return (start, posted)
            },
            stepMilliseconds: spend.integer("stepSeconds") * 1_000,
            at: now
        )
    }

    fileprivate func chart(_ title: String) -> Chart {
        func text(_ money: Int64?) -> String? { money.map { Money(nanoDollars: $0).dollars } }
        var series = [Chart.Series(name: "Left", values: self.points.map { text($0.left) })]
        if self.points.contains(where: { $0.even != nil }) {
            let even = self.points.map { text($0.even) }
            series.append(Chart.Series(name: "If spent evenly", values: even, isGuide: true))
        }
        return Chart(
            title: title,
            labels: self.points.map { Self.label($0.time) },
            series: series,
            unit: "usd",
            kind: "line"
        )
    }
}
