/// What is counted for itself: one budget, for one of those that it counts apart, in one window.
package struct BudgetAccount: Hashable, Sendable {
    package let budget: Name<Budget>
    /// The user, key, … that it counts apart; empty where it counts all together.
    package let unit: String
    package let window: BudgetWindow

    package init(budget: Name<Budget>, unit: String = "", window: BudgetWindow) {
        self.budget = budget
        self.unit = unit
        self.window = window
    }

    /// The same where its window is over by then.
    func ended(by time: Timestamp) -> BudgetAccount {
        let end = min(self.window.end ?? time, time)
        let window = BudgetWindow(name: self.window.name, start: self.window.start, end: end)
        return BudgetAccount(budget: self.budget, unit: self.unit, window: window)
    }
}
