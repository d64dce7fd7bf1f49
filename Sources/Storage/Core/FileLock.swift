import Glibc
import Synchronization

/// An advisory lock on a file beside the database, held as long as this value lives or until `release`.
///
/// SQLite's own locks last a transaction; two control planes on one file would each believe that they are the one
/// writer of the audit chain.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: `StorageFault.alreadyOpen(path: guarded)` if somebody holds it.
    init(path: String, guarding guarded: String) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageFault.file(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StorageFault.alreadyOpen(path: guarded)
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit { self.release() }

    func release() {
        self.descriptor.withLock { descriptor in
            if let open = descriptor.take() { close(open) }
        }
    }

    /// Makes the file, readable by its owner only, if there is none. SQLite gives its side files the same mode.
    static func createPrivately(_ path: String) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageFault.file(path: path, errno: errno) }
        close(descriptor)
    }
}
