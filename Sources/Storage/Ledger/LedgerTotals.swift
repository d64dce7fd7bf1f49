package import Domain
import GRDB

extension Reading {
    /// The accounts of a budget in one window, added up. `limit` is what each has now, where that is known better than by
    /// what was kept when money last moved.
    package func totals(of budget: Name<Budget>, window: String, limit: Money?) throws -> BudgetTotals {
        let statement = try self.db.cachedStatement(
            sql: "SELECT amount, posted, pending, unconfirmed FROM budgetAccount WHERE budget = ? AND window = ?"
        )
        let rows = try Row.fetchCursor(statement, arguments: [budget.text, window])
        var totals = BudgetTotals()
        while let row = try rows.next() {
            var ledger = row.ledger
            if let limit { ledger.limit = limit }
            totals.add(ledger)
        }
        return totals
    }

    /// What each node has been lent of a budget in one window and not given back, the most first.
    package func loans(of budget: Name<Budget>, window: String) throws -> [NodeLoan] {
        let statement = try self.db.cachedStatement(
            sql: """
                SELECT node, granted, returned, used, lease.posted AS leasePosted, assumed, isOpen
                FROM budgetAccount JOIN lease ON lease.account = budgetAccount.id
                WHERE budget = ? AND window = ? AND isOpen = 1
                """
        )
        let rows = try Row.fetchCursor(statement, arguments: [budget.text, window])
        var loans: [ID<Node>: NodeLoan] = [:]
        while let row = try rows.next() {
            let node: ID<Node> = try row.id("node")
            loans[node, default: NodeLoan(node: node)].add(row.lease)
        }
        return loans.values.sorted { ($1.pending, $0.node.text) < ($0.pending, $1.node.text) }
    }
}
