import Domain

/// What may be spent and how much may pass at once, and whom each is about.
enum BudgetPages {
    static var routes: [ConsoleRoute] {
        [.show("budgets", self.budgets), .show("budgets/{name}", BudgetPage.show), .show("limits", self.limits)]
    }

    @Sendable private static func budgets(_ visit: Visit) async throws -> Page {
        let page = try await visit.get("/budgets", query: Paging.query(visit))
        return Page(
            "Budgets",
            in: .budgets,
            .budgets,
            [
                "tabs": self.tabs("budgets"), "rows": .unlessEmpty(page.items("items").map(self.budget)),
                "paging": Paging.json(page, visit, Link.to("budgets")),
            ]
        )
    }

    @Sendable private static func limits(_ visit: Visit) async throws -> Page {
        let page = try await visit.get("/limits", query: Paging.query(visit))
        return Page(
            "Limits",
            in: .budgets,
            .limits,
            [
                "tabs": self.tabs("limits"), "rows": .unlessEmpty(page.items("items").map(self.limit)),
                "paging": Paging.json(page, visit, Link.to("limits")),
            ]
        )
    }

    private static func tabs(_ current: String) -> JSON {
        .array(
            ["budgets", "limits"].map { kind in
                [
                    "title": .string(kind.withCapital), "link": .string(Link.to(kind)),
                    "isCurrent": .bool(kind == current),
                ]
            }
        )
    }

    private static func budget(_ budget: JSON) -> JSON {
        let status = budget["status"] ?? .null
        func dollars(_ name: String) -> JSON { status[name]?.text.map { .string(Figures.dollars($0)) } ?? .null }
        return self.row(budget).merging([
            "posted": dollars("posted"), "pending": dollars("pending"), "left": dollars("available"),
            "isSpent": .bool(status.text("available") == "0.00"),
        ])
    }

    /// What is written of a budget.
    static func row(_ budget: JSON) -> JSON {
        let told = budget.items("thresholds").compactMap { $0.text.flatMap { DecimalText.read($0, places: 3) } }
        return self.shared(budget).merging([
            "link": .string(Link.to("budgets", budget.text("name"))),
            "amount": .string(Figures.price(budget.text("amount"))),
            "rhythm": .string("\(budget.text("window")), \(budget.text("timeZone"))"),
            "isHard": budget["hard"] ?? false, "cutsOff": budget["cutoff"] ?? false,
            "told": .unlessEmpty(told.map { self.percent($0) }.joined(separator: ", ")),
        ])
    }

    /// 875 thousandths are `87.5 %`.
    private static func percent(_ thousandths: Int64) -> String {
        "\(DecimalText.write(thousandths.magnitude, places: 1, placesMin: 0)) %"
    }

    private static func limit(_ limit: JSON) -> JSON {
        self.shared(limit).merging([
            "requests": Figures.count(limit["requestsPerMinute"]), "tokens": Figures.count(limit["tokensPerMinute"]),
            "concurrent": Figures.count(limit["concurrent"]),
        ])
    }

    private static func shared(_ item: JSON) -> JSON {
        let proposal = item["proposal"]?.string.map { JSON.string(Link.to("proposals", $0)) }
        return [
            "name": item["name"] ?? .null, "about": .array(self.about(item["scope"] ?? .null)),
            "per": item.text("per") == "none" ? .null : .string(item.text("per")),
            "status": State.json(item.text("state")), "proposal": proposal ?? .null,
            "author": item["author"] ?? .null, "created": Figures.time(item["created"]),
        ]
    }

    /// `team demo`, `data_class = internal`; everything, where it names nothing.
    private static func about(_ scope: JSON) -> [JSON] {
        let parts = scope.members.flatMap { field, value in
            field == "metadata"
                ? value.members.map { "\($0.name) = \($0.value.text ?? "")" } : ["\(field) \(value.text ?? "")"]
        }
        return parts.isEmpty ? ["everything"] : parts.map(JSON.string)
    }
}
