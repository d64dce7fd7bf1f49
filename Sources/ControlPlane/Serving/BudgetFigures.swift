package import Domain
import Storage

/// How one budget stands, for metrics.
package struct BudgetFigures: Hashable, Sendable {
    package let name: Name<Budget>
    package let limit: Money
    package let posted: Money
    package let pending: Money
    package let unconfirmed: Money

    /// So many have lines on the page of metrics.
    package static let countMax = 200
}

extension Reading {
    /// Of the budgets in force that count all together, in the window that is now: the first by name. What counts apart has
    /// an account for each user or task, and those are told by the API.
    func budgetFigures(at now: Timestamp) throws -> [BudgetFigures] {
        let budgets = try self.inForce(.budgets).map { try Budget.read($0) }.filter { $0.per == .none }
            .sorted { $0.name < $1.name }
        return try budgets.prefix(BudgetFigures.countMax).map { budget in
            let window = budget.period.window(at: now)
            let totals = try self.totals(of: budget.name, window: window.name, limit: budget.amount)
            return BudgetFigures(
                name: budget.name,
                limit: budget.amount,
                posted: totals.posted,
                pending: totals.pending,
                unconfirmed: totals.unconfirmed
            )
        }
    }
}
