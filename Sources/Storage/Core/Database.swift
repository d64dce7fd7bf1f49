package import Domain
import GRDB

/// The control plane's one database: SQLite with one writer and many readers.
///
/// Always true: an acknowledged write is on the disk (`synchronous=FULL`); a write that throws has left no trace;
/// no second process has the same file open; no SQL exists outside this module.
package struct Database: Sendable {
    private let pool: any DatabaseWriter
    private let group: GroupCommit
    private let lock: FileLock?
    let hash: Hash

    /// SHA-256, which is the caller's to bring: this module knows no cryptography.
    package typealias Hash = @Sendable ([UInt8]) -> Digest

    /// Opens or creates the file at `path` and brings its schema up to date. The directory must exist.
    ///
    /// - Throws: `StorageFault.alreadyOpen` if another process has it, `.newerSchema` if a newer build wrote it.
    package static func open(path: String, hash: @escaping Hash) throws -> Database {
        let lock = try FileLock(path: "\(path).lock", guarding: path)
        try FileLock.createPrivately(path)
        let pool = try DatabasePool(path: path, configuration: Self.configuration())
        return try Database(pool, lock: lock, hash: hash)
    }

    /// Opens a file that nobody else knows of yet, and brings its schema up to date. No log stands beside it: what is
    /// committed is in the file itself, which may then be given its name.
    package static func openUnnamed(path: String, hash: @escaping Hash) throws -> Database {
        try Database(DatabaseQueue(path: path, configuration: Self.configuration()), lock: nil, hash: hash)
    }

    /// Throws `StorageFault.alreadyOpen` if a process has the file at `path` open, also one whose file was taken away.
    package static func requireClosed(path: String) throws {
        try FileLock(path: "\(path).lock", guarding: path).release()
    }

    /// A database that lives as long as this value, for tests.
    package static func inMemory(hash: @escaping Hash) throws -> Database {
        try Database(DatabaseQueue(configuration: Self.configuration()), lock: nil, hash: hash)
    }

    private init(_ pool: any DatabaseWriter, lock: FileLock?, hash: @escaping Hash) throws {
        // GRDB sets NORMAL when it switches to WAL, after the connection was prepared; so this comes after it.
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        try Migrations.bringUpToDate(pool)
        self.pool = pool
        self.group = GroupCommit(pool, hash: hash)
        self.lock = lock
        self.hash = hash
    }

    /// How long a connection waits for a lock that another of this process' connections holds.
    private static let busySecondsMax = 10.0
    private static let readersMax = 4

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(self.busySecondsMax)
        configuration.maximumReaderCount = self.readersMax
        configuration.foreignKeysEnabled = true
        // Arguments may hold digests of secrets and people's names: no statement is ever shown with them.
        configuration.publicStatementArguments = false
        return configuration
    }

    /// Runs `body` on one consistent state of the database.
    package func read<Value: Sendable>(_ body: @Sendable (Reading) throws -> Value) async throws -> Value {
        try await self.pool.read { db in try body(Reading(db: db, hash: self.hash)) }
    }

    /// Runs `body` in a transaction and returns once it is on the disk. If `body` throws, nothing of it stays and
    /// its error comes out unchanged.
    ///
    /// Calls that meet share one commit, each behind its own savepoint. `body` does no waiting: all other writers
    /// stand behind it.
    ///
    /// - Throws: `StorageFault.overloaded` if too many writes wait already.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await self.group.write(body)
    }

    /// Commits so far; fewer than writes where writes met.
    package var commits: Int { self.group.commits }

    /// Ends all connections. Reads and writes throw afterwards.
    package func close() throws {
        try self.pool.close()
        self.lock?.release()
    }
}

/// One consistent state of the database. What may be asked stands in the extensions, one per room.
package struct Reading {
    let db: GRDB.Database
    let hash: Database.Hash

    /// Of the database's pages, free ones included.
    package func byteCount() throws -> Int64 {
        let pages = try Int64.fetchOne(self.db, sql: "PRAGMA page_count") ?? 0
        let size = try Int64.fetchOne(self.db, sql: "PRAGMA page_size") ?? 0
        return pages * size
    }
}

/// A transaction under way. What may be done stands in the extensions, one per room; each method keeps the
/// invariant that it is named for and writes its audit entry with it.
package struct Transaction {
    let db: GRDB.Database
    let hash: Database.Hash

    /// The state that this transaction sees, its own changes included.
    package var reading: Reading { Reading(db: self.db, hash: self.hash) }
}
