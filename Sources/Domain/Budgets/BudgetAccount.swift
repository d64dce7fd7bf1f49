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
}

/// One window of a budget, as the control plane names it: nodes never compute any.
package struct BudgetWindow: Hashable, Sendable {
    /// As in `month/2026-11`.
    package let name: String
    package let start: Timestamp
    /// Nil: for ever.
    package let end: Timestamp?

    package init(name: String, start: Timestamp, end: Timestamp?) {
        self.name = name
        self.start = start
        self.end = end
    }

    package func holds(_ time: Timestamp) -> Bool { time >= self.start && self.end.map { time < $0 } ?? true }
}

/// A sum of money per window for a scope.
package enum Budget: Nameable {}
