import Foundation
import TestSupport
import Testing

/// Python packages, as their users have them, in an environment of the tests' own.
enum PythonEnvironment {
    /// `.build/<name>`: made once, and made anew when the list of packages changes.
    static func made(_ name: String, _ packages: [String]) async throws -> URL {
        let folder = Repository.root.appending(path: ".build/\(name)")
        let made = folder.appending(path: "made")
        let log = Repository.root.appending(path: ".build/\(name).log")
        let list = packages.joined(separator: " ")
        guard (try? String(contentsOf: made, encoding: .utf8)) != list else { return folder }
        for (program, arguments) in [
            ("/usr/bin/env", ["python3", "-m", "venv", "--clear", folder.path()]),
            (folder.appending(path: "bin/pip").path(), ["install", "--quiet"] + packages),
        ] {
            let process = try Program(program, arguments, log: log)
            let status = try await process.ended(within: .seconds(300))
            try #require(status == 0, "\(program) \(arguments.joined(separator: " ")): \(process.words)")
        }
        try list.write(to: made, atomically: true, encoding: .utf8)
        return folder
    }
}
