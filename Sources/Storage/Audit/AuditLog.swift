package import Domain
import Foundation
import GRDB

extension Transaction {
    /// Adds one entry to the chain. Every change calls this in its own transaction; a change without an entry, or
    /// an entry without its change, cannot be committed.
    @discardableResult
    package func audit(
        _ action: String,
        _ subject: String,
        before: Digest? = nil,
        after: Digest? = nil,
        detail: String = "{}",
        by deed: Deed
    ) throws -> AuditHead {
        let head = try self.reading.auditHead()
        let number = (head?.number ?? 0) + 1
        let previous = head?.hash.bytes ?? AuditEntry.firstPrevious
        let bytes = AuditEntry.hashedBytes(
            number: number,
            previous: previous,
            deed: deed,
            action: action,
            subject: subject,
            before: before,
            after: after,
            detail: detail
        )
        let hash = self.hash(bytes)
        try self.db.execute(
            sql: """
                INSERT INTO auditEntry
                    (number, previous, time, actor, action, subject, before, after, detail, reason, request, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, head?.hash.column ?? Data(AuditEntry.firstPrevious), deed.at.column, deed.actor, action,
                subject,
                before?.column, after?.column, detail, deed.reason, deed.request, hash.column,
            ]
        )
        return AuditHead(number: number, hash: hash)
    }
}

extension Reading {
    /// Nil if there is no entry yet.
    package func auditHead() throws -> AuditHead? {
        let row = try Row.fetchOne(self.db, sql: "SELECT number, hash FROM auditEntry ORDER BY number DESC LIMIT 1")
        return try row.map { AuditHead(number: $0["number"], hash: try $0.digest("hash")) }
    }

    /// Entries after `number` that the filter lets through, oldest first, at most `limit`.
    package func auditEntries(
        after number: Int64 = 0,
        limit: Int,
        filter: AuditFilter = AuditFilter()
    ) throws -> [AuditEntry] {
        try self.auditEntries("number > ?", number, "ASC", limit, filter)
    }

    /// Newest first, before `number`; nil: from the newest on.
    package func auditEntries(
        before number: Int64?,
        limit: Int,
        filter: AuditFilter = AuditFilter()
    ) throws -> [AuditEntry] {
        try self.auditEntries("number < ?", number ?? .max, "DESC", limit, filter)
    }

    private func auditEntries(
        _ condition: String,
        _ number: Int64,
        _ order: String,
        _ limit: Int,
        _ filter: AuditFilter
    ) throws -> [AuditEntry] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT * FROM auditEntry WHERE \(condition) AND (? IS NULL OR subject = ?)
                AND (? IS NULL OR actor = ?) AND (? IS NULL OR action = ?)
                ORDER BY number \(order) LIMIT ?
                """,
            arguments: [
                number, filter.subject, filter.subject, filter.actor, filter.actor, filter.action, filter.action, limit,
            ]
        )
        return try rows.map(AuditEntry.init)
    }

    /// Walks the whole chain. `witnesses` are heads that were published earlier: they find what the chain itself
    /// cannot, a tail that was cut off or rewritten as a whole.
    package func verifyAudit(witnesses: [AuditHead] = []) throws -> AuditVerdict {
        let published = Dictionary(witnesses.map { ($0.number, $0.hash) }) { first, _ in first }
        var last: AuditHead?
        let cursor = try Row.fetchCursor(self.db, sql: "SELECT * FROM auditEntry ORDER BY number")
        while let row = try cursor.next() {
            let entry = try AuditEntry(row)
            if let found = self.flaw(of: entry, after: last) { return found }
            if let witness = published[entry.number], witness != entry.hash {
                return .broken(at: entry.number, .replaced)
            }
            last = AuditHead(number: entry.number, hash: entry.hash)
        }
        let lastNumber = last?.number ?? 0
        if published.keys.contains(where: { $0 > lastNumber }) { return .broken(at: lastNumber + 1, .missing) }
        return .intact(last)
    }

    private func flaw(of entry: AuditEntry, after last: AuditHead?) -> AuditVerdict? {
        let expected = (last?.number ?? 0) + 1
        guard entry.number == expected else { return .broken(at: expected, .missing) }
        guard entry.previous.bytes == last?.hash.bytes ?? AuditEntry.firstPrevious else {
            return .broken(at: entry.number, .unlinked)
        }
        let bytes = AuditEntry.hashedBytes(
            number: entry.number,
            previous: entry.previous.bytes,
            deed: entry.deed,
            action: entry.action,
            subject: entry.subject,
            before: entry.before,
            after: entry.after,
            detail: entry.detail
        )
        return self.hash(bytes) == entry.hash ? nil : .broken(at: entry.number, .altered)
    }
}

extension AuditEntry {
    fileprivate init(_ row: Row) throws {
        self.init(
            number: row["number"],
            previous: try row.digest("previous"),
            deed: Deed(
                by: row["actor"],
                at: row.timestamp("time"),
                reason: row["reason"],
                request: row["request"]
            ),
            action: row["action"],
            subject: row["subject"],
            before: try row.digestIfPresent("before"),
            after: try row.digestIfPresent("after"),
            detail: row["detail"],
            hash: try row.digest("hash")
        )
    }
}
