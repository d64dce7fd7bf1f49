import Glibc

/// An open file that closes itself. Every call is retried when a signal interrupts it.
struct FileDescriptor: ~Copyable {
    let raw: Int32
    let path: String

    init(open path: String, flags: Int32, mode: UInt32 = 0) throws(FileFault) {
        let raw = Self.retrying { unsafe open(path, flags | O_CLOEXEC, mode) }
        guard raw >= 0 else { throw .last("open", at: path) }
        self.raw = raw
        self.path = path
    }

    deinit { _ = Glibc.close(self.raw) }

    /// Writes all bytes, or throws with some of them written.
    func write(_ bytes: [UInt8]) throws(FileFault) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                Self.retrying {
                    unsafe Glibc.write(self.raw, all.baseAddress?.advanced(by: written), all.count - written)
                }
            }
            guard count > 0 else { throw .last("write", at: self.path) }
            written += count
        }
    }

    /// Reads to the end; a file that grows past the bound while it is read is refused too.
    func read(bytesMax: Int) throws(FileFault) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { room in
                Self.retrying { unsafe Glibc.read(self.raw, room.baseAddress, room.count) }
            }
            guard count >= 0 else { throw .last("read", at: self.path) }
            guard count > 0 else { return content }
            guard content.count + count <= bytesMax else {
                throw FileFault(path: self.path, problem: .tooLarge(bytesMax: bytesMax))
            }
            content.append(contentsOf: chunk[..<count])
        }
    }

    func synchronize() throws(FileFault) {
        guard Self.retrying({ fsync(self.raw) }) == 0 else { throw .last("fsync", at: self.path) }
    }

    /// Whether the advisory lock was had. It goes with the file's closing.
    func lock(_ operation: Int32) -> Bool { Self.retrying { flock(self.raw, operation) } == 0 }

    func status() throws(FileFault) -> stat {
        var status = stat()
        guard unsafe fstat(self.raw, &status) == 0 else { throw .last("fstat", at: self.path) }
        return status
    }

    private static func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
        while true {
            let result = call()
            guard result < 0, errno == EINTR else { return result }
        }
    }
}
