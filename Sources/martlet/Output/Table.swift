/// Rows under headings, each column as wide as its widest cell; numbers stand on the right.
struct Table: Sendable {
    struct Column: Sendable {
        let heading: String
        /// Where the cell's value stands in a row: `latencyMs.p95`.
        let path: String

        init(_ heading: String, _ path: String) {
            self.heading = heading
            self.path = path
        }
    }

    let columns: [Column]

    init(_ columns: [Column]) { self.columns = columns }

    func lines(_ rows: [JSONValue]) -> [String] {
        let cells = rows.map { row in self.columns.map { Terminal.oneLine(row[path: $0.path].cell) } }
        let widths = self.columns.indices.map { index in
            ([self.columns[index].heading] + cells.map { $0[index] }).map(\.count).max() ?? 0
        }
        let isNumeric = self.columns.indices.map { index in
            rows.contains { $0[path: self.columns[index].path].isNumeric }
        }
        return ([self.columns.map(\.heading)] + cells).map { line in
            let padded = line.indices.map { index in
                Self.pad(line[index], to: widths[index], right: isNumeric[index])
            }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func pad(_ text: String, to width: Int, right: Bool) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return right ? blanks + text : text + blanks
    }
}

extension JSONValue {
    fileprivate var isNumeric: Bool {
        switch self {
        case .integer, .number: true
        case .string(let text): !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
        case .null, .bool, .array, .object: false
        }
    }
}
