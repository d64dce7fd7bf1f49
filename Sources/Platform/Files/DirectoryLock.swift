import Glibc

/// The exclusive use of a directory, held until this value goes away; the kernel drops it when the process dies.
///
/// Two processes on one data directory would write over each other's spool and keys, so the second one does not start.
package final class DirectoryLock: Sendable {
    package let directory: String
    private let descriptor: Int32

    /// Makes the directory (0700) if it is missing, takes the lock, clears leftovers of a crash.
    /// Throws `.inUse`, naming the process that holds it.
    package init(_ directory: String) throws(FileFault) {
        try DurableFile.makeDirectory(directory)
        let path = "\(directory)/lock"
        let raw = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o600))
        guard raw >= 0 else { throw .last("open", at: path) }
        guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
            let fault = errno == EWOULDBLOCK ? Self.held(directory, path) : FileFault.last("flock", at: path)
            _ = close(raw)
            throw fault
        }
        self.descriptor = raw
        self.directory = directory
        // Who holds it, for the next one's error message. Losing this line loses nothing else.
        let line = Array("\(getpid())\n".utf8)
        _ = ftruncate(raw, 0)
        _ = unsafe line.withUnsafeBytes { unsafe pwrite(raw, $0.baseAddress, $0.count, 0) }
        try DurableFile.removeLeftovers(in: directory)
    }

    deinit { _ = close(self.descriptor) }

    private static func held(_ directory: String, _ path: String) -> FileFault {
        let holder: String
        do {
            let bytes = try DurableFile.read(path, bytesMax: 64)
            let process = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            holder = process.isEmpty ? "another process" : "process \(process)"
        } catch {
            holder = "another process"
        }
        return FileFault(path: directory, problem: .inUse(holder))
    }
}
