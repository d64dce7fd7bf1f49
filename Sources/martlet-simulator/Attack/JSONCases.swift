import ArgumentParser
import Foundation

/// The texts of JSONTestSuite that a strict reader refuses, or may refuse.
///
/// None of them is a chat request, so that a server must refuse them all as bodies; and those that are no JSON must be
/// refused inside a good body too.
struct JSONCases: Sendable {
    /// No JSON.
    var rejected: [[UInt8]] = []
    /// What the suite leaves open.
    var either: [[UInt8]] = []

    init() {}

    /// A folder with the suite's own `n_….json` and `i_….json`, or with all of it in one `parsing.json`.
    init(folder: String) throws {
        let url = URL(filePath: folder, directoryHint: .isDirectory)
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false)).sorted()
        if names.contains("parsing.json") { try self.read(listed: url.appending(path: "parsing.json")) }
        for name in names where name.hasSuffix(".json") && (name.hasPrefix("n_") || name.hasPrefix("i_")) {
            let text = [UInt8](try Data(contentsOf: url.appending(path: name)))
            if name.hasPrefix("n_") { self.rejected.append(text) } else { self.either.append(text) }
        }
        guard !self.rejected.isEmpty else { throw ValidationError("--json-cases: no n_*.json or parsing.json there") }
    }

    private mutating func read(listed file: URL) throws {
        struct Suite: Decodable {
            let cases: [Case]

            struct Case: Decodable {
                let expect: String?
                let base64: Data
            }
        }
        for each in try JSONDecoder().decode(Suite.self, from: try Data(contentsOf: file)).cases {
            switch each.expect {
            case "reject": self.rejected.append([UInt8](each.base64))
            case "either": self.either.append([UInt8](each.base64))
            default: continue  // good JSON is no attack
            }
        }
    }
}
