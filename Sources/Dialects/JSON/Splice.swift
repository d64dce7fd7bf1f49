internal import NIOCore

/// Edits of a text by byte ranges: everything between them stays as it came.
struct Splice {
    /// Up to here one copy is cheaper than several pieces on the way to the socket.
    private static let joinedLengthMax = 32 * 1024

    /// In the order of the text.
    private var edits: [(range: Range<Int>, text: ByteBuffer)] = []
    /// By how much the text grows.
    private var growth = 0

    /// Puts `text` in place of `range`; an empty range inserts. Ranges do not overlap.
    mutating func replace(_ range: Range<Int>, with text: ByteBuffer) {
        self.growth += text.readableBytes - range.count
        let later = self.edits.firstIndex { $0.range.lowerBound > range.lowerBound }
        self.edits.insert((range, text), at: later ?? self.edits.endIndex)
    }

    /// The edited text in pieces that share the original's memory, or in one piece if it is short.
    func applied(to original: ByteBuffer) -> [ByteBuffer] {
        let length = original.readableBytes + self.growth
        guard length <= Self.joinedLengthMax else {
            var pieces: [ByteBuffer] = []
            self.forEachPiece(of: original) { pieces.append($0) }
            return pieces
        }
        var joined = ByteBufferAllocator().buffer(capacity: length)
        self.forEachPiece(of: original) { joined.writeImmutableBuffer($0) }
        return [joined]
    }

    private func forEachPiece(of original: ByteBuffer, _ body: (ByteBuffer) -> Void) {
        var position = 0
        for (range, text) in self.edits {
            precondition(position <= range.lowerBound, "edits of a body overlap")
            original.part(position..<range.lowerBound).map(body)
            if text.readableBytes > 0 { body(text) }
            position = range.upperBound
        }
        original.part(position..<original.readableBytes).map(body)
    }
}

extension ByteBuffer {
    fileprivate func part(_ range: Range<Int>) -> ByteBuffer? {
        range.isEmpty ? nil : self.getSlice(at: self.readerIndex + range.lowerBound, length: range.count)
    }
}
