package import Foundation

/// A folder of one test's own, readable by this user alone, that goes away with the value.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init(_ name: String = "martlet-test") throws {
        url = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        // A folder that is already gone, or cannot go, is no reason to fail a test that has passed.
        try? FileManager.default.removeItem(at: url)
    }

    package var path: String { url.path(percentEncoded: false) }

    package func file(_ name: String) -> URL { url.appending(path: name) }
}
