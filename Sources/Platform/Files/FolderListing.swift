import Glibc

/// The names in a folder, without `.` and `..`.
package enum FolderListing {
    /// At most `limit` of them, in no order.
    package static func names(in folder: String, atMost limit: Int) throws(FileFault) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw .last("opendir", at: folder)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while names.count < limit, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
