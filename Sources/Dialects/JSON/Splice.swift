internal import NIOCore

/// Edits of a text by byte ranges: everything between them stays as it came.
struct Splice {
    /// Up to here one copy is cheaper than several pieces on the way to the socket.
    private static let joinedLengthMax = 32 * 1024

    private var edits: [(range: Range<Int>, text: ByteBuffer)] = []

    /// Puts `text` in place of `range`; an empty range inserts. Ranges do not overlap.
    mutating func replace(_ range: Range<Int>, with text: ByteBuffer) { self.edits.append((range, text)) }

    /// The edited text in pieces that share the original's memory, or in one piece if it is short.
    func applied(to original: ByteBuffer) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var position = 0
        for (range, text) in self.edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            precondition(position <= range.lowerBound, "edits of a body overlap")
            Self.append(original, position..<range.lowerBound, to: &pieces)
            if text.readableBytes > 0 { pieces.append(text) }
            position = range.upperBound
        }
        Self.append(original, position..<original.readableBytes, to: &pieces)
        let length = pieces.reduce(0) { $0 + $1.readableBytes }
        guard length <= Self.joinedLengthMax, pieces.count > 1 else { return pieces }
        var joined = ByteBufferAllocator().buffer(capacity: length)
        for piece in pieces { joined.writeImmutableBuffer(piece) }
        return [joined]
    }

    private static func append(_ original: ByteBuffer, _ range: Range<Int>, to pieces: inout [ByteBuffer]) {
        guard !range.isEmpty,
            let slice = original.getSlice(at: original.readerIndex + range.lowerBound, length: range.count)
        else { return }
        pieces.append(slice)
    }
}
