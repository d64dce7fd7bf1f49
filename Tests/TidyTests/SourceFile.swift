import Foundation
import TestSupport

/// One file of ours as the rules see it: its place, its lines, and the same lines without comments and string contents.
struct SourceFile: Sendable {
    /// From the package's root: `Sources/Domain/Usage/Histogram.swift`.
    let path: String
    let lines: [String]
    /// As many lines, each without comments and without what stands inside string literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = path.hasSuffix(".swift") ? Self.withoutCommentsAndStrings(lines) : lines
    }

    /// The second part of the path: `Domain` or, in Tests, `DomainTests`; `Support` is the target `TestSupport`.
    var target: String {
        let parts = path.split(separator: "/")
        guard parts.count > 1 else { return "" }
        return path.hasPrefix("Tests/Support/") ? "TestSupport" : String(parts[1])
    }

    var isTest: Bool { path.hasPrefix("Tests/") }

    /// The lines, counted from 1, that import something, with the module's name.
    var imports: [(line: Int, module: String)] {
        code.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at <= 2, at + 1 < words.count else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "let", "var"]
            let name = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
            return (index + 1, String(name.prefix { $0 != "." }))
        }
    }

    /// Functions, initialisers and computed values by their braces: enough for code that swift-format has laid out.
    var functions: [(line: Int, length: Int)] {
        code.indices.compactMap { start in
            guard Self.beginsFunction(code[start]), let open = openingLine(from: start) else { return nil }
            let indent = code[start].prefix { $0 == " " }
            guard let end = code[open...].dropFirst().firstIndex(where: { $0.hasPrefix("\(indent)}") }) else {
                return nil
            }
            return (start + 1, end - start + 1)
        }
    }

    private static func beginsFunction(_ line: String) -> Bool {
        let words = line.split { " (<{:?".contains($0) }
        let modifiers: Set<Substring> = [
            "package", "private", "fileprivate", "static", "final", "override", "mutating", "consuming", "borrowing",
            "nonisolated", "convenience", "required", "package(set)", "private(set)", "@discardableResult", "@Test",
        ]
        guard let verb = words.first(where: { !modifiers.contains($0) && !$0.hasPrefix("@") }) else { return false }
        return ["func", "init", "deinit", "subscript"].contains(verb) || (verb == "var" && line.hasSuffix("{"))
    }

    /// The line of the `{` that opens the body, past a signature of several lines; nil where there is no body.
    private func openingLine(from start: Int) -> Int? {
        if code[start].hasSuffix("{") { return start }
        guard code[start].hasSuffix("(") || code[start].hasSuffix("<") else { return nil }
        let indent = code[start].prefix { $0 == " " }
        let signature = code[start...].dropFirst().prefix {
            $0.isEmpty || $0.hasPrefix("\(indent) ") || $0.hasPrefix("\(indent))")
        }
        return signature.indices.first { code[$0].hasPrefix("\(indent))") && code[$0].hasSuffix("{") }
    }
}

extension SourceFile {
    private static func withoutCommentsAndStrings(_ lines: [String]) -> [String] {
        var isInsideText = false
        return lines.map { line in
            let quotes = line.ranges(of: "\"\"\"").count
            defer { if quotes == 1 { isInsideText.toggle() } }
            if isInsideText { return "" }
            if quotes > 0 { return String(line[..<(line.range(of: "\"\"\"")?.lowerBound ?? line.endIndex)]) }
            return stripped(line)
        }
    }

    private static func stripped(_ line: String) -> String {
        guard line.utf8.contains(UInt8(ascii: "\"")) || line.utf8.contains(UInt8(ascii: "/")) else { return line }
        var kept = ""
        var isInString = false
        var previous: Character = " "
        for character in line {
            if !isInString, character == "/", previous == "/" {
                kept.removeLast()
                break
            }
            let isEscaped = previous == "\\"
            if character == "\"", !isEscaped { isInString.toggle() }
            if !isInString || character == "\"" { kept.append(character) }
            previous = isEscaped && character == "\\" ? " " : character
        }
        return String(kept.reversed().drop { $0 == " " }.reversed())
    }
}
