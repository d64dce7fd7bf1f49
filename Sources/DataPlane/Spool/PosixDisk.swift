import Domain
import Glibc
import Platform

/// The disk itself. Stateless: each call opens what it needs and closes it again; a spool makes some dozens of them a
/// second.
package struct PosixDisk: SpoolDisk {
    /// So much of a mapped file is filled in at once, so that a first store on an event loop does not wait for a page:
    /// slots for some five hundred attempts in flight. A busier loop pays for each further page once.
    private static let filledInMax = 2 * 1_024 * 1_024

    package init() {}

    package func names(in folder: String) throws(DiskFault) -> [String] {
        guard let handle = unsafe opendir(folder) else {
            if errno == ENOENT { return [] }
            throw DiskFault("opendir", folder, errno: errno)
        }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func makeFolder(_ path: String) throws(DiskFault) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw DiskFault("mkdir", path, errno: errno) }
        try self.syncFolder(of: path)
    }

    package func create(_ path: String, byteCount: Int) throws(DiskFault) {
        try self.withFile(path, O_RDWR | O_CREAT | O_EXCL) { file throws(DiskFault) in
            let failure = posix_fallocate(file, 0, byteCount)
            guard failure == 0 else {
                // A file that is not wholly there must not be found by the next start.
                unsafe unlink(path)
                throw DiskFault("fallocate", path, errno: failure)
            }
            guard fsync(file) == 0 else { throw DiskFault("fsync", path, errno: errno) }
        }
        try self.syncFolder(of: path)
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(DiskFault) {
        let beside = path + ".new"
        try self.withFile(beside, O_WRONLY | O_CREAT | O_TRUNC) { file throws(DiskFault) in
            try Self.writeAll(bytes, to: file, at: 0, path: beside)
            guard fsync(file) == 0 else { throw DiskFault("fsync", beside, errno: errno) }
        }
        guard unsafe rename(beside, path) == 0 else { throw DiskFault("rename", path, errno: errno) }
        try self.syncFolder(of: path)
    }

    package func write(_ bytes: [UInt8], to path: String, at offset: Int) throws(DiskFault) {
        try self.withFile(path, O_WRONLY) { file throws(DiskFault) in
            try Self.writeAll(bytes, to: file, at: offset, path: path)
        }
    }

    package func sync(_ path: String) throws(DiskFault) {
        try self.withFile(path, O_WRONLY) { file throws(DiskFault) in
            guard fdatasync(file) == 0 else { throw DiskFault("fdatasync", path, errno: errno) }
        }
    }

    package func truncate(_ path: String, to byteCount: Int) throws(DiskFault) {
        try self.withFile(path, O_WRONLY) { file throws(DiskFault) in
            guard ftruncate(file, byteCount) == 0, fsync(file) == 0 else {
                throw DiskFault("truncate", path, errno: errno)
            }
        }
    }

    package func read(_ path: String, at offset: Int, atMost count: Int) throws(DiskFault) -> [UInt8] {
        var failure: Int32 = 0
        var bytes: [UInt8] = []
        try self.withFile(path, O_RDONLY) { file throws(DiskFault) in
            bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let read = unsafe pread(
                        file,
                        buffer.baseAddress?.advanced(by: filled),
                        count - filled,
                        offset + filled
                    )
                    if read < 0, errno == EINTR { continue }
                    if read < 0 { failure = errno }
                    if read <= 0 { break }
                    filled += read
                }
            }
        }
        guard failure == 0 else { throw DiskFault("read", path, errno: failure) }
        return bytes
    }

    package func status(of path: String) throws(DiskFault) -> FileStatus {
        do {
            let facts = try FileFacts(of: path)
            return FileStatus(
                byteCount: facts.byteCount,
                modified: Timestamp(unixMilliseconds: facts.modifiedMilliseconds)
            )
        } catch {
            throw DiskFault("stat", path, errno: errno)
        }
    }

    package func remove(_ path: String) throws(DiskFault) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw DiskFault("unlink", path, errno: errno) }
    }

    package func removeFolder(_ path: String) throws(DiskFault) {
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw DiskFault("rmdir", path, errno: errno) }
    }

    package func map(_ path: String, byteCount: Int) throws(DiskFault) -> MappedMemory {
        var mapped: MappedMemory?
        try self.withFile(path, O_RDWR) { file throws(DiskFault) in
            guard let base = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
                unsafe base != MAP_FAILED
            else { throw DiskFault("mmap", path, errno: errno) }
            // A kernel too old for this (before 5.14) fills in every page when it is first touched, as it does the rest.
            _ = unsafe madvise(base, min(byteCount, Self.filledInMax), MADV_POPULATE_WRITE)
            mapped = unsafe MappedMemory(UnsafeMutableRawBufferPointer(start: base, count: byteCount)) { bytes in
                unsafe munmap(bytes.baseAddress, bytes.count)
            }
        }
        guard let mapped else { throw DiskFault("mmap", path, errno: EINVAL) }
        return mapped
    }

    // MARK: - Files

    private func withFile(
        _ path: String,
        _ flags: Int32,
        _ body: (Int32) throws(DiskFault) -> Void
    ) throws(DiskFault) {
        let file = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DiskFault("open", path, errno: errno) }
        defer { close(file) }
        try body(file)
    }

    private func syncFolder(of path: String) throws(DiskFault) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try self.withFile(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY) { file throws(DiskFault) in
            guard fsync(file) == 0 else { throw DiskFault("fsync", folder, errno: errno) }
        }
    }

    private static func writeAll(
        _ bytes: [UInt8],
        to file: Int32,
        at offset: Int,
        path: String
    ) throws(DiskFault) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(file, buffer.baseAddress?.advanced(by: written), buffer.count - written, offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DiskFault("write", path, errno: count == 0 ? EIO : errno) }
            written += count
        }
    }
}
