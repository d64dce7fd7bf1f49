/// A segment's file: named for the first number in it, so that a folder's listing is its index.
///
/// `rewrite` is above zero where the segment begins with records whose fsync failed in the segment before it: those
/// may stand in both.
struct SegmentName: Hashable, Comparable, Sendable {
    let first: UInt64
    let rewrite: UInt16

    private static let suffix = ".events"
    private static let firstDigits = 20
    private static let rewriteDigits = 5

    init(first: UInt64, rewrite: UInt16 = 0) {
        self.first = first
        self.rewrite = rewrite
    }

    /// Nil for any other file.
    init?(file: String) {
        let parts = file.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "events", parts[0].utf8.count == Self.firstDigits,
            parts[1].utf8.count == Self.rewriteDigits, let first = UInt64(parts[0]), first > 0,
            let rewrite = UInt16(parts[1])
        else { return nil }
        self.init(first: first, rewrite: rewrite)
    }

    var file: String {
        "\(Self.padded(String(self.first), to: Self.firstDigits)).\(Self.padded(String(self.rewrite), to: Self.rewriteDigits))"
            + Self.suffix
    }

    static func < (a: Self, b: Self) -> Bool { (a.first, a.rewrite) < (b.first, b.rewrite) }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
