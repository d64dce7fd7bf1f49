import Glibc

/// The process's error output, one call a line.
package enum StandardError {
    package static func write(_ line: String) {
        let bytes = Array(line.utf8)
        // A closed or full standard error must not stop a daemon: what cannot be written is dropped.
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
