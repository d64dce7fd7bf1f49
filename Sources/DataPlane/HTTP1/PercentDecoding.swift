/// RFC 3986, 2.1: `%2F` and its like back to the bytes that they stand for.
enum PercentDecoding {
    /// Decodes once; nil for a `%` without two hexadecimal digits behind it.
    static func bytes(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimal, let low = rest.popFirst()?.hexadecimal else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
