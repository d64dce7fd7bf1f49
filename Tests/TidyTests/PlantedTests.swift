import Testing

/// Each rule of `TidyTests`, shown to fail on a violation planted in a text, and to leave its innocent neighbour alone.
@Suite struct PlantedTests {
    private let manifest = Manifest(
        """
        let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
        let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
        room("Domain", on: 0),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        room("Wire", on: 1, "Domain"),
        room("Storage", on: 1, "Domain", "Wire", grdb),
        room("DataPlane", on: 2, "Domain", "Wire", grdb),
        room(
            "ControlPlane",
            on: 2,
            "DataPlane",
            crypto
        ),
        door("martlet", "Domain"),
        tests("WireTests", "Domain", "Wire", crypto),
        """
    )

    private func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

    @Test func `reads the plan of the house`() {
        #expect(manifest.targets["Domain"]?.floor == 0)
        #expect(manifest.targets["Storage"]?.imports == ["Domain", "Wire", "GRDB"])
        #expect(manifest.targets["ControlPlane"]?.floor == 2)
        #expect(manifest.targets["ControlPlane"]?.imports == ["DataPlane", "Crypto"])
        #expect(manifest.targets["martlet"]?.floor == Manifest.frontDoors)
        #expect(manifest.targets["WireTests"]?.isTest == true)
        #expect(manifest.targets["CCurl"]?.floor == .some(nil))
    }

    @Test(arguments: [
        ("Sources/Wire/A.swift", "import Domain", true),
        ("Sources/Wire/A.swift", "package import struct Domain.Money", true),
        ("Sources/Wire/A.swift", "// import Storage", true),
        ("Sources/Wire/A.swift", "import Storage", false),  // not named
        ("Sources/Storage/A.swift", "internal import Wire", false),  // named, but sideways
        ("Sources/ControlPlane/A.swift", "import DataPlane", false),  // named, but the other daemon
        ("Sources/Storage/A.swift", "import GRDB", true),
        ("Sources/DataPlane/A.swift", "import GRDB", false),  // named, but away from home
        ("Sources/Domain/A.swift", "import Logging", false),
        ("Sources/Nowhere/A.swift", "", false),  // no line in the manifest
        ("Tests/WireTests/A.swift", "@testable import Wire", true),
        ("Tests/WireTests/A.swift", "import GRDB", false),
    ]) func `an import upwards, sideways or away from home is seen`(path: String, text: String, isFine: Bool) {
        #expect(Floors(manifest: manifest).violations(in: file(path, text)).isEmpty == isFine)
    }

    @Test(arguments: [
        ("Sources/DataPlane/A.swift", "    Task { await run() }", "Task {"),
        ("Sources/DataPlane/A.swift", "Task(priority: .low) { }", "Task("),
        ("Sources/DataPlane/A.swift", "Task.detached { }", "Task.detached"),
        ("Sources/DataPlane/A.swift", "final class A: @unchecked Sendable {", "@unchecked Sendable"),
        ("Tests/WireTests/A.swift", "nonisolated(unsafe) var a = 0", "nonisolated(unsafe)"),
        ("Sources/Wire/A.swift", "let a = try! b()", "try!"),
        ("Sources/Wire/A.swift", "fatalError()", "fatalError("),
        ("Sources/DataPlane/A.swift", "print(secret)", "print("),
        ("Sources/Wire/A.swift", "DispatchQueue.main.async {", "DispatchQueue"),
        ("Sources/Wire/A.swift", "Thread.sleep(1)", "Thread"),
        ("Sources/Wire/A.swift", "public struct A {", "public"),
        ("Sources/Wire/A.swift", "default: break", "default: break"),
        ("Sources/Domain/Usage/A.swift", "let now = Date()", "Date()"),
        ("Sources/Domain/Usage/A.swift", "let n = Int.random(in: 0...1)", ".random("),
        ("Sources/Domain/Usage/A.swift", "internal import Foundation", "import Foundation"),
        ("Sources/Dialects/OpenAI/A.swift", "import Foundation", "import Foundation"),
        ("Sources/DataPlane/Exchange/A.swift", "import FoundationEssentials", "import FoundationEssentials"),
        ("Sources/Domain/Catalog/A.swift", "let dollars: Double", "Double"),
        ("Sources/ControlPlane/A.swift", "sql: \"SELECT * FROM keys\"", "SELECT "),
        ("Tests/WireTests/A.swift", "try await Task.sleep(for: .seconds(1))", "Task.sleep"),
        ("Tests/WireTests/A.swift", "try await clock.sleep(for: .seconds(1))", ".sleep(for:"),
        ("Sources/Wire/A.swift", "// FIX" + "ME: later", "FIX" + "ME"),
    ]) func `a banned word is seen where it is banned`(path: String, text: String, word: String) {
        let found = Ban.list.flatMap { $0.violations(in: file(path, text)) }
        #expect(found.contains { $0.hasPrefix("\(path):1: `\(word)`") })
    }

    @Test(arguments: [
        ("Sources/DataPlane/A.swift", "// no Task { here"),
        ("Sources/DataPlane/A.swift", "let subTask = \"Task { }\""),
        ("Sources/DataPlane/A.swift", "withTaskGroup(of: Void.self) { group in"),
        ("Sources/Platform/A.swift", "NIOThreadPool(numberOfThreads: 1)"),
        ("Sources/martlet/A.swift", "print(table)"),
        ("Sources/DataPlane/A.swift", "let fingerprint(of: key)"),
        ("Sources/DataPlane/Spool/A.swift", "import Foundation"),
        ("Sources/Storage/A.swift", "sql: \"SELECT * FROM keys\""),
        ("Sources/Domain/Usage/A.swift", "let quantile: Double"),
        ("Sources/ControlPlane/A.swift", "let now = Date()"),
        ("Tests/WireTests/A.swift", "func sleep(_ duration: Duration) async throws {"),
    ]) func `an innocent line is left alone`(path: String, text: String) {
        #expect(Ban.list.flatMap { $0.violations(in: file(path, text)) }.isEmpty)
    }

    @Test func `a dropped reason is seen unless a comment says what is used instead`() {
        #expect(!Ban.droppedReasons(in: file("Sources/Wire/A.swift", "let a = try? b()")).isEmpty)
        #expect(!Ban.droppedReasons(in: file("Sources/Wire/A.swift", "do { try b() } catch {}")).isEmpty)
        #expect(!Ban.droppedReasons(in: file("Sources/Wire/A.swift", "// On b.\n\nlet a = try? b()")).isEmpty)
        #expect(
            Ban.droppedReasons(in: file("Sources/Wire/A.swift", "// Unreadable means absent.\nlet a = try? b()"))
                .isEmpty
        )
    }

    @Test func `a name that says nothing is seen`() {
        #expect(!Ban.vagueNames(in: file("Sources/Wire/A.swift", "package actor BudgetManager {")).isEmpty)
        #expect(Ban.vagueNames(in: file("Sources/Wire/A.swift", "package struct Purse {")).isEmpty)
    }

    @Test(arguments: [
        "func a() {", "private init(b: Int) {", "package var c: Int {", "static func d(\n    e: Int\n) -> Int {",
    ])
    func `a function of 71 lines is seen, one of 70 is not`(opening: String) {
        let head = opening.split(separator: "\n").count
        func planted(_ lines: Int) -> SourceFile {
            let body = Array(repeating: "        f()", count: lines - head - 1).joined(separator: "\n")
            let text = opening.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
            return file("Sources/Wire/A.swift", "struct A {\n\(text)\n\(body)\n    }\n}\n")
        }
        #expect(Sizes.violations(in: planted(70)).isEmpty)
        #expect(Sizes.violations(in: planted(71)).count == 1)
    }

    @Test func `a file of 501 lines is seen, one of 500 is not`() {
        #expect(Sizes.violations(in: file("deploy/x", String(repeating: "a\n", count: 500))).isEmpty)
        #expect(Sizes.violations(in: file("deploy/x", String(repeating: "a\n", count: 501))).count == 1)
    }

    @Test func `a test without a sentence is seen`() {
        #expect(TestNames.violations(in: file("Tests/WireTests/A.swift", "@Test func itWorks() {}")).count == 1)
        #expect(
            TestNames.violations(in: file("Tests/WireTests/A.swift", "@Test(arguments: [\n1\n]) func b() {")).count == 1
        )
        #expect(TestNames.violations(in: file("Tests/WireTests/A.swift", "@Test func `it works`() {}")).isEmpty)
    }

    @Test func `a page without its sections is seen`() {
        let whole = Pages.headings.map { "\($0)\ntext" }.joined(separator: "\n")
        #expect(Pages.violations(in: file("Sources/Wire/Wire.docc/Wire.md", whole)).isEmpty)
        #expect(Pages.violations(in: file("Sources/Wire/Wire.docc/Wire.md", "## Purpose")).count == 4)
    }

    @Test func `every path that the README names is found`() {
        let readme = file(
            "README.md",
            "run `deploy/test`, read `Sources/Wire/Wire.docc`.\nEach has `Sources/X/X.docc/X.md`"
        )
        #expect(Readme.paths(in: readme) == ["deploy/test", "Sources/Wire/Wire.docc"])
    }

    @Test func `a path of the machine at hand is seen`() {
        let planted = file("README.md", "see /a/desk/notes")
        #expect(Workplace.violations(in: planted, root: "/a/desk/martlet/").count == 1)
        #expect(Workplace.violations(in: planted, root: "/elsewhere/martlet/").isEmpty)
    }

    @Test func `a proto file that has changed, come or gone is seen`() {
        let proto = file("proto-schemas/martlet/v1/a.proto", "abc")
        let recorded = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  martlet/v1/a.proto"
        #expect(Drift.violations(recorded: [recorded, ""], protos: [proto]).isEmpty)
        #expect(!Drift.violations(recorded: [recorded], protos: [file(proto.path, "abd")]).isEmpty)
        #expect(!Drift.violations(recorded: [], protos: [proto]).isEmpty)
        #expect(!Drift.violations(recorded: [recorded], protos: []).isEmpty)
    }
}
