import GRDB
import Synchronization

/// The one writer. Writes that arrive while a commit is under way form the next group: one transaction, one sync of
/// the disk for all of them.
///
/// Each write runs behind its own savepoint, so that one that throws takes only itself back. All are acknowledged
/// after the commit, none before it.
final class GroupCommit: Sendable {
    /// More writes waiting than this means that the disk cannot follow; the caller is told to come back.
    static let writesWaitingMax = 4_096
    /// Bounds how long the first write of a group waits for the others.
    static let writesPerGroupMax = 256

    private let pool: any DatabaseWriter
    private let hash: Database.Hash
    private let state = Mutex(State())

    private struct State {
        var waiting: [Write] = []
        var isCommitting = false
        var commits = 0
    }

    /// Runs in the group's transaction and returns what acknowledges it, once it is known how the commit went.
    private struct Write: Sendable {
        let run: @Sendable (Transaction) throws -> Acknowledge
        let refuse: @Sendable (any Error) -> Void
    }

    private typealias Acknowledge = @Sendable ((any Error)?) -> Void

    init(_ pool: any DatabaseWriter, hash: @escaping Database.Hash) {
        self.pool = pool
        self.hash = hash
    }

    var commits: Int { self.state.withLock { $0.commits } }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(
                run: { transaction in
                    let value = try body(transaction)
                    return { error in
                        if let error {
                            continuation.resume(throwing: error)
                        } else {
                            continuation.resume(returning: value)
                        }
                    }
                },
                refuse: { continuation.resume(throwing: $0) }
            )
            self.enqueue(write)
        }
    }

    private enum Admission {
        case refused
        case queued
        case queuedFirst
    }

    private func enqueue(_ write: Write) {
        let admission: Admission = self.state.withLock { state in
            guard state.waiting.count < Self.writesWaitingMax else { return .refused }
            state.waiting.append(write)
            guard !state.isCommitting else { return .queued }
            state.isCommitting = true
            return .queuedFirst
        }
        switch admission {
        case .refused: write.refuse(StorageFault.overloaded(writesWaiting: Self.writesWaitingMax))
        case .queued: break
        case .queuedFirst: self.pool.asyncWriteWithoutTransaction { db in self.commitGroups(on: db) }
        }
    }

    private func commitGroups(on db: GRDB.Database) {
        while let group = self.nextGroup() { self.commit(group, on: db) }
    }

    private func nextGroup() -> [Write]? {
        self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isCommitting = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.writesPerGroupMax))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Write], on db: GRDB.Database) {
        var acknowledgements: [Acknowledge] = []
        do {
            try db.beginTransaction(.immediate)
        } catch {
            for write in group { write.refuse(error) }
            return
        }
        var lost: (any Error)?
        for write in group {
            if let lost {
                write.refuse(lost)
                continue
            }
            do {
                acknowledgements.append(try self.run(write, on: db))
            } catch {
                write.refuse(error)
                // SQLite gives up the whole transaction on a full disk or an I/O error; what ran before is gone too.
                if !db.isInsideTransaction { lost = error }
            }
        }
        let failure = lost ?? self.finish(db)
        for acknowledge in acknowledgements { acknowledge(failure) }
    }

    private func run(_ write: Write, on db: GRDB.Database) throws -> Acknowledge {
        var acknowledge: Acknowledge?
        try db.inSavepoint {
            acknowledge = try write.run(Transaction(db: db, hash: self.hash))
            return .commit
        }
        guard let acknowledge else { throw StorageFault.corrupt("a savepoint ended without running its write") }
        return acknowledge
    }

    /// Nil if the commit is on the disk.
    private func finish(_ db: GRDB.Database) -> (any Error)? {
        // Counted before anyone is told, so that whoever was told sees it counted.
        self.state.withLock { $0.commits += 1 }
        do {
            try db.commit()
            return nil
        } catch {
            do {
                try db.rollback()
            } catch let second {
                return StorageFault.corrupt("commit failed (\(error)), and so did the rollback (\(second))")
            }
            return error
        }
    }
}
