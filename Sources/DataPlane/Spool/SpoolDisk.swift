package import Domain

/// The file operations that a spool needs, so that a test can end the world between any two of them.
///
/// Every call may block: none is made on an event loop. Paths are absolute.
package protocol SpoolDisk: Sendable {
    /// The names in a folder, sorted; none if there is no such folder.
    func names(in folder: String) throws(DiskFault) -> [String]
    func makeFolder(_ path: String) throws(DiskFault)
    /// A new file of `byteCount` zeroes that are really there, so that a later store into it cannot run out of room.
    func create(_ path: String, byteCount: Int) throws(DiskFault)
    /// Write beside it, fsync, rename, fsync the folder: the old bytes or the new ones, whatever happens.
    func replace(_ path: String, with bytes: [UInt8]) throws(DiskFault)
    func write(_ bytes: [UInt8], to path: String, at offset: Int) throws(DiskFault)
    func sync(_ path: String) throws(DiskFault)
    func truncate(_ path: String, to byteCount: Int) throws(DiskFault)
    /// At most `count` bytes; fewer where the file ends.
    func read(_ path: String, at offset: Int, atMost count: Int) throws(DiskFault) -> [UInt8]
    func status(of path: String) throws(DiskFault) -> FileStatus
    func remove(_ path: String) throws(DiskFault)
    func removeFolder(_ path: String) throws(DiskFault)
    /// The whole file as memory, whose stores survive the death of this process.
    func map(_ path: String, byteCount: Int) throws(DiskFault) -> MappedMemory
}

package struct FileStatus: Hashable, Sendable {
    package let byteCount: Int
    package let modified: Timestamp

    package init(byteCount: Int, modified: Timestamp) {
        self.byteCount = byteCount
        self.modified = modified
    }
}

/// What the kernel refused to do, with its number for it.
package struct DiskFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    package let path: String
    package let errno: Int32

    package init(_ operation: String, _ path: String, errno: Int32) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    package var description: String { "\(self.operation) of \(self.path) failed with errno \(self.errno)" }
}

/// Memory of a shared file mapping; unmapped when the last reference goes.
@safe package final class MappedMemory {
    let bytes: UnsafeMutableRawBufferPointer
    private let release: (UnsafeMutableRawBufferPointer) -> Void

    /// `bytes` must stay valid until `release` is called, and nobody else may hold them.
    init(_ bytes: UnsafeMutableRawBufferPointer, release: @escaping (UnsafeMutableRawBufferPointer) -> Void) {
        unsafe self.bytes = bytes
        unsafe self.release = release
    }

    var byteCount: Int { unsafe self.bytes.count }

    deinit { unsafe self.release(self.bytes) }
}
