package import Domain
import GRDB

/// What is posted to an account in one quarter of an hour.
struct BudgetSpend: Hashable {
    static let milliseconds: Int64 = 900_000

    let account: BudgetAccount
    let quarter: Int64

    init(account: BudgetAccount, admitted: Timestamp) {
        self.account = account
        self.quarter = admitted.unixMilliseconds.flooredQuotient(by: Self.milliseconds)
    }
}

/// A lease as people see it.
package struct LeaseReport: Hashable, Sendable {
    package let node: ID<Node>
    package let id: LeaseID
    package let lease: LentLease
}

extension Reading {
    /// The accounts of a budget: the latest windows first, within one the units in their order. `after` goes on where a list
    /// ended.
    package func accounts(
        of budget: Name<Budget>,
        window: String? = nil,
        after: (start: Timestamp, unit: String)? = nil,
        limit: Int
    ) throws -> [(account: BudgetAccount, ledger: BudgetLedger)] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT * FROM budgetAccount
                WHERE budget = ?1 AND (?2 IS NULL OR window = ?2)
                    AND (?3 IS NULL OR windowStart < ?3 OR windowStart = ?3 AND unit > ?4)
                ORDER BY windowStart DESC, unit LIMIT ?5
                """,
            arguments: [budget.text, window, after?.start.column, after?.unit, limit]
        )
        return try rows.map { (try $0.account(), $0.ledger) }
    }

    /// One account by its names; nil where nothing was ever lent of it or posted to it.
    package func account(
        of budget: Name<Budget>,
        unit: String,
        window: String
    ) throws -> (account: BudgetAccount, ledger: BudgetLedger)? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM budgetAccount WHERE budget = ? AND window = ? AND unit = ?",
            arguments: [budget.text, window, unit]
        )
        return try row.map { (try $0.account(), $0.ledger) }
    }

    package func ledger(of account: BudgetAccount) throws -> BudgetLedger? {
        var book = LendingBook()
        try self.load(account, into: &book)
        return book.accounts[account]
    }

    /// The open leases of an account, the largest first, and those whose rest was assumed spent.
    package func leases(of account: BudgetAccount, limit: Int) throws -> [LeaseReport] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT boot, number, granted, returned, used, lease.posted AS leasePosted, assumed, isOpen, node
                FROM lease JOIN budgetAccount ON budgetAccount.id = lease.account
                WHERE budget = ? AND window = ? AND unit = ? AND (isOpen = 1 OR assumed > 0)
                ORDER BY granted - returned DESC, boot, number LIMIT ?
                """,
            arguments: [account.budget.text, account.window.name, account.unit, limit]
        )
        return try rows.map { LeaseReport(node: try $0.id("node"), id: try $0.leaseID(), lease: $0.lease) }
    }

    /// What events posted to an account, by the quarter of an hour in which they were admitted, in order.
    package func spend(of account: BudgetAccount) throws -> [(start: Timestamp, posted: Money)] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT quarter, budgetSpend.posted AS posted FROM budgetSpend
                JOIN budgetAccount ON budgetAccount.id = budgetSpend.account
                WHERE budget = ? AND window = ? AND unit = ? ORDER BY quarter
                """,
            arguments: [account.budget.text, account.window.name, account.unit]
        )
        return rows.map { row in
            let quarter: Int64 = row["quarter"]
            return (Timestamp(unixMilliseconds: quarter * BudgetSpend.milliseconds), row.money("posted"))
        }
    }
}
