/// RFC 4180, and safe to open in a spreadsheet: a text that one would take for a formula gets a quotation mark before it.
package enum CSV {
    package static func text(_ rows: [[String]]) -> String {
        rows.map { $0.map(self.field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r"]
    private static let quoted: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]

    package static func field(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map(self.formulaStarts.contains) == true
        let safe = isFormula ? "'\(text)" : text
        guard safe.unicodeScalars.contains(where: self.quoted.contains) else { return safe }
        // By scalars: a mark with an accent on it ends a field too.
        let doubled = safe.unicodeScalars.reduce(into: "") { field, scalar in
            if scalar == "\"" { field.unicodeScalars.append(scalar) }
            field.unicodeScalars.append(scalar)
        }
        return "\"\(doubled)\""
    }
}
