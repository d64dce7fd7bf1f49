package import Domain
import GRDB

/// A text that opens the traffic API, as its digest. A key has one, or two while a rotation overlaps.
package struct KeyDigest: Hashable, Sendable {
    package let digest: Digest
    package let key: ID<APIKey>
    package let created: Timestamp
    /// From here on it opens nothing; nil: as long as the key itself.
    package let expires: Timestamp?
}

extension Transaction {
    /// Gives a key its next text; the texts it had end at `overlapEnd` or when they would have ended, if sooner.
    /// The audit entry is the revision's that goes with it.
    package func rotate(_ key: ID<APIKey>, to digest: Digest, overlapEnd: Timestamp, by deed: Deed) throws {
        try self.db.execute(
            sql: "UPDATE keyDigest SET expires = min(coalesce(expires, ?), ?) WHERE key = ?",
            arguments: [overlapEnd.column, overlapEnd.column, key.text]
        )
        try self.db.execute(
            sql: "INSERT INTO keyDigest (digest, key, created, expires) VALUES (?, ?, ?, NULL)",
            arguments: [digest.column, key.text, deed.at.column]
        )
    }
}

extension Reading {
    /// The texts that open something at `now`, ordered by digest. Whether their keys are in force is the catalogue's
    /// to say.
    package func keyDigests(at now: Timestamp) throws -> [KeyDigest] {
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM keyDigest WHERE expires IS NULL OR expires > ? ORDER BY digest",
            arguments: [now.column]
        )
        return try rows.map(KeyDigest.init)
    }

    /// All texts of one key, newest first.
    package func keyDigests(of key: ID<APIKey>) throws -> [KeyDigest] {
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM keyDigest WHERE key = ? ORDER BY created DESC, digest",
            arguments: [key.text]
        )
        return try rows.map(KeyDigest.init)
    }
}

extension KeyDigest {
    fileprivate init(_ row: Row) throws {
        self.init(
            digest: try row.digest("digest"),
            key: try row.id("key"),
            created: row.timestamp("created"),
            expires: row.timestampIfPresent("expires")
        )
    }
}
