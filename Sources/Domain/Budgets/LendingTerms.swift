/// What a budget is as far as lending asks, and which of its windows is now.
package struct LendingTerms: Hashable, Sendable {
    package let limit: Money
    package let isHard: Bool
    package let window: BudgetWindow
    /// Parts of the limit, in thousandths, at which somebody is told.
    package let thresholds: [Int64]

    package init(limit: Money, isHard: Bool, window: BudgetWindow, thresholds: [Int64] = []) {
        self.limit = limit
        self.isHard = isHard
        self.window = window
        self.thresholds = thresholds
    }
}
