import Domain
import GRDB

/// Public keys of issuers, by where they come from: what snapshots are compiled with while an issuer is silent.
extension Transaction {
    /// Keeps what was fetched; false where it is what was kept. Who may call changes with it, so the audit log says it.
    package func keepIssuerKeys(
        _ keys: String,
        from source: String,
        of issuer: String,
        detail: String,
        by deed: Deed
    ) throws -> Bool {
        guard try self.reading.issuerKeys(from: source) != keys else { return false }
        try self.db.execute(
            sql: """
                INSERT INTO issuerKeys (source, keys, changed) VALUES (?, ?, ?)
                ON CONFLICT (source) DO UPDATE SET keys = excluded.keys, changed = excluded.changed
                """,
            arguments: [source, keys, deed.at.column]
        )
        try self.audit("issuer.keys-fetched", "issuer/\(issuer)", detail: detail, by: deed)
        return true
    }

    /// Forgets those that no issuer is behind any more.
    package func forgetIssuerKeys(exceptFrom sources: Set<String>) throws {
        for source in try String.fetchAll(self.db, sql: "SELECT source FROM issuerKeys")
        where !sources.contains(source) {
            try self.db.execute(sql: "DELETE FROM issuerKeys WHERE source = ?", arguments: [source])
        }
    }
}

extension Reading {
    package func issuerKeys(from source: String) throws -> String? {
        try String.fetchOne(self.db, sql: "SELECT keys FROM issuerKeys WHERE source = ?", arguments: [source])
    }
}
