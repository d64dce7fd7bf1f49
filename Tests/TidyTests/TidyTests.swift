import Crypto
import Foundation
import TestSupport
import Testing

/// Rules about the text of the house itself. Each says what it forbids and why, so that a failure teaches;
/// `PlantedTests` shows that each can fail.
@Suite struct TidyTests {
    private func expectNone(_ violations: [String]) {
        #expect(violations.isEmpty, "\n\(violations.joined(separator: "\n"))")
    }

    @Test func `imports only go down a floor, to targets named in the manifest, and packages stay at home`() throws {
        let floors = Floors(manifest: try Manifest.ofThisPackage())
        expectNone(Tree.swift.flatMap(floors.violations))
    }

    @Test func `every target on a floor has its folder, and every folder its target`() throws {
        let manifest = try Manifest.ofThisPackage()
        let folders = Set(Tree.sources.map(\.target)).subtracting(["Schemas"])
        let targets = manifest.targets.values.filter { $0.floor != nil }.map(\.name)
        #expect(folders.symmetricDifference(targets).isEmpty)
    }

    @Test func `nothing on the ban list is used`() {
        let files = Tree.swift.filter { $0.target != "TidyTests" }
        expectNone(Ban.list.flatMap { ban in files.flatMap(ban.violations) })
    }

    @Test func `no reason is dropped without a word`() {
        expectNone(Tree.sources.flatMap(Ban.droppedReasons))
    }

    @Test func `types are named for what they are`() {
        expectNone(Tree.swift.flatMap(Ban.vagueNames))
    }

    @Test func `no file grows past 500 lines, no function past 70`() {
        expectNone(Tree.everything.filter { !$0.path.hasSuffix(".json") }.flatMap(Sizes.violations))
    }

    @Test func `every test is named by a sentence`() {
        expectNone(Tree.swift.filter(\.isTest).flatMap(TestNames.violations))
    }

    @Test func `every target has its page`() throws {
        let manifest = try Manifest.ofThisPackage()
        let pages = manifest.targets.values.filter { $0.floor != nil }.map { Pages.path(of: $0.name) }
        expectNone(
            pages.sorted().flatMap { path in
                Tree.file(path).map(Pages.violations) ?? ["write \(path)"]
            }
        )
    }

    @Test func `the README fits on three screens`() throws {
        let readme = try #require(Tree.file("README.md"))
        expectNone(Sizes.violation(of: Sizes.linesPerReadmeMax, in: readme))
    }

    @Test func `the README names only what is there`() throws {
        let readme = try #require(Tree.file("README.md"))
        expectNone(
            Readme.paths(in: readme).filter { path in
                !FileManager.default.fileExists(
                    atPath: Repository.root.appending(path: path).path(percentEncoded: false)
                )
            }
        )
    }

    @Test func `nothing new stands at the top level`() throws {
        let expected: Set<String> = ["LICENSE", "Package.resolved", "Package.swift", "README.md"]
        let folders: Set<String> = ["Sources", "Tests", "deploy", "proto-schemas"]
        let extra = try Tree.topLevel.filter { !$0.hasPrefix(".") && !expected.contains($0) && !folders.contains($0) }
        #expect(extra.isEmpty)
    }

    @Test func `no file names the place where it was written`() {
        expectNone(Tree.everything.flatMap { Workplace.violations(in: $0, root: Repository.root.path()) })
    }

    @Test func `scripts can be started and stop at the first error`() throws {
        for script in Tree.everything where script.lines.first?.hasPrefix("#!") == true {
            let path = Repository.root.appending(path: script.path).path(percentEncoded: false)
            #expect(FileManager.default.isExecutableFile(atPath: path), "chmod +x \(script.path)")
            #expect(script.lines.contains { $0.hasPrefix("set -euo pipefail") }, "\(script.path): set -euo pipefail")
        }
    }

    @Test func `the generated schemas are made from these proto files`() throws {
        let recorded = try #require(Tree.file("Sources/Schemas/sources.sha256"), "run deploy/generate")
        let protos = Tree.everything.filter { $0.path.hasSuffix(".proto") }
        #expect(protos.count >= 4)
        expectNone(Drift.violations(recorded: recorded.lines, protos: protos))
    }
}

/// A test's name is a sentence about behaviour, so that the names read as the specification.
enum TestNames {
    static func violations(in file: SourceFile) -> [String] {
        file.code.indices.compactMap { index in
            guard file.code[index].contains("@Test") else { return nil }
            let name = file.code[index...].prefix(12).first { $0.contains("func ") }
            guard let name, !name.contains("func `") else { return nil }
            return "\(file.path):\(index + 1): name the test by a sentence in backticks"
        }
    }
}

/// What the README sends a reader to.
enum Readme {
    /// Paths inside the checkout; `X` stands for any target's name.
    static func paths(in readme: SourceFile) -> [String] {
        readme.lines.flatMap { line in
            line.matches(of: /\b(deploy|Sources|Tests|proto-schemas)\/[A-Za-z0-9_.\/\-]*[A-Za-z0-9]/).map {
                String($0.0)
            }
        }
        .filter { !$0.hasPrefix("Sources/X/") }
    }
}

/// Paths of the machine that a file was written on mean nothing on any other.
enum Workplace {
    static func violations(in file: SourceFile, root: String) -> [String] {
        let parent = URL(filePath: root).deletingLastPathComponent().path()
        let named = ["/", "/tmp/", "/opt/", "/src/", "/var/tmp/"].contains(parent) ? root : parent
        return file.lines.enumerated().compactMap { index, line in
            guard line.contains(named) else { return nil }
            return "\(file.path):\(index + 1): names a path of one machine"
        }
    }
}

/// Generated code belongs to the schemas beside it.
enum Drift {
    static func violations(recorded: [String], protos: [SourceFile]) -> [String] {
        let now = Set(protos.map { "\(digest($0))  \($0.path.dropFirst("proto-schemas/".count))" })
        let then = Set(recorded.filter { !$0.isEmpty })
        return now.symmetricDifference(then).map { "run deploy/generate and commit what it writes: \($0)" }.sorted()
    }

    private static func digest(_ file: SourceFile) -> String {
        SHA256.hash(data: Data(file.lines.joined(separator: "\n").utf8)).map { String(format: "%02x", $0) }.joined()
    }
}
