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
        let last = try self.reading.secretVersion(value.name)
        guard value.version == last + 1 else {
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

extension Reading {
    /// 0 if the secret has no value yet.
    package func secretVersion(_ name: Name<Secret>) throws -> UInt64 {
        let version = try Int64.fetchOne(
            self.db,
            sql: "SELECT max(version) FROM secretValue WHERE name = ?",
            arguments: [name.text]
        )
        return UInt64(clamping: version ?? 0)
    }

    /// The newest version of a value; nil if it was never set.
    package func secretValue(_ name: Name<Secret>) throws -> SealedSecretValue? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM secretValue WHERE name = ? ORDER BY version DESC LIMIT 1",
            arguments: [name.text]
        )
        return try row.map {
            SealedSecretValue(
                name: try $0.name("name"),
                version: UInt64(clamping: $0["version"] as Int64),
                sealed: Array($0["sealed"] as Data)
            )
        }
    }
}
