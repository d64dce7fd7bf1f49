package import Domain
import GRDB

extension Transaction {
    /// Remembers to which thresholds the accounts that a book has changed have come: each once, for ever. It is due to be
    /// told at once.
    func noteThresholds(
        of book: LendingBook,
        at now: Timestamp,
        terms: (Name<Budget>) throws -> LendingTerms?
    ) throws {
        for account in book.changedAccounts {
            guard let ledger = book.accounts[account], let terms = try terms(account.budget) else { continue }
            // What was kept may be older than the budget; of a window that is over it is what held then.
            let amount = account.window == terms.window ? terms.limit : ledger.limit
            for threshold in terms.thresholds
            where BudgetAlert.isReached(threshold, of: amount, by: ledger.posted) {
                try self.note(threshold, of: account, amount: amount, posted: ledger.posted, at: now)
            }
        }
    }

    private func note(
        _ threshold: Int64,
        of account: BudgetAccount,
        amount: Money,
        posted: Money,
        at now: Timestamp
    ) throws {
        let statement = try self.db.cachedStatement(
            sql: """
                INSERT INTO budgetAlert (id, account, threshold, amount, posted, time, due)
                SELECT ?4, id, ?5, ?6, ?7, ?8, ?8 FROM budgetAccount WHERE budget = ?1 AND window = ?2 AND unit = ?3
                ON CONFLICT (account, threshold) DO NOTHING
                """
        )
        try statement.execute(arguments: [
            account.budget.text, account.window.name, account.unit, self.alertID(threshold, of: account), threshold,
            amount.nanoDollars, posted.nanoDollars, now.column,
        ])
    }

    /// Made of what it is about: after a restore, what was told before has the same again.
    private func alertID(_ threshold: Int64, of account: BudgetAccount) -> String {
        let parts = [account.budget.text, account.window.name, account.unit, String(threshold)]
        return "alert-" + self.hash(Array(parts.joined(separator: "\u{0}").utf8)).hex.prefix(32)
    }

    /// It is told, or nobody is to be told any more.
    package func endAlert(_ id: String) throws {
        try self.db.execute(
            sql: "UPDATE budgetAlert SET due = NULL, tries = tries + 1 WHERE id = ?",
            arguments: [id]
        )
    }

    package func postponeAlert(_ id: String, until due: Timestamp) throws {
        try self.db.execute(
            sql: "UPDATE budgetAlert SET due = ?, tries = tries + 1 WHERE id = ? AND due IS NOT NULL",
            arguments: [due.column, id]
        )
    }
}

extension Reading {
    /// What is to be told by now, the longest due first.
    package func alertsDue(at now: Timestamp, limit: Int) throws -> [BudgetAlert] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT budgetAlert.id AS alert, threshold, budgetAlert.amount AS amountThen,
                    budgetAlert.posted AS postedThen, time, tries, budgetAccount.*
                FROM budgetAlert JOIN budgetAccount ON budgetAccount.id = budgetAlert.account
                WHERE due <= ? ORDER BY due, alert LIMIT ?
                """,
            arguments: [now.column, limit]
        )
        return try rows.map { row in
            BudgetAlert(
                id: row["alert"],
                account: try row.account(),
                threshold: row["threshold"],
                amount: row.money("amountThen"),
                posted: row.money("postedThen"),
                time: row.timestamp("time"),
                tries: row["tries"]
            )
        }
    }
}
