/// What a budget is as far as lending asks, and which of its windows is now.
package struct LendingTerms: Hashable, Sendable {
    package let limit: Money
    package let isHard: Bool
    package let window: BudgetWindow

    package init(limit: Money, isHard: Bool, window: BudgetWindow) {
        self.limit = limit
        self.isHard = isHard
        self.window = window
    }
}
