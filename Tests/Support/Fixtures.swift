package import Foundation
package import Testing

/// The public conformance data: vectors and captures that stand beside the checkout, not in it.
///
/// Where they lie: `MARTLET_FIXTURES`, else `../shared/fixtures` as seen from the package's root.
/// A suite or test that reads them carries `.needsFixtures`, so that it is skipped, and says so, where they are absent.
package enum Fixtures {
    package static let folder: URL =
        if let named = ProcessInfo.processInfo.environment["MARTLET_FIXTURES"], !named.isEmpty {
            URL(filePath: named, directoryHint: .isDirectory)
        } else {
            Repository.root.appending(path: "../shared/fixtures", directoryHint: .isDirectory).standardizedFileURL
        }

    package static var arePresent: Bool { FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)) }

    package static func url(_ path: String) -> URL { folder.appending(path: path) }

    package static func data(_ path: String) throws -> Data { try Data(contentsOf: url(path)) }

    package static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try data(path)) }

    package static func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    package static func json<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(type, from: data(path))
    }

    /// The files in a folder of the fixtures, by name, sorted.
    package static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(path).path(percentEncoded: false)).sorted()
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, saying why, where the public fixtures are not there.
    package static var needsFixtures: Self {
        .enabled(if: Fixtures.arePresent, "no fixtures at \(Fixtures.folder.path()): set MARTLET_FIXTURES")
    }
}

/// The checkout that the tests were built from.
package enum Repository {
    package static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
