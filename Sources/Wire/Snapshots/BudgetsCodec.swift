import Domain
import Schemas

/// Budgets, without the thresholds at which people are told: nodes tell nobody.
enum BudgetsCodec {
    static func encode(_ budgets: [Budget]) -> [UInt8] {
        var message = PBBudgetsSection()
        message.format = SectionCodec.format
        message.budgets = budgets.sorted { $0.name < $1.name }.map(Self.entry)
        return message.deterministicBytes
    }

    static func decode(_ bytes: [UInt8]) throws(WireError) -> [Budget] {
        let message = try PBBudgetsSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
        try Check.format(message.format, supported: SectionCodec.format, "the section budgets")
        try Check.count(message.budgets.count, atMost: ScopedIndex<Budget>.itemsMax, "budgets")
        var budgets: [Budget] = []
        for entry in message.budgets { budgets.append(try Self.budget(entry)) }
        return budgets
    }

    private static func entry(_ budget: Budget) -> PBBudgetEntry {
        var entry = PBBudgetEntry()
        entry.name = budget.name.text
        if !budget.scope.isEverything { entry.scope = ScopeCodec.entry(budget.scope) }
        entry.per = budget.per.rawValue
        entry.amount = budget.amount.nanoDollars
        entry.window = budget.period.length.rawValue
        entry.timeZone = budget.period.timeZone
        entry.hard = budget.isHard
        entry.cutoff = budget.cutsOff
        return entry
    }

    private static func budget(_ entry: PBBudgetEntry) throws(WireError) -> Budget {
        let name: Name<Budget> = try Check.name(entry.name, "a budget's name")
        let timeZone = try Check.nonEmptyText(
            entry.timeZone,
            atMost: BudgetPeriod.timeZoneLengthMax,
            "the time zone of the budget \(name)"
        )
        return Budget(
            name: name,
            scope: try ScopeCodec.scope(entry.scope, of: "the budget \(name)"),
            per: try Check.choice(entry.per, of: Division.self, "what the budget \(name) counts apart"),
            amount: Money(
                nanoDollars: try Check.amount(entry.amount, in: 1...Int64.max, "the amount of the budget \(name)")
            ),
            period: BudgetPeriod(
                try Check.choice(entry.window, of: BudgetPeriod.Length.self, "the window of the budget \(name)"),
                timeZone: timeZone
            ),
            isHard: entry.hard,
            cutsOff: entry.cutoff
        )
    }
}
