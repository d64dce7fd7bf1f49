import Glibc

/// A file that is not written in one piece, such as a copy of a database. Until it is whole it has a temporary name, and
/// is for its owner alone.
///
/// What a kill leaves is removed by the next one in the same folder: whoever writes one holds the folder's lock together
/// with all others who do, so whoever gets that lock alone knows that nobody is writing there.
package final class UnfinishedFile: Sendable {
    /// The temporary name, of a file that is there.
    package let path: String
    private let target: String
    /// Closing it gives up the lock, and so does a kill.
    private let folder: FileDescriptor

    static let suffix = ".martlet-unfinished"
    /// SQLite keeps these beside a database that is written.
    private static let sides = ["", "-journal", "-wal", "-shm"]

    /// Begins what will be `target`.
    package init(of target: String) throws(FileFault) {
        self.folder = try Self.shared(DurableFile.split(target).directory)
        self.path = try DurableFile.writeTemporary([], beside: target, mode: 0o600, suffix: Self.suffix)
        self.target = target
    }

    /// The lock of a folder from which leftovers were removed, unless somebody writes there. Some network file systems
    /// have no such locks: there nothing is removed, because nobody can tell.
    private static func shared(_ directory: String) throws(FileFault) -> FileDescriptor {
        let folder = try FileDescriptor(open: directory, flags: O_RDONLY | O_DIRECTORY)
        if folder.lock(LOCK_EX | LOCK_NB) { try DurableFile.removeFiles(in: directory, where: Self.isLeftover) }
        // Somebody who writes here too holds it alone for a moment; whoever does so for longer would have us wait for ever.
        for _ in 0..<Self.triesMax {
            if folder.lock(LOCK_SH | LOCK_NB) || errno != EWOULDBLOCK { return folder }
            _ = poll(nil, 0, Self.pauseMilliseconds)
        }
        throw FileFault(path: directory, problem: .inUse("another process that has locked it"))
    }

    private static let (triesMax, pauseMilliseconds): (Int, Int32) = (50, 100)

    private static func isLeftover(_ name: String) -> Bool {
        name.hasPrefix(".") && Self.sides.contains { name.hasSuffix(Self.suffix + $0) }
    }

    /// Gives it its name, once it is on the disk: `.exists` where that is taken. The temporary name is gone afterwards in
    /// any case.
    package func finish() throws(FileFault) { try DurableFile.place(self.path, at: self.target) }

    /// Nothing of it stays.
    package func discard() throws(FileFault) {
        for side in Self.sides { try DurableFile.remove(self.path + side) }
    }
}
