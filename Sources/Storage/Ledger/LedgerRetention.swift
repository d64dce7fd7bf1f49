package import Domain
import GRDB

/// How long the ledger is kept.
package enum LedgerRetention {
    /// After the end of its window, an account's sum and course are kept for a year and a month.
    package static let accountMilliseconds: Int64 = 396 * 86_400_000
    /// Rows that one sweep removes, so that the writer is not held for long.
    package static let rowsPerSweepMax = 5_000
}

extension Transaction {
    /// Removes leases of which all is known, and accounts of windows that ended long ago. Returns whether there is more to do.
    ///
    /// A lease of a boot whose stream is not closed is never removed: its node may still name it, and would be taken for one
    /// that was never lent anything.
    package func sweepLedger(at now: Timestamp) throws -> Bool {
        try self.db.execute(
            sql: """
                DELETE FROM lease WHERE (boot, number) IN (
                    SELECT boot, number FROM lease WHERE isOpen = 0 AND assumed = 0
                        AND boot IN (SELECT boot FROM usageStream WHERE isClosed = 1)
                    LIMIT ?)
                """,
            arguments: [LedgerRetention.rowsPerSweepMax]
        )
        let leases = self.db.changesCount
        let before = now.advanced(byMilliseconds: -LedgerRetention.accountMilliseconds)
        let accounts = try Int64.fetchAll(
            self.db,
            sql: """
                SELECT id FROM budgetAccount WHERE windowEnd < ?
                    AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.account = budgetAccount.id)
                LIMIT ?
                """,
            arguments: [before.column, LedgerRetention.rowsPerSweepMax]
        )
        for account in accounts {
            try self.db.execute(sql: "DELETE FROM budgetSpend WHERE account = ?", arguments: [account])
            try self.db.execute(sql: "DELETE FROM budgetAccount WHERE id = ?", arguments: [account])
        }
        return max(leases, accounts.count) == LedgerRetention.rowsPerSweepMax
    }
}
