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
