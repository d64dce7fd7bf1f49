internal import NIOCore

/// Edits of a text by byte ranges: everything between them stays as it came.
struct Splice {
    /// Up to here one copy is cheaper than several pieces on the way to the socket.
    private static let joinedLengthMax = 32 * 1024
    /// A model's name, a cap under two names, the wish for usage.
    private static let usualEdits = 4
    private static let usualTextLength = 128

    private struct Edit {
        let place: Range<Int>
        /// Where its text lies in `texts`.
        let text: Range<Int>
    }

    /// In the order of the text.
    private var edits: [Edit] = []
    private var texts = ByteBuffer()
    /// By how much the text grows.
    private var growth = 0

    init() {
        self.edits.reserveCapacity(Self.usualEdits)
        self.texts.reserveCapacity(Self.usualTextLength)
    }

    /// Puts what `write` writes in place of `range`; an empty range inserts, behind what was inserted there before.
    /// Ranges do not overlap.
    mutating func replace(_ range: Range<Int>, _ write: (inout ByteBuffer) -> Void) {
        let start = self.texts.readableBytes
        write(&self.texts)
        let edit = Edit(place: range, text: start..<self.texts.readableBytes)
        self.growth += edit.text.count - range.count
        let later = self.edits.firstIndex { $0.place.lowerBound > range.lowerBound }
        self.edits.insert(edit, at: later ?? self.edits.endIndex)
    }

    /// The edited text in pieces that share the original's memory, or in one piece if it is short.
    func applied(to original: ByteBuffer) -> [ByteBuffer] {
        let length = original.readableBytes + self.growth
        guard length <= Self.joinedLengthMax else {
            var pieces: [ByteBuffer] = []
            self.forEachPiece(of: original) { text, range in
                if let piece = text.getSlice(at: text.readerIndex + range.lowerBound, length: range.count) {
                    pieces.append(piece)
                }
            }
            return pieces
        }
        var joined = ByteBuffer()
        joined.reserveCapacity(length)
        self.forEachPiece(of: original) { text, range in
            joined.writeBytes(text.readableBytesSpan.extracting(range))
        }
        return [joined]
    }

    private func forEachPiece(of original: ByteBuffer, _ body: (ByteBuffer, Range<Int>) -> Void) {
        var position = 0
        for edit in self.edits {
            precondition(position <= edit.place.lowerBound, "edits of a body overlap")
            if position < edit.place.lowerBound { body(original, position..<edit.place.lowerBound) }
            if !edit.text.isEmpty { body(self.texts, edit.text) }
            position = edit.place.upperBound
        }
        if position < original.readableBytes { body(original, position..<original.readableBytes) }
    }
}
