/// Reads a dictionary of RFC 8941, `user=ann, data_class="eu personal"`, whose values are single items, into strings.
///
/// Numbers and tokens keep their spelling, booleans become `true` and `false`. Lists and byte sequences are refused;
/// parameters are read and dropped. Of a name that occurs twice the last value stands, as the RFC says.
struct StructuredDictionary {
    private(set) var pairs: [String: String] = [:]

    /// Nil unless all of `text` is such a dictionary.
    init?(_ text: String) {
        var scanner = StructuredScanner(text)
        guard !scanner.isAtEnd else { return }
        repeat {
            guard let name = scanner.name(), let value = scanner.memberValue(), scanner.parameters() != nil else {
                return nil
            }
            self.pairs[name] = value
            scanner.skipBlanks()
            guard !scanner.isAtEnd else { return }
            guard scanner.take(UInt8(ascii: ",")) else { return nil }
            scanner.skipBlanks()
        } while !scanner.isAtEnd
        return nil  // a comma at the end
    }
}

/// Reads one item of RFC 8941 with its parameters, `support-answer;label=production`, into strings.
struct StructuredItem {
    let value: String
    let parameters: [String: String]

    /// Nil unless all of `text` is such an item.
    init?(_ text: String) {
        var scanner = StructuredScanner(text)
        guard let value = scanner.item(), let parameters = scanner.parameters() else { return nil }
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return nil }
        self.value = value
        self.parameters = parameters
    }
}
