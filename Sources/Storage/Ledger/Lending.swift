package import Domain
import GRDB

extension Transaction {
    /// Takes in what a boot says of its leases, and lends what it should have; all of it is kept, or nothing was said.
    ///
    /// A boot whose stream is closed has no leases any more and gets none, and so does a node that speaks for another's boot. `isLending` is false while older loans of an
    /// installation that was restored may still be spent. `now` is in milliseconds of the steady clock that `activity`
    /// counts by.
    package func lend(
        to boot: ID<Boot>,
        of node: ID<Node>,
        _ call: LeaseCall,
        at now: Int64,
        _ activity: inout LendingActivity,
        isLending: Bool,
        terms: (Name<Budget>) -> LendingTerms?
    ) throws -> [LeaseGrant] {
        guard try !self.reading.isClosed(boot), try self.reading.borrower(of: boot) ?? node == node else { return [] }
        var book = LendingBook()
        try self.reading.load(call.asks.map(\.lease), of: boot, into: &book)
        for ask in call.asks {
            guard let window = terms(ask.budget)?.window else { continue }
            for account in ask.accounts(now: window) { try self.reading.load(account, into: &book) }
        }
        let grants = book.answer(call, from: boot, at: now, isLending: isLending, &activity, terms: terms)
        try self.keep(book, of: node)
        return grants
    }

    /// Posts what attempts have cost to the accounts that paid for it.
    func post(
        _ postings: [(posting: LeasePosting, cost: Money, admitted: Timestamp)],
        of delivery: UsageDelivery,
        terms: (Name<Budget>) throws -> LendingTerms?
    ) throws {
        guard !postings.isEmpty else { return }
        var book = LendingBook()
        var spend: [BudgetSpend: Int64] = [:]
        try self.reading.load(Set(postings.map(\.posting.lease)), of: delivery.boot, into: &book)
        for (posting, cost, admitted) in postings {
            // Where the account is not known either, its window is, by name; whoever lends of it knows the rest.
            let named = BudgetWindow(name: posting.window, start: admitted, end: nil)
            let terms = try terms(posting.budget)
            guard let window = posting.window.isEmpty ? terms?.window : named else { continue }
            let account = BudgetAccount(budget: posting.budget, unit: posting.unit, window: window)
            let id = LeaseID(boot: delivery.boot, number: posting.lease)
            if book.leases[id] == nil { try self.reading.load(account, into: &book) }
            book.post(cost, on: id, of: account, limit: terms?.limit ?? .zero)
            let paid = BudgetSpend(account: book.leases[id]?.account ?? account, admitted: admitted)
            spend[paid, default: 0] = Money(nanoDollars: spend[paid, default: 0]).clampedSum(with: cost).nanoDollars
        }
        try self.keep(book, of: delivery.node)
        try self.noteThresholds(of: book, at: delivery.received, terms: terms)
        for (spend, posted) in spend { try self.add(posted, to: spend) }
    }

    /// Ends the leases of a boot whose stream is closed: what is left of them was never spent, if all is known of it.
    func endLeases(of delivery: UsageDelivery, isAllKnown: Bool, terms: (Name<Budget>) throws -> LendingTerms?) throws {
        var book = LendingBook()
        try self.reading.loadOpenLeases(of: delivery.boot, into: &book)
        try book.end(book.leases.keys) { entry in
            guard !isAllKnown else { return .known }
            return try terms(entry.account.budget)?.isHard ?? true ? .assumedSpent : .released
        }
        try self.keep(book, of: delivery.node)
        try self.noteThresholds(of: book, at: delivery.received, terms: terms)
    }

    /// Gives up leases of which nobody was heard for too long. Those that have ended meanwhile stay as they are.
    ///
    /// Returns of how many something was still pending: a node that is done with one does not name it any more.
    package func giveUp(
        _ ids: [LeaseID],
        at now: Timestamp,
        terms: (Name<Budget>) throws -> LendingTerms?
    ) throws -> Int {
        var count = 0
        for (boot, ids) in Dictionary(grouping: ids, by: \.boot) {
            var book = LendingBook()
            try self.reading.load(ids.map(\.number), of: boot, into: &book)
            let open = ids.filter { book.leases[$0]?.lease.isOpen == true }
            guard !open.isEmpty, let node = try self.reading.borrower(of: boot) else { continue }
            count += open.count { book.leases[$0].map { $0.lease.pending > .zero } ?? false }
            try book.end(open) { try terms($0.account.budget)?.isHard ?? true ? .assumedSpent : .released }
            try self.keep(book, of: node)
            try self.noteThresholds(of: book, at: now, terms: terms)
        }
        return count
    }
}

extension Reading {
    /// Every lease that is open, and of which account.
    package func openLeases() throws -> [(id: LeaseID, account: BudgetAccount)] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT boot, number, budgetAccount.* FROM lease JOIN budgetAccount ON budgetAccount.id = lease.account
                WHERE lease.isOpen = 1
                """
        )
        return try rows.map { row in
            let id = LeaseID(boot: try row.id("boot"), number: UInt64(clamping: row["number"] as Int64))
            return (id, try row.account())
        }
    }

    /// Whether a boot's stream is closed, whoever brought it.
    package func isClosed(_ boot: ID<Boot>) throws -> Bool {
        let statement = try self.db.cachedStatement(sql: "SELECT max(isClosed) FROM usageStream WHERE boot = ?")
        return try Bool.fetchOne(statement, arguments: [boot.text]) ?? false
    }

    func borrower(of boot: ID<Boot>) throws -> ID<Node>? {
        try Row.fetchOne(self.db, sql: "SELECT node FROM lease WHERE boot = ? LIMIT 1", arguments: [boot.text])?
            .id("node")
    }

    /// When this installation was restored last; nil if it never was.
    package func lastRestored() throws -> Timestamp? {
        try Int64.fetchOne(self.db, sql: "SELECT max(restored) FROM restoration").map(Timestamp.init)
    }
}
