import Domain
import Platform
import Storage
import Wire

/// `martlet-control restore`: makes a database from a backup, fenced by what nodes have seen.
///
/// The file gets its name only when all is done: whatever fails before leaves nothing in the way of a second try.
package struct Restoring: Sendable {
    package struct Order: Sendable {
        package var backup: String
        /// The database that is to be.
        package var target: String
        /// Data directories of nodes; empty where loss is accepted.
        package var nodes: [String]
        package var revokesTokens: Bool

        package init(backup: String, target: String, nodes: [String], revokesTokens: Bool = false) {
            self.backup = backup
            self.target = target
            self.nodes = nodes
            self.revokesTokens = revokesTokens
        }
    }

    private let files: KeyFiles
    private let timing: Timing

    package init(files: KeyFiles, timing: Timing = .system) {
        self.files = files
        self.timing = timing
    }

    /// Throws a `StartupFault` that says what to do where any of it does not fit together.
    package func restore(
        _ order: Order,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) async throws -> RestoreReport {
        try Self.requireNothing(at: order.target)
        let backup = try Self.open(order.backup)
        let (trust, marks, backedUp) = try await self.examine(backup, named: order.backup)
        let fences = try order.nodes.map { try NodeFence($0, trust: trust) }
        let newest = try Self.newest(of: fences, notBefore: marks)
        let plan = try RestorePlan(
            backup: marks,
            seen: fences.map(\.marks),
            allowed: trust.newest.epochs,
            at: self.timing.now()
        )
        let unfinished = try UnfinishedFile(of: order.target)
        let made = MadeFiles()
        do {
            try backup.copy(to: unfinished.path)
            try backup.close()
            let database = try Database.openUnnamed(path: unfinished.path, hash: { .sha256($0) })
            let work = RestoreWork(
                plan: plan,
                fence: newest,
                backupSeq: marks.seq,
                made: backedUp,
                rootVersion: trust.newest.version
            )
            let deed = Deed(by: "system", at: self.timing.now(), reason: "martlet-control restore")
            let token = order.revokesTokens ? RestoreWork.NewToken(files: self.files, made: made) : nil
            let report = try await database.write { transaction in
                try work.run(transaction, by: deed, token: token, random: random)
            }
            try database.close()
            try unfinished.finish()
            return report
        } catch {
            try unfinished.discard()
            try made.remove()
            throw error
        }
    }

    /// SQLite would replay a log that was left beside a database which was taken away into the one that takes its place.
    private static func requireNothing(at path: String) throws {
        for name in [path, "\(path)-wal", "\(path)-shm", "\(path)-journal"] where DurableFile.isTaken(name) {
            throw StartupFault(
                .configuration,
                "\(name) is there already, and nothing was changed: stop the control plane and move its database away "
                    + "with its side files (-wal, -shm), or give --database another path"
            )
        }
        do {
            try Database.requireClosed(path: path)
        } catch let fault as StorageFault {
            throw StartupFault(.unavailable, "the database: \(fault)")
        }
    }

    private static func open(_ path: String) throws -> ReadOnlyDatabase {
        guard DurableFile.isTaken(path) else { throw StartupFault(.configuration, "there is no backup at \(path)") }
        do {
            return try ReadOnlyDatabase.open(path: path, hash: { .sha256($0) })
        } catch {
            throw StartupFault(.configuration, "\(path) does not verify, and nothing was restored: \(error)")
        }
    }

    /// Everything that can be said of the backup before it is believed: it verifies, and the master key is its own.
    private func examine(
        _ backup: ReadOnlyDatabase,
        named name: String
    ) async throws -> (RootChain, RestorePlan.Marks, Timestamp?) {
        let verification = await Verification.of(backup)
        guard verification.isGood else {
            throw StartupFault(
                .configuration,
                "\(name) does not verify, and nothing was restored:\n"
                    + verification.problems.map { "  \($0)" }.joined(separator: "\n")
            )
        }
        let (installation, trust, sealed, marks) = try await backup.read { reading in
            guard let installation = try reading.installation() else { throw StorageFault.notFound }
            let marks = try RestorePlan.Marks(reading, installation)
            return (installation, try reading.trust(), try reading.signingKeys(), marks)
        }
        let vault = Vault(masterKey: try self.files.master(), environment: installation.environment)
        do {
            _ = try OnlineKeys(sealed, vault: vault)
        } catch {
            throw StartupFault(.configuration, "\(self.files.masterPath) is not the key of this backup: \(error)")
        }
        return (trust, marks, verification.summary?.backedUp)
    }

    /// The one that has seen most; it must have seen at least what the backup has, or it says nothing of what came after.
    private static func newest(of fences: [NodeFence], notBefore marks: RestorePlan.Marks) throws -> NodeFence? {
        guard let newest = fences.max(by: { $0.position < $1.position }) else { return nil }
        let backup = HeadPosition(epoch: marks.epoch, headVersion: marks.headVersion)
        guard newest.position >= backup else {
            throw StartupFault(
                .configuration,
                "\(newest.directory) is older than the backup (head \(newest.position), the backup's is \(backup)): it "
                    + "cannot say what was revoked since; give the data of a node that was connected later"
            )
        }
        return newest
    }
}
