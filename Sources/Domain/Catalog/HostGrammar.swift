/// The hosts that an address may name.
///
/// A host whose last label is a number is an IPv4 address to resolvers, also as `0x7f.1` or `2130706433`: of all
/// those spellings only four plain decimal numbers pass.
enum HostGrammar {
    private static let lengthMax = 253
    private static let labelLengthMax = 63

    /// Labels of letters, digits, `-` and `_` between dots; one trailing dot is refused, as it hides the name.
    static func isName(_ host: Substring) -> Bool {
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard host.utf8.count <= self.lengthMax, let last = labels.last, !self.readsAsNumber(last) else { return false }
        return labels.allSatisfy { label in
            (1...self.labelLengthMax).contains(label.count) && label.allSatisfy(self.isLabelByte)
        }
    }

    /// Four numbers of 0 to 255 without leading zeroes.
    static func isIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in UInt8(part).map { String($0) == part } ?? false }
    }

    /// Hexadecimal groups, colons and dots with at least two colons; no zone. Whether it is a valid address is the
    /// resolver's to say: it can be nothing else.
    static func isIPv6(_ host: Substring) -> Bool {
        let colons = host.utf8.count { $0 == UInt8(ascii: ":") }
        return colons >= 2 && host.utf8.count <= 45
            && host.utf8.allSatisfy { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || self.isHexDigit($0) }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        self.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        self.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// All digits, or `0x` and hexadecimal digits.
    private static func readsAsNumber(_ label: Substring.UTF8View) -> Bool {
        if label.allSatisfy(self.isDigit) { return true }
        let digits = label.dropFirst(2)
        return label.first == UInt8(ascii: "0") && label.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
            && digits.allSatisfy(self.isHexDigit)
    }
}
