import Foundation
import TestSupport

/// The files that are ours to keep tidy: everything in the checkout but builds, runtime state and generated code.
enum Tree {
    static let swift: [SourceFile] = files(in: ["Sources", "Tests"]).filter { $0.path.hasSuffix(".swift") }

    static let sources: [SourceFile] = swift.filter { !$0.isTest }

    /// Scripts and pages too: whatever a person may read.
    static let everything: [SourceFile] =
        files(in: ["Sources", "Tests", "deploy", "proto-schemas", ".ci"])
        + ["Package.swift", "README.md"].compactMap(file)

    static var topLevel: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Repository.root.path(percentEncoded: false)).sorted()
        }
    }

    static func file(_ path: String) -> SourceFile? {
        // A file that is not UTF-8 text has no lines to judge.
        (try? String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)).map {
            SourceFile(path: path, text: $0)
        }
    }

    private static func files(in folders: [String]) -> [SourceFile] {
        folders.flatMap { folder in
            let root = Repository.root.appending(path: folder).path(percentEncoded: false)
            let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
            return paths.sorted().map { "\(folder)/\($0)" }
        }
        .filter { !$0.hasPrefix("Sources/Schemas/") && !$0.contains("/__pycache__/") && !$0.contains("/Fixtures/") }
        .compactMap(file)
    }
}
