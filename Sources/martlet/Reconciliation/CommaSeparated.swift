/// Comma-separated values as RFC 4180 has them: fields may stand in quotes, and then hold commas, line ends and doubled
/// quotes.
enum CommaSeparated {
    /// The records; lines without anything are left out. Nil where a quote is not closed.
    static func records(_ text: String) -> [[String]]? {
        var records: [[String]] = []
        var (record, field) = ([String](), [UInt8]())
        var isQuoted = false
        func endField() {
            record.append(String(decoding: field, as: UTF8.self))
            field.removeAll()
        }
        func endRecord() {
            endField()
            if record != [""] { records.append(record) }
            record.removeAll()
        }
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch (byte, isQuoted) {
            case (UInt8(ascii: "\""), true):
                if rest.first == UInt8(ascii: "\"") {
                    field.append(byte)
                    rest.removeFirst()
                } else {
                    isQuoted = false
                }
            case (UInt8(ascii: "\""), false) where field.isEmpty: isQuoted = true
            case (UInt8(ascii: ","), false): endField()
            case (UInt8(ascii: "\r"), false) where rest.first == UInt8(ascii: "\n"): continue
            case (UInt8(ascii: "\n"), false): endRecord()
            default: field.append(byte)
            }
        }
        if !record.isEmpty || !field.isEmpty { endRecord() }
        return isQuoted ? nil : records
    }
}
