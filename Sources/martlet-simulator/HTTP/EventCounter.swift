/// Counts the server-sent events of a body, and knows whether it ended with the dialect's end marker.
struct EventCounter {
    private static let marker = Array("data: [DONE]\n\n".utf8)

    private(set) var count = 0
    /// How much of the marker the body ends with.
    private var matched = 0
    private var isAfterNewline = false

    var hasEndMarker: Bool { self.matched == Self.marker.count }

    /// An event ends with an empty line. Our own providers and nodes write line feeds alone.
    mutating func add(_ bytes: Span<UInt8>) {
        let marker = Self.marker.span
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") {
                if self.isAfterNewline { self.count += 1 }
                self.isAfterNewline.toggle()
            } else {
                self.isAfterNewline = false
            }
            // The marker's first byte occurs in it again, but never where a new match could begin.
            if self.matched < marker.count, byte == marker[self.matched] {
                self.matched += 1
            } else {
                self.matched = byte == marker[0] ? 1 : 0
            }
        }
    }
}
