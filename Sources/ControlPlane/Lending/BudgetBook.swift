package import Domain
package import Storage
import Synchronization

/// The budgets in force, read again after each change of the catalogue.
package final class BudgetBook: Sendable {
    private struct State {
        var budgets: [Name<Budget>: Budget]?
        /// Counts changes, so that what was read before one is not kept after it.
        var changes = 0
        /// A window is made once and holds for hours: calendars are slow.
        var windows: [BudgetPeriod: BudgetWindow] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func budget(_ name: Name<Budget>, in reading: Reading) throws -> Budget? { try self.all(reading)[name] }

    /// What a budget is now, as lending asks; nil where there is none of that name.
    package func terms(_ name: Name<Budget>, at now: Timestamp, in reading: Reading) throws -> LendingTerms? {
        guard let budget = try self.budget(name, in: reading) else { return nil }
        return LendingTerms(
            limit: budget.amount,
            isHard: budget.isHard,
            window: self.window(budget.period, at: now),
            thresholds: budget.thresholds
        )
    }

    func window(_ period: BudgetPeriod, at now: Timestamp) -> BudgetWindow {
        self.state.withLock { state in
            if let window = state.windows[period], window.holds(now) { return window }
            let window = period.window(at: now)
            state.windows[period] = window
            return window
        }
    }

    private func all(_ reading: Reading) throws -> [Name<Budget>: Budget] {
        let (known, changes) = self.state.withLock { ($0.budgets, $0.changes) }
        if let known { return known }
        let budgets = try reading.inForce(.budgets).map { try Budget.read($0) }
        let byName = Dictionary(budgets.map { ($0.name, $0) }) { first, _ in first }
        self.state.withLock { state in
            if state.changes == changes { state.budgets = byName }
        }
        return byName
    }
}

extension BudgetBook: ChangeListener {
    package func contentChanged() {
        self.state.withLock { state in
            state.budgets = nil
            state.changes += 1
            state.windows.removeAll()
        }
    }

    package func denyListChanged() {}
}
