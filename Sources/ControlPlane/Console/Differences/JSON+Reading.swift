extension JSON {
    /// The value as people read it, a line for each member and element. A text of several lines stands in a block of its
    /// own, as in YAML, so that a change of one of its lines is one line.
    var readingLines: [String] {
        var lines: [String] = []
        self.write(to: &lines, after: "", indent: "")
        return lines
    }

    private func write(to lines: inout [String], after label: String, indent: String) {
        let deeper = indent + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            if !label.isEmpty { lines.append(indent + label) }
            let inner = label.isEmpty ? indent : deeper
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                value.write(to: &lines, after: "\(name):", indent: inner)
            }
        case .array(let elements) where !elements.isEmpty:
            if !label.isEmpty { lines.append(indent + label) }
            let inner = label.isEmpty ? indent : deeper
            for (index, value) in elements.enumerated() {
                value.write(to: &lines, after: "[\(index + 1)]", indent: inner)
            }
        case .string(let text) where text.contains("\n"):
            lines.append("\(indent)\(label)\(label.isEmpty ? "" : " ")|")
            lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { deeper + $0 }
        case .string(let text):
            lines.append("\(indent)\(label)\(label.isEmpty ? "" : " ")\(text.isEmpty ? "\"\"" : text)")
        case .null, .bool, .number, .object, .array:
            lines.append("\(indent)\(label)\(label.isEmpty ? "" : " ")\(self.canonical)")
        }
    }

    /// In one line, for a cell of a table; nil where it needs more.
    var cell: String? {
        switch self {
        case .string(let text): text.contains("\n") || text.utf8.count > 120 ? nil : text
        case .null, .bool, .number: self.canonical
        case .array(let elements):
            elements.allSatisfy { $0.text != nil } ? elements.compactMap(\.text).joined(separator: ", ") : nil
        case .object(let members): members.isEmpty ? "{}" : nil
        }
    }
}
