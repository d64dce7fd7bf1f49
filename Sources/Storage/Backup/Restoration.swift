package import Domain
import Foundation
import GRDB

/// What a restored installation begins its new epoch with.
package struct Restoration: Hashable, Sendable {
    package let epoch: UInt64
    /// The highest that were seen before: what is published from here on is above them.
    package let lastSeq: UInt64
    package let lastHeadVersion: UInt64
    /// The newest manifest that a node had, as it was signed; nil where loss was accepted.
    package let manifest: [UInt8]?

    package init(epoch: UInt64, lastSeq: UInt64, lastHeadVersion: UInt64, manifest: [UInt8]?) {
        self.epoch = epoch
        self.lastSeq = lastSeq
        self.lastHeadVersion = lastHeadVersion
        self.manifest = manifest
    }
}

extension Transaction {
    /// Begins the epoch in which this database is the only truth. Nodes are told nothing before something is published
    /// in it; join tokens are ended, because one that was used up since the backup would be good again.
    ///
    /// `detail` is canonical JSON: what was taken from where.
    ///
    /// - Throws: `StorageFault.wrongState` if the epoch is not above all that were.
    package func restore(
        _ restoration: Restoration,
        deny: HeadReferences.Deny,
        bytes: [UInt8],
        rootVersion: UInt64,
        detail: String,
        by deed: Deed
    ) throws {
        guard let installation = try self.reading.installation() else { throw StorageFault.notFound }
        let last = try max(installation.epoch, self.reading.head()?.epoch ?? 0)
        guard restoration.epoch > last, let epoch = Int64(exactly: restoration.epoch),
            let seq = Int64(exactly: restoration.lastSeq)
        else { throw StorageFault.wrongState("epoch \(restoration.epoch) is not above \(last), which has been") }
        try self.db.execute(sql: "UPDATE environment SET epoch = ?", arguments: [epoch])
        try self.db.execute(
            sql: """
                INSERT INTO restoration (epoch, lastSeq, isLossAccepted, manifest, restored) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [epoch, seq, restoration.manifest == nil, restoration.manifest.map { Data($0) }, deed.at.column]
        )
        try self.db.execute(sql: "UPDATE joinToken SET usesLeft = 0")
        try self.db.execute(sql: "DELETE FROM backupSeal")
        _ = try self.beginHeads(
            epoch: restoration.epoch,
            version: restoration.lastHeadVersion + 1,
            deny: deny,
            bytes: bytes,
            rootVersion: rootVersion,
            at: deed.at
        )
        try self.audit(
            "installation.restored",
            "environment/\(installation.environment)",
            after: restoration.manifest.map(self.hash),
            detail: detail,
            by: deed
        )
    }

    /// Brings a key's texts to what a newer snapshot held: `texts` are all that were good when it was published, with
    /// their ends. A text that was rotated out since the backup ends, the one that came in its place opens again.
    /// Returns how many changed.
    package func takeOver(
        texts: [Digest: Timestamp?],
        of key: ID<APIKey>,
        published: Timestamp,
        by deed: Deed
    ) throws -> Int {
        let known = try self.reading.keyDigests(of: key)
        var changes = 0
        for text in known where text.expires.map({ $0 > deed.at }) ?? true {
            // Made after that snapshot: it says nothing of it.
            guard texts[text.digest] != nil || text.created < published else { continue }
            let end = texts[text.digest] ?? deed.at
            guard let end, end < text.expires ?? Timestamp(unixMilliseconds: .max) else { continue }
            try self.db.execute(
                sql: "UPDATE keyDigest SET expires = ? WHERE digest = ?",
                arguments: [end.column, text.digest.column]
            )
            changes += 1
        }
        for (digest, end) in texts where !known.contains(where: { $0.digest == digest }) {
            try self.db.execute(
                sql: "INSERT INTO keyDigest (digest, key, created, expires) VALUES (?, ?, ?, ?)",
                arguments: [digest.column, key.text, published.column, end?.column]
            )
            changes += 1
        }
        guard changes > 0 else { return 0 }
        try self.audit("key.texts-taken-over", "key/\(key)", detail: #"{"texts":\#(changes)}"#, by: deed)
        return changes
    }
}

extension Reading {
    /// Principals that have a token which was not revoked.
    package func tokenHolders() throws -> [Name<Principal>] {
        try Row.fetchAll(
            self.db,
            sql: "SELECT DISTINCT principal FROM principalToken WHERE revoked IS NULL ORDER BY principal"
        ).map { try $0.name("principal") }
    }
}
