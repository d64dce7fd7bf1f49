import GRDB

/// A database file that is only read: a backup, or the one that a running control plane has open.
///
/// Takes no lock of ours, so it may be open beside the one writer; SQLite keeps what is read in one consistent state.
package struct ReadOnlyDatabase: Sendable {
    private let queue: DatabaseQueue
    private let hash: Database.Hash

    /// Throws where there is no file at `path`; whether it is a database shows when it is read.
    package static func open(path: String, hash: @escaping Database.Hash) throws -> ReadOnlyDatabase {
        var configuration = Database.configuration()
        configuration.readonly = true
        return ReadOnlyDatabase(queue: try DatabaseQueue(path: path, configuration: configuration), hash: hash)
    }

    /// Runs `body` on one consistent state of the database.
    package func read<Value: Sendable>(_ body: @Sendable (Reading) throws -> Value) async throws -> Value {
        try await self.queue.read { db in try body(Reading(db: db, hash: self.hash)) }
    }

    /// Writes one consistent state into the empty file at `path`, without free pages: what was deleted is not in it.
    /// Writers go on meanwhile.
    package func copy(to path: String) throws {
        // Not in a transaction of ours: VACUUM brings its own.
        try self.queue.inDatabase { db in try db.execute(sql: "VACUUM INTO ?", arguments: [path]) }
    }

    package func close() throws { try self.queue.close() }
}
