package import Domain
import Foundation
import GRDB

extension Transaction {
    /// Keeps a publication with its blobs and moves the head to it: from this commit on it is what nodes are told.
    ///
    /// `action` is for the audit entry; by default it tells a rollback from other publications.
    ///
    /// - Throws: `StorageFault.wrongState` if its number is not the next one.
    package func publish(
        _ publication: Publication,
        blobs: [Digest: [UInt8]],
        action: String? = nil,
        by deed: Deed
    ) throws -> HeadReferences {
        guard try publication.seq == self.reading.nextSeq() else {
            throw StorageFault.wrongState("another snapshot was published meanwhile; publish again")
        }
        guard let head = try self.reading.head() else { throw StorageFault.wrongState("there is no head yet") }
        try self.keep(blobs, at: deed.at)
        try self.insert(publication)
        let seq = try self.number(publication.seq)
        for digest in Set(publication.sections + [publication.envelope.digest]) {
            try self.db.execute(
                sql: "INSERT INTO manifestBlob (seq, digest) VALUES (?, ?)",
                arguments: [seq, digest.column]
            )
        }
        try self.audit(
            action ?? (publication.restored == nil ? "snapshot.published" : "snapshot.rolled-back"),
            "snapshot/\(publication.seq)",
            after: publication.payload,
            detail: publication.restored.map { #"{"restored":\#($0)}"# } ?? "{}",
            by: deed
        )
        let stable = HeadReferences.Stable(seq: publication.seq, envelope: publication.envelope)
        return try self.advance(head, stable: stable, deny: head.deny, at: deed.at)
    }

    /// Moves the head to another deny list.
    ///
    /// - Throws: `StorageFault.wrongState` if its number is not the next one.
    package func deny(_ deny: HeadReferences.Deny, bytes: [UInt8], at now: Timestamp) throws -> HeadReferences {
        guard let head = try self.reading.head(), deny.number == head.deny.number + 1 else {
            throw StorageFault.wrongState("another deny list was signed meanwhile")
        }
        try self.keep([deny.blob.digest: bytes], at: now)
        return try self.advance(head, stable: head.stable, deny: deny, at: now)
    }

    /// The first head of an epoch: a deny list and no snapshot. Nothing is told to nodes until one is published.
    package func beginHeads(
        epoch: UInt64,
        version: UInt64 = 1,
        deny: HeadReferences.Deny,
        bytes: [UInt8],
        rootVersion: UInt64,
        at now: Timestamp
    ) throws -> HeadReferences {
        try self.keep([deny.blob.digest: bytes], at: now)
        let first = HeadReferences(
            epoch: epoch,
            version: version,
            stable: nil,
            deny: deny,
            rootVersion: rootVersion,
            created: now
        )
        try self.insert(first)
        return first
    }

    private func advance(
        _ head: HeadReferences,
        stable: HeadReferences.Stable?,
        deny: HeadReferences.Deny,
        at now: Timestamp
    ) throws -> HeadReferences {
        let next = HeadReferences(
            epoch: head.epoch,
            version: head.version + 1,
            stable: stable,
            deny: deny,
            rootVersion: head.rootVersion,
            created: now
        )
        try self.insert(next)
        return next
    }

    private func insert(_ head: HeadReferences) throws {
        try self.db.execute(
            sql: """
                INSERT INTO head
                    (epoch, version, stable, denyNumber, denyDigest, denySize, denyContent, rootVersion, created)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try self.number(head.epoch), try self.number(head.version),
                try head.stable.map { try self.number($0.seq) },
                try self.number(head.deny.number), head.deny.blob.digest.column, try self.number(head.deny.blob.size),
                head.deny.content.column, try self.number(head.rootVersion), head.created.column,
            ]
        )
    }

    private func insert(_ publication: Publication) throws {
        let approvals = try Self.json(publication.approvals)
        try self.db.execute(
            sql: """
                INSERT INTO manifest
                    (seq, epoch, floorSeq, envelope, size, payload, content, counts, author, approvals, auditNumber, auditHash,
                     restored, published, comment)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try self.number(publication.seq), try self.number(publication.epoch),
                try self.number(publication.floorSeq), publication.envelope.digest.column,
                try self.number(publication.envelope.size), publication.payload.column, publication.content.column,
                try Self.json(publication.counts), publication.author, approvals, publication.audit.number,
                publication.audit.hash.column,
                try publication.restored.map { try self.number($0) }, publication.published.column, publication.comment,
            ]
        )
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func keep(_ blobs: [Digest: [UInt8]], at now: Timestamp) throws {
        for (digest, bytes) in blobs {
            try self.db.execute(
                sql: "INSERT INTO blob (digest, bytes, created) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
                arguments: [digest.column, Data(bytes), now.column]
            )
        }
    }

    /// Removes blobs that none of the newest `manifests` publications, no head since then and no publication in
    /// `held` refers to. Returns how many.
    package func sweepBlobs(keepingNewest manifests: Int, held: [UInt64]) throws -> Int {
        let held = try held.map { String(try self.number($0)) }.joined(separator: ",")
        try self.db.execute(
            sql: """
                DELETE FROM blob WHERE digest NOT IN (
                    SELECT digest FROM manifestBlob
                    WHERE seq IN (SELECT seq FROM manifest ORDER BY seq DESC LIMIT ?) OR seq IN (\(held))
                ) AND digest NOT IN (SELECT denyDigest FROM head ORDER BY epoch DESC, version DESC LIMIT ?)
                """,
            arguments: [manifests, manifests]
        )
        return self.db.changesCount
    }

    private func number(_ value: UInt64) throws -> Int64 {
        guard let number = Int64(exactly: value) else { throw StorageFault.corrupt("a number is beyond 63 bits") }
        return number
    }
}

extension Reading {
    /// The newest head; nil before the first start.
    package func head() throws -> HeadReferences? {
        let row = try Row.fetchOne(
            self.db,
            sql: """
                SELECT head.*, manifest.envelope, manifest.size FROM head LEFT JOIN manifest ON manifest.seq = head.stable
                ORDER BY head.epoch DESC, head.version DESC LIMIT 1
                """
        )
        return try row.map(HeadReferences.init)
    }

    /// The number of the next publication: above all that are here, and above all that were before a restore.
    package func nextSeq() throws -> UInt64 {
        let last = try Int64.fetchOne(
            self.db,
            sql: """
                SELECT max((SELECT coalesce(max(seq), 0) FROM manifest), (SELECT coalesce(max(lastSeq), 0) FROM restoration))
                """
        )
        return UInt64(clamping: last ?? 0) + 1
    }

    /// Publications below `seq` (nil: from the newest), newest first.
    package func publications(before seq: UInt64? = nil, limit: Int) throws -> [Publication] {
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM manifest WHERE seq < ? ORDER BY seq DESC LIMIT ?",
            arguments: [Int64(clamping: seq ?? .max), limit]
        )
        return try rows.map { try self.publication($0) }
    }

    package func publication(_ seq: UInt64) throws -> Publication? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM manifest WHERE seq = ?",
            arguments: [Int64(clamping: seq)]
        )
        return try row.map { try self.publication($0) }
    }

    /// The version of the head that first carried a publication; nil if none did.
    package func headVersion(carrying seq: UInt64) throws -> UInt64? {
        try Int64.fetchOne(
            self.db,
            sql: "SELECT version FROM head WHERE stable = ? ORDER BY epoch, version LIMIT 1",
            arguments: [Int64(clamping: seq)]
        ).map { UInt64(clamping: $0) }
    }

    package func blob(_ digest: Digest) throws -> [UInt8]? {
        try Data.fetchOne(self.db, sql: "SELECT bytes FROM blob WHERE digest = ?", arguments: [digest.column])
            .map(Array.init)
    }

    private func publication(_ row: Row) throws -> Publication {
        let envelope = try row.digest("envelope")
        let digests = try Row.fetchAll(
            self.db,
            sql: "SELECT digest FROM manifestBlob WHERE seq = ? ORDER BY digest",
            arguments: [row["seq"] as Int64]
        )
        return Publication(
            seq: UInt64(clamping: row["seq"] as Int64),
            epoch: UInt64(clamping: row["epoch"] as Int64),
            floorSeq: UInt64(clamping: row["floorSeq"] as Int64),
            envelope: BlobReference(digest: envelope, size: UInt64(clamping: row["size"] as Int64)),
            payload: try row.digest("payload"),
            content: try row.digest("content"),
            sections: try digests.map { try $0.digest("digest") }.filter { $0 != envelope },
            counts: try JSONDecoder().decode([String: Int].self, from: Data((row["counts"] as String).utf8)),
            author: row["author"],
            approvals: try JSONDecoder().decode([String].self, from: Data((row["approvals"] as String).utf8)),
            audit: AuditHead(number: row["auditNumber"], hash: try row.digest("auditHash")),
            restored: (row["restored"] as Int64?).map { UInt64(clamping: $0) },
            published: row.timestamp("published"),
            comment: row["comment"]
        )
    }
}

extension HeadReferences {
    fileprivate init(_ row: Row) throws {
        let stable = try (row["stable"] as Int64?).map { seq in
            Stable(
                seq: UInt64(clamping: seq),
                envelope: BlobReference(
                    digest: try row.digest("envelope"),
                    size: UInt64(clamping: row["size"] as Int64)
                )
            )
        }
        self.init(
            epoch: UInt64(clamping: row["epoch"] as Int64),
            version: UInt64(clamping: row["version"] as Int64),
            stable: stable,
            deny: Deny(
                number: UInt64(clamping: row["denyNumber"] as Int64),
                blob: BlobReference(
                    digest: try row.digest("denyDigest"),
                    size: UInt64(clamping: row["denySize"] as Int64)
                ),
                content: try row.digest("denyContent")
            ),
            rootVersion: UInt64(clamping: row["rootVersion"] as Int64),
            created: row.timestamp("created")
        )
    }
}
