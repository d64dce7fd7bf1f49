import Domain
import Foundation
import GRDB

// A `LendingBook`'s parts ⇄ rows. What is loaded for one message is kept by the same transaction.

extension Reading {
    /// The leases of a boot by their numbers, with their accounts.
    func load(_ numbers: some Sequence<UInt64>, of boot: ID<Boot>, into book: inout LendingBook) throws {
        let list = numbers.map { Int64(clamping: $0) }
        guard !list.isEmpty else { return }
        let statement = try self.db.cachedStatement(
            sql: "\(Self.leaseColumns) WHERE lease.boot = ? AND lease.number IN (SELECT value FROM json_each(?))"
        )
        let rows = try Row.fetchAll(statement, arguments: [boot.text, "\(list)"])
        for row in rows { try self.load(row, into: &book) }
    }

    /// All open leases of a boot, with their accounts.
    func loadOpenLeases(of boot: ID<Boot>, into book: inout LendingBook) throws {
        let statement = try self.db.cachedStatement(
            sql: "\(Self.leaseColumns) WHERE lease.boot = ? AND (lease.isOpen = 1 OR lease.assumed > 0)"
        )
        for row in try Row.fetchAll(statement, arguments: [boot.text]) { try self.load(row, into: &book) }
    }

    /// An account by its names, unless it is loaded.
    func load(_ account: BudgetAccount, into book: inout LendingBook) throws {
        guard book.accounts[account] == nil else { return }
        let statement = try self.db.cachedStatement(
            sql: "SELECT * FROM budgetAccount WHERE budget = ? AND window = ? AND unit = ?"
        )
        let arguments: StatementArguments = [account.budget.text, account.window.name, account.unit]
        guard let row = try Row.fetchOne(statement, arguments: arguments) else { return }
        book.load(row.ledger, of: account)
    }

    private static let leaseColumns = """
        SELECT boot, number, granted, returned, used, lease.posted AS leasePosted, assumed, isOpen, budgetAccount.*
        FROM lease JOIN budgetAccount ON budgetAccount.id = lease.account
        """

    private func load(_ row: Row, into book: inout LendingBook) throws {
        let account = try row.account()
        book.load(LendingBook.Entry(account: account, lease: row.lease), as: try row.leaseID())
        if book.accounts[account] == nil { book.load(row.ledger, of: account) }
    }
}

extension Transaction {
    /// Writes what changed of a book. `node` is whose leases they are.
    func keep(_ book: LendingBook, of node: ID<Node>) throws {
        for account in book.changedAccounts {
            if let ledger = book.accounts[account] { try self.keep(ledger, of: account) }
        }
        for id in book.changedLeases {
            if let entry = book.leases[id] { try self.keep(entry, as: id, of: node) }
        }
    }

    private func keep(_ ledger: BudgetLedger, of account: BudgetAccount) throws {
        let statement = try self.db.cachedStatement(
            sql: """
                INSERT INTO budgetAccount
                    (budget, window, unit, windowStart, windowEnd, amount, posted, pending, unconfirmed)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                ON CONFLICT (budget, window, unit) DO UPDATE SET
                    windowStart = min(windowStart, ?4), windowEnd = coalesce(?5, windowEnd),
                    amount = ?6, posted = ?7, pending = ?8, unconfirmed = ?9
                """
        )
        try statement.execute(arguments: [
            account.budget.text, account.window.name, account.unit, account.window.start.column,
            account.window.end?.column, ledger.limit.nanoDollars, ledger.posted.nanoDollars,
            ledger.pending.nanoDollars, ledger.unconfirmed.nanoDollars,
        ])
    }

    func add(_ posted: Int64, to spend: BudgetSpend) throws {
        let statement = try self.db.cachedStatement(
            sql: """
                INSERT INTO budgetSpend (account, quarter, posted)
                SELECT id, ?4, ?5 FROM budgetAccount WHERE budget = ?1 AND window = ?2 AND unit = ?3
                ON CONFLICT (account, quarter) DO UPDATE SET posted = posted + excluded.posted
                """
        )
        try statement.execute(arguments: [
            spend.account.budget.text, spend.account.window.name, spend.account.unit, spend.quarter, posted,
        ])
    }

    private func keep(_ entry: LendingBook.Entry, as id: LeaseID, of node: ID<Node>) throws {
        let statement = try self.db.cachedStatement(
            sql: """
                INSERT INTO lease
                    (boot, number, account, node, granted, returned, used, posted, assumed, isOpen)
                VALUES (
                    ?1, ?2, (SELECT id FROM budgetAccount WHERE budget = ?3 AND window = ?4 AND unit = ?5),
                    ?6, ?7, ?8, ?9, ?10, ?11, ?12
                )
                ON CONFLICT (boot, number) DO UPDATE SET
                    granted = ?7, returned = ?8, used = ?9, posted = ?10, assumed = ?11, isOpen = ?12
                """
        )
        let lease = entry.lease
        try statement.execute(arguments: [
            id.boot.text, Int64(clamping: id.number), entry.account.budget.text, entry.account.window.name,
            entry.account.unit, node.text, lease.granted.nanoDollars, lease.returned.nanoDollars,
            lease.used.nanoDollars, lease.posted.nanoDollars, lease.assumed.nanoDollars, lease.isOpen,
        ])
    }
}

extension Row {
    func money(_ column: String) -> Money { Money(nanoDollars: self[column]) }

    func account() throws -> BudgetAccount {
        BudgetAccount(
            budget: try self.name("budget"),
            unit: self["unit"],
            window: BudgetWindow(
                name: self["window"],
                start: self.timestamp("windowStart"),
                end: self.timestampIfPresent("windowEnd")
            )
        )
    }

    var ledger: BudgetLedger {
        BudgetLedger(
            limit: self.money("amount"),
            posted: self.money("posted"),
            pending: self.money("pending"),
            unconfirmed: self.money("unconfirmed")
        )
    }

    var lease: LentLease {
        LentLease(
            granted: self.money("granted"),
            returned: self.money("returned"),
            used: self.money("used"),
            posted: self.money("leasePosted"),
            assumed: self.money("assumed"),
            isOpen: self["isOpen"]
        )
    }

    func leaseID() throws -> LeaseID {
        LeaseID(boot: try self.id("boot"), number: UInt64(clamping: self["number"] as Int64))
    }
}
