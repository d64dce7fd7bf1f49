import Glibc
import Synchronization

/// Whole small files that survive a crash: a reader sees the old bytes or the new ones, never a mixture.
///
/// Writing is temp file → fsync → rename → fsync of the directory. A rename alone may survive a power cut before
/// the bytes do; the second fsync makes the new name itself durable.
package enum DurableFile {
    /// Who a file is for, and so what is checked when it is read back.
    package enum Audience: Hashable, Sendable {
        /// Anyone may read it, and it may lie behind a symbolic link, as mounted configuration does.
        case anyone
        /// Only this user: keys, tokens. A symbolic link, another owner or any permission of others is refused.
        case owner
    }

    /// Temporary names end so; `removeLeftovers(in:)` deletes what a crash left.
    static let temporarySuffix = ".martlet-tmp"
    private static let temporaries = Atomic<UInt64>(0)

    /// Replaces the file, or makes it. On failure the old file is untouched.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(FileFault) {
        let temporary = try Self.writeTemporary(bytes, beside: path, mode: mode)
        guard unsafe rename(temporary, path) == 0 else {
            let fault = FileFault.last("rename", at: path)
            _ = unsafe unlink(temporary)
            throw fault
        }
        try Self.synchronizeDirectory(of: path)
    }

    /// Makes a file that must not exist yet: `.exists` otherwise. For keys, which nothing may overwrite.
    package static func create(_ bytes: [UInt8], at path: String, mode: UInt32 = 0o600) throws(FileFault) {
        try Self.place(try Self.writeTemporary(bytes, beside: path, mode: mode), at: path)
    }

    /// Gives what was written under a temporary name its own, once it is on the disk: `.exists` where that is taken.
    /// The temporary name is gone afterwards in any case.
    static func place(_ temporary: String, at path: String) throws(FileFault) {
        defer { _ = unsafe unlink(temporary) }
        try FileDescriptor(open: temporary, flags: O_RDONLY | O_NOFOLLOW).synchronize()
        // link(2) is the atomic "rename unless it exists".
        guard unsafe link(temporary, path) == 0 else { throw .last("link", at: path) }
        do {
            try Self.synchronizeDirectory(of: path)
        } catch {
            // Whoever is told that it failed finds nothing in the way.
            _ = unsafe unlink(path)
            throw error
        }
    }

    /// Whether anything has this name, a dangling link included.
    package static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// The whole content of a plain file of at most `bytesMax` bytes.
    package static func read(
        _ path: String,
        bytesMax: Int,
        audience: Audience = .anyone
    ) throws(FileFault) -> [UInt8] {
        // O_NONBLOCK: a pipe put in the file's place must not hang the daemon at start.
        let follow = audience == .owner ? O_NOFOLLOW : 0
        let file = try FileDescriptor(open: path, flags: O_RDONLY | O_NONBLOCK | follow)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileFault(path: path, problem: .notPlain) }
        if audience == .owner { try Self.checkPrivate(status, at: path) }
        guard status.st_size <= bytesMax else { throw FileFault(path: path, problem: .tooLarge(bytesMax: bytesMax)) }
        return try file.read(bytesMax: bytesMax)
    }

    /// Nil where the file is missing; every other problem is thrown.
    package static func readIfPresent(
        _ path: String,
        bytesMax: Int,
        audience: Audience = .anyone
    ) throws(FileFault) -> [UInt8]? {
        do {
            return try Self.read(path, bytesMax: bytesMax, audience: audience)
        } catch {
            guard case .missing = error.problem else { throw error }
            return nil
        }
    }

    /// Durable too; a missing file is no error.
    package static func remove(_ path: String) throws(FileFault) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", at: path) }
        try Self.synchronizeDirectory(of: path)
    }

    /// Makes the directory and its missing parents (parents get the same mode). An existing one is left as it is,
    /// but with `audience: .owner` it is refused if others can enter it.
    package static func makeDirectory(
        _ path: String,
        mode: UInt32 = 0o700,
        audience: Audience = .owner
    ) throws(FileFault) {
        var sofar = path.hasPrefix("/") ? "/" : ""
        for segment in path.split(separator: "/") {
            sofar += sofar.isEmpty || sofar.hasSuffix("/") ? String(segment) : "/\(segment)"
            guard unsafe mkdir(sofar, mode) == 0 || errno == EEXIST else { throw .last("mkdir", at: sofar) }
        }
        let directory = try FileDescriptor(open: path, flags: O_RDONLY | O_DIRECTORY)
        if audience == .owner { try Self.checkPrivate(try directory.status(), at: path) }
    }

    /// Deletes the temporary files that a crash in the middle of a write left in this directory. Call it only while
    /// holding the directory's lock: another process's write in progress looks the same.
    package static func removeLeftovers(in directory: String) throws(FileFault) {
        try Self.removeFiles(in: directory) { $0.hasPrefix(".") && $0.hasSuffix(Self.temporarySuffix) }
    }

    static func removeFiles(in directory: String, where isLeftover: (String) -> Bool) throws(FileFault) {
        guard let stream = unsafe opendir(directory) else { throw .last("opendir", at: directory) }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if isLeftover(name) { _ = unsafe unlink("\(directory)/\(name)") }
        }
    }

    /// Under a name of its own beside `path`, which begins with a dot and ends with `suffix`.
    static func writeTemporary(
        _ bytes: [UInt8],
        beside path: String,
        mode: UInt32,
        suffix: String = temporarySuffix
    ) throws(FileFault) -> String {
        let number = Self.temporaries.wrappingAdd(1, ordering: .relaxed).newValue
        let (directory, name) = Self.split(path)
        // Pids and numbers come again, in a container at every start, and a file that a crash has left would be in the way.
        let mark = String(UInt32.random(in: .min ... .max), radix: 16)
        let temporary = "\(directory)/.\(name).\(getpid()).\(number).\(mark)\(suffix)"
        do throws(FileFault) {
            let file = try FileDescriptor(open: temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
            // The umask may only have taken bits away; what the caller asked for is what the file gets.
            guard fchmod(file.raw, mode) == 0 else { throw FileFault.last("fchmod", at: temporary) }
            try file.write(bytes)
            try file.synchronize()
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        return temporary
    }

    package static func synchronizeDirectory(of path: String) throws(FileFault) {
        try FileDescriptor(open: Self.split(path).directory, flags: O_RDONLY | O_DIRECTORY).synchronize()
    }

    private static func checkPrivate(_ status: stat, at path: String) throws(FileFault) {
        guard status.st_uid == geteuid() else {
            throw FileFault(path: path, problem: .exposed("belongs to another user; it must be this process's own"))
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw FileFault(
                path: path,
                problem: .exposed("has mode 0\(mode); others must have no access: chmod go= it")
            )
        }
    }

    static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        return (directory, String(path[path.index(after: slash)...]))
    }
}
