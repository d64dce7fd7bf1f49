import Glibc

/// What the file system says of a file. In Platform, because the C library's `stat` has another owner in each module
/// that imports it.
package struct FileFacts: Hashable, Sendable {
    package let byteCount: Int
    /// Since 1970.
    package let modifiedMilliseconds: Int64

    package init(of path: String) throws(FileFault) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last("stat", at: path) }
        self.byteCount = status.st_size
        self.modifiedMilliseconds = Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }
}
