/// One window of a budget, as the control plane names it: nodes never compute any.
package struct BudgetWindow: Sendable {
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

    /// Stands for whichever holds the attempt: its name is for the control plane to say.
    package static let unknown = BudgetWindow(name: "", start: Timestamp(unixMilliseconds: 0), end: nil)

    /// The same with the earlier of two ends, if the other one is the same window.
    func ended(with other: BudgetWindow) -> BudgetWindow {
        guard self == other, let end = other.end, self.end.map({ end < $0 }) ?? true else { return self }
        return BudgetWindow(name: self.name, start: self.start, end: end)
    }

    package func holds(_ time: Timestamp) -> Bool { time >= self.start && self.end.map { time < $0 } ?? true }
}

/// Windows of one budget are the same by name: a budget that moves to another time zone has one account for the month.
extension BudgetWindow: Hashable {
    package static func == (a: Self, b: Self) -> Bool { a.name.utf8.elementsEqual(b.name.utf8) }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.name) }
}
