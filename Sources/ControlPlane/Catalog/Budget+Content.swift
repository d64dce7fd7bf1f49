package import Domain
package import Storage

/// `{"name": "demo-month", "scope": {"team": "demo"}, "amount": "25.00", "window": "month", "thresholds": [0.5, 0.8]}`.
extension Budget: CatalogContent {
    package static var kind: Kind { .budgets }

    package static var hints: [String: String] {
        [
            "currency": "amounts are US dollars", "limit": "is called amount", "max": "is called amount",
            "period": "is called window", "timezone": "is called timeZone", "soft": "is written hard: false",
        ]
    }

    package init?(_ form: inout Form) {
        let name: Name<Budget>? = form.name("name")
        let scope = Scope.read(&form)
        let per = form.choice("per", default: Division.none)
        let amount = form.money("amount")
        if amount == .zero { form.add("amount", "must be more than nothing: shut a team out by its roles or keys") }
        let length: BudgetPeriod.Length? = form.choice("window")
        let timeZone = form.textIfPresent("timeZone", lengthMax: BudgetPeriod.timeZoneLengthMax) ?? "UTC"
        if !BudgetPeriod.isKnown(timeZone: timeZone) {
            form.add("timeZone", "must be a name of the IANA time zone database such as Europe/Berlin")
        }
        let isHard = form.flag("hard", default: true)
        let cutsOff = form.flag("cutoff", default: false)
        let thresholds = form.thousandths("thresholds", in: 1...Self.thousandthsMax, countMax: Self.thresholdsMax)
        guard let name, let scope, let per, let amount, let length, let thresholds, form.isGood else { return nil }
        self.init(
            name: name,
            scope: scope,
            per: per,
            amount: amount,
            period: BudgetPeriod(length, timeZone: timeZone),
            isHard: isHard,
            cutsOff: cutsOff,
            thresholds: thresholds.sorted()
        )
    }

    package var json: JSON {
        .object([
            "name": .string(self.name.text), "scope": self.scope.json, "per": .string(self.per.rawValue),
            "amount": .string(self.amount.dollars), "window": .string(self.period.length.rawValue),
            "timeZone": .string(self.period.timeZone), "hard": .bool(self.isHard), "cutoff": .bool(self.cutsOff),
            "thresholds": .array(self.thresholds.map(JSON.thousandths)),
        ])
    }

    /// Whatever may let more be spent than people agreed to. What is not in force holds nothing: any budget is less.
    package func needsApproval(after approved: Budget?, isInForce: Bool) -> Bool {
        guard let approved, isInForce else { return false }
        return self.scope != approved.scope || self.per != approved.per || self.period != approved.period
            || self.amount > approved.amount || approved.isHard && !self.isHard
    }
}
