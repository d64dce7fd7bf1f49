import Foundation
import TestSupport

/// The plan of the house as Package.swift draws it: which targets there are, on which floor, and what each may import.
///
/// Read from the text, so that the plan is written once. Knows the shapes that our manifest uses and no others.
struct Manifest {
    struct Target {
        let name: String
        /// Nil for what stands outside the floors: generated code, C libraries, tests and their support.
        let floor: Int?
        /// Modules that the target's line names: our own targets and the products of outside packages.
        let imports: Set<String>
        let isTest: Bool
    }

    static let frontDoors = 3

    let targets: [String: Target]

    init(_ text: String) {
        let products = Self.products(in: text)
        var targets: [String: Target] = [:]
        for call in Self.calls(in: text) {
            let named = call.arguments.matches(of: /"([^"]+)"/).map { String($0.1) }
            guard let name = named.first else { continue }
            let words = Set(call.arguments.matches(of: /[A-Za-z0-9]+/).map { String($0.0) })
            let outside = products.filter { words.contains($0.key) }.map(\.value)
            targets[name] = Target(
                name: name,
                floor: call.kind == "door" ? Self.frontDoors : Self.floor(call.arguments),
                // A module's name is its target's, with `_` for what a name in Swift cannot hold.
                imports: Set(named.dropFirst().map { $0.replacing("-", with: "_") }).union(outside),
                isTest: call.kind == "tests"
            )
        }
        self.targets = targets
    }

    static func ofThisPackage() throws -> Manifest {
        Manifest(try String(contentsOf: Repository.root.appending(path: "Package.swift"), encoding: .utf8))
    }

    /// The name under `let` of each outside product, and the module that it stands for.
    private static func products(in text: String) -> [String: String] {
        let found = text.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/)
        return Dictionary(found.map { (String($0.1), String($0.2)) }) { first, _ in first }
    }

    private static func floor(_ arguments: Substring) -> Int? {
        arguments.firstMatch(of: /\bon: (\d)/).flatMap { Int($0.1) }
    }

    /// Every `room(…)`, `door(…)`, `tests(…)` and `.target(…)` and `.executableTarget(…)`, with the text between its outer parentheses.
    private static func calls(in text: String) -> [(kind: String, arguments: Substring)] {
        text.matches(
            of:
                /\b(room|door|tests|target)\("|\b(room|door|tests|target)\(\s+"|\.(target|executableTarget)\((?:\s*)name: "/
        ).map {
            match in
            let kind = String(match.1 ?? match.2 ?? match.3 ?? "")
            let open = text[match.range].firstIndex(of: "(") ?? match.range.lowerBound
            return (kind, text[open..<endOfCall(in: text, from: open)])
        }
    }

    private static func endOfCall(in text: String, from open: String.Index) -> String.Index {
        var depth = 0
        for index in text[open...].indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            default: continue
            }
            if depth == 0 { return index }
        }
        return text.endIndex
    }
}
