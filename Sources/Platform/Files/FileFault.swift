import Glibc

/// Why a file could not be used, with its path and what to do. Never holds the file's content.
package struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let problem: Problem

    package enum Problem: Hashable, Sendable {
        case missing
        case exists
        /// More bytes than the reader allows.
        case tooLarge(bytesMax: Int)
        /// A symbolic link, a device, a directory: anything but a plain file.
        case notPlain
        /// Readable or writable by others, or of another owner.
        case exposed(String)
        case inUse(String)
        case system(call: String, code: Int32)
    }

    package var description: String {
        switch self.problem {
        case .missing: "\(self.path) does not exist"
        case .exists: "\(self.path) exists already and is not overwritten"
        case .tooLarge(let bytesMax): "\(self.path) is larger than \(bytesMax) bytes"
        case .notPlain: "\(self.path) is not a plain file (symbolic links are not followed here)"
        case .exposed(let how): "\(self.path) \(how)"
        case .inUse(let by): "\(self.path) is in use by \(by); stop that process or choose another directory"
        case .system(let call, let code): "\(self.path): \(call): \(Self.message(code))"
        }
    }

    private static func message(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// What `errno` says after a call that failed.
    static func last(_ call: String, at path: String) -> FileFault {
        let code = errno
        let problem: Problem =
            switch code {
            case ENOENT: .missing
            case EEXIST: .exists
            case ELOOP: .notPlain
            default: .system(call: call, code: code)
            }
        return FileFault(path: path, problem: problem)
    }
}
