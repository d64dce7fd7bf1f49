package import Domain
import Foundation
import GRDB

/// One version of a secret's value, sealed: only who holds the master key reads it.
package struct SealedSecretValue: Hashable, Sendable {
    package let name: Name<Secret>
    package let version: UInt64
    package let sealed: [UInt8]

    package init(name: Name<Secret>, version: UInt64, sealed: [UInt8]) {
        self.name = name
        self.version = version
        self.sealed = sealed
    }
}

extension Transaction {
    /// Keeps the next version of a secret's value. The audit entry says that it was set, never to what.
    ///
    /// - Throws: `StorageFault.wrongState` if that version is not the next one: another value came in between.
    package func setSecret(_ value: SealedSecretValue, by deed: Deed) throws {
        guard try value.version == self.reading.nextSecretVersion(value.name) else {
            throw StorageFault.wrongState("the secret \(value.name) was set meanwhile; set it again")
        }
        try self.db.execute(
            sql: "INSERT INTO secretValue (name, version, sealed, created) VALUES (?, ?, ?, ?)",
            arguments: [value.name.text, Int64(clamping: value.version), Data(value.sealed), deed.at.column]
        )
        try self.audit(
            "secret.value-set",
            "secret/\(value.name)",
            detail: #"{"version":\#(value.version)}"#,
            by: deed
        )
    }
}

extension Transaction {
    /// Forgets every value of a secret; changes nothing if it has none.
    ///
    /// An empty version stays in their place, so that the next value has a number that no node has seen.
    package func dropSecretValue(_ name: Name<Secret>, by deed: Deed) throws {
        guard let last = try self.reading.secretValue(name) else { return }
        let gap = last.version + 1
        try self.db.execute(sql: "DELETE FROM secretValue WHERE name = ?", arguments: [name.text])
        try self.db.execute(
            sql: "INSERT INTO secretValue (name, version, sealed, created) VALUES (?, ?, ?, ?)",
            arguments: [name.text, Int64(clamping: gap), Data(), deed.at.column]
        )
        try self.audit(
            "secret.value-dropped",
            "secret/\(name)",
            detail: #"{"version":\#(last.version)}"#,
            by: deed
        )
    }
}

extension Reading {
    /// Of the value that the secret has now; 0 if it has none.
    package func secretVersion(_ name: Name<Secret>) throws -> UInt64 { try self.secretValue(name)?.version ?? 0 }

    /// The version of the value that is set next; no version ever names two values.
    package func nextSecretVersion(_ name: Name<Secret>) throws -> UInt64 {
        let version = try Int64.fetchOne(
            self.db,
            sql: "SELECT max(version) FROM secretValue WHERE name = ?",
            arguments: [name.text]
        )
        return UInt64(clamping: version ?? 0) + 1
    }

    /// The newest version of a value; nil if it was never set, or was dropped since.
    package func secretValue(_ name: Name<Secret>) throws -> SealedSecretValue? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM secretValue WHERE name = ? ORDER BY version DESC LIMIT 1",
            arguments: [name.text]
        )
        guard let row, let sealed = row["sealed"] as Data?, !sealed.isEmpty else { return nil }
        return SealedSecretValue(
            name: try row.name("name"),
            version: UInt64(clamping: row["version"] as Int64),
            sealed: Array(sealed)
        )
    }
}
