/// Strings as JSON writes them.
package enum JSONText {
    package static func quoted(_ text: String) -> String { "\"\(Self.escaped(text, quotes: true))\"" }

    /// Control characters (and with `quotes` the quote and the backslash) as JSON escapes; all else as it is.
    package static func escaped(_ text: String, quotes: Bool = false) -> String {
        var written = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes: written += "\\\""
            case "\\" where quotes: written += "\\\\"
            case "\n": written += "\\n"
            case "\r": written += "\\r"
            case "\t": written += "\\t"
            // U+2028 and U+2029 end lines for some readers of logs.
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                written += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: written.unicodeScalars.append(scalar)
            }
        }
        return written
    }
}
