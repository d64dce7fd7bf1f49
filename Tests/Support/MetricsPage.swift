import Foundation

/// The table of metrics in a page of documentation.
package struct MetricsPage {
    package struct Row: Hashable, Sendable {
        package let name: String
        package let type: String
        package let labels: [String]

        package init(name: String, type: String, labels: [String]) {
            self.name = name
            self.type = type
            self.labels = labels
        }
    }

    package let rows: [Row]

    /// Rows of the form ``| `name` | type | labels | meaning |``.
    package init(_ path: String) throws {
        let text = try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
        self.rows = text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 6, cells[1].hasPrefix("`") else { return nil }
            let labels = cells[3].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return Row(name: String(cells[1].dropFirst().dropLast()), type: cells[2], labels: labels)
        }
    }
}
