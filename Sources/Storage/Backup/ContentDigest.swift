package import Domain
import Foundation
import GRDB

/// When a copy was made, and what all its rows were then.
package struct BackupSeal: Hashable, Sendable {
    package let made: Timestamp
    package let digest: Digest
}

extension Database {
    /// Seals the copy at `path`, so that it can be told later whether a row of it has changed. Against decay, not
    /// against attackers: against those stand the signatures and the audit chain.
    package static func seal(copy path: String, made: Timestamp, hash: @escaping Hash) throws {
        let queue = try DatabaseQueue(path: path, configuration: self.configuration())
        try queue.write { db in
            try db.execute(sql: "DELETE FROM backupSeal")
            let digest = try Reading(db: db, hash: hash).contentDigest()
            try db.execute(
                sql: "INSERT INTO backupSeal (one, made, digest) VALUES (1, ?, ?)",
                arguments: [made.column, digest.column]
            )
        }
        try queue.close()
    }
}

extension Reading {
    /// Nil where this is no copy, or one of a build that did not seal them.
    package func backupSeal() throws -> BackupSeal? {
        guard try self.db.tableExists("backupSeal"),
            let row = try Row.fetchOne(self.db, sql: "SELECT made, digest FROM backupSeal")
        else { return nil }
        return BackupSeal(made: row.timestamp("made"), digest: try row.digest("digest"))
    }

    /// Of every row of every table but the seal's own, in the order of names and keys.
    package func contentDigest() throws -> Digest {
        let tables = try String.fetchAll(
            self.db,
            sql: """
                SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'backupSeal'
                ORDER BY name
                """
        )
        var digest = RunningDigest(self.hash)
        for table in tables {
            digest.add(Array(table.utf8))
            let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM \(table.quotedDatabaseIdentifier)")
            while let row = try rows.next() { digest.add(row) }
        }
        return digest.end()
    }
}

/// The digest of more bytes than should be held: each piece is hashed behind the digest of those before it.
private struct RunningDigest {
    private static let pieceByteCount = 64 << 10

    private let hash: Database.Hash
    private var pending: [UInt8] = Array("martlet database 1\n".utf8)

    init(_ hash: @escaping Database.Hash) { self.hash = hash }

    mutating func add(_ row: Row) {
        for (_, value) in row {
            switch value.storage {
            case .null: self.add(tag: 0, [])
            case .int64(let number): self.add(tag: 1, Self.bytes(UInt64(bitPattern: number)))
            case .double(let number): self.add(tag: 2, Self.bytes(number.bitPattern))
            case .string(let text): self.add(tag: 3, Array(text.utf8))
            case .blob(let data): self.add(tag: 4, Array(data))
            }
        }
    }

    mutating func add(_ name: [UInt8]) { self.add(tag: 5, name) }

    /// Kind and length stand before each value, so that no two tables have the same bytes.
    private mutating func add(tag: UInt8, _ bytes: [UInt8]) {
        self.pending.append(tag)
        self.pending += Self.bytes(UInt64(bytes.count))
        self.pending += bytes
        if self.pending.count >= Self.pieceByteCount { self.pending = self.hash(self.pending).bytes }
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    func end() -> Digest { self.hash(self.pending) }
}
