/// Each target has one page that says what it is for and where things go.
enum Pages {
    /// In this order; `How` and `Where to add` name the target's own matter after these words.
    static let headings = ["## Purpose", "## What it must never do", "## Invariants", "## How ", "## Where to add"]

    static func path(of target: String) -> String { "Sources/\(target)/\(target).docc/\(target).md" }

    static func violations(in page: SourceFile) -> [String] {
        let found = page.lines.filter { $0.hasPrefix("## ") }
        let missing = headings.filter { heading in !found.contains { $0.hasPrefix(heading) } }
        return missing.map { "\(page.path) has no section `\($0)…`" }
            + Sizes.violation(of: Sizes.linesPerPageMax, in: page)
    }
}
