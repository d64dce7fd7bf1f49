package import Domain
import Foundation
import GRDB

/// What this installation is and how it wants to be run. There is one, made by `init`.
package struct Installation: Hashable, Sendable {
    package let environment: ID<Domain.Environment>
    package let epoch: UInt64
    /// Principals other than the proposer who must approve; 0 approves at once.
    package let approvalsRequired: Int
    package let publishing: Publishing

    package init(
        environment: ID<Domain.Environment>,
        epoch: UInt64,
        approvalsRequired: Int,
        publishing: Publishing = .automatic
    ) {
        self.environment = environment
        self.epoch = epoch
        self.approvalsRequired = approvalsRequired
        self.publishing = publishing
    }

    package enum Publishing: String, Hashable, Sendable, CaseIterable {
        /// One second after a change.
        case automatic
        /// Only when somebody asks.
        case manual
    }
}

/// An online signing key as it lies in the database.
package struct SealedSigningKey: Hashable, Sendable {
    package let keyID: Digest
    package let role: Role
    package let sealed: [UInt8]

    package init(keyID: Digest, role: Role, sealed: [UInt8]) {
        self.keyID = keyID
        self.role = role
        self.sealed = sealed
    }

    package enum Role: String, Hashable, Sendable {
        case release
        case freshness
    }
}

extension Transaction {
    /// Makes the installation, with its signing keys and its first root. Only ever once.
    ///
    /// - Throws: `StorageFault.exists` if there is one already.
    package func found(
        _ installation: Installation,
        keys: [SealedSigningKey],
        rootEnvelope: [UInt8],
        by deed: Deed
    ) throws {
        guard try self.reading.installation() == nil else { throw StorageFault.exists }
        try self.db.execute(
            sql: """
                INSERT INTO environment (one, id, epoch, approvalsRequired, publishing, created)
                VALUES (1, ?, ?, ?, ?, ?)
                """,
            arguments: [
                installation.environment.text, Int64(clamping: installation.epoch), installation.approvalsRequired,
                installation.publishing.rawValue, deed.at.column,
            ]
        )
        for key in keys {
            try self.db.execute(
                sql: "INSERT INTO signingKey (keyID, role, sealed, created) VALUES (?, ?, ?, ?)",
                arguments: [key.keyID.column, key.role.rawValue, Data(key.sealed), deed.at.column]
            )
        }
        try self.db.execute(
            sql: "INSERT INTO root (version, envelope) VALUES (1, ?)",
            arguments: [Data(rootEnvelope)]
        )
        try self.audit("environment.founded", "environment/\(installation.environment)", by: deed)
    }

    /// Whether changes publish themselves.
    package func setPublishing(_ publishing: Installation.Publishing, by deed: Deed) throws {
        guard let installation = try self.reading.installation() else { throw StorageFault.notFound }
        guard installation.publishing != publishing else { return }
        try self.db.execute(sql: "UPDATE environment SET publishing = ?", arguments: [publishing.rawValue])
        try self.audit(
            "environment.publishing-set",
            "environment/\(installation.environment)",
            detail: #"{"publishing":"\#(publishing.rawValue)"}"#,
            by: deed
        )
    }
}

extension Reading {
    /// Nil before `init`.
    package func installation() throws -> Installation? {
        guard let row = try Row.fetchOne(self.db, sql: "SELECT * FROM environment") else { return nil }
        return Installation(
            environment: try row.id("id"),
            epoch: UInt64(clamping: row["epoch"] as Int64),
            approvalsRequired: row["approvalsRequired"],
            publishing: try row.choice("publishing")
        )
    }

    package func signingKeys() throws -> [SealedSigningKey] {
        try Row.fetchAll(self.db, sql: "SELECT * FROM signingKey ORDER BY role, created").map { row in
            SealedSigningKey(
                keyID: try row.digest("keyID"),
                role: try row.choice("role"),
                sealed: Array(row["sealed"] as Data)
            )
        }
    }

    /// All roots' envelopes, version 1 first.
    package func rootEnvelopes() throws -> [[UInt8]] {
        try Data.fetchAll(self.db, sql: "SELECT envelope FROM root ORDER BY version").map(Array.init)
    }
}
