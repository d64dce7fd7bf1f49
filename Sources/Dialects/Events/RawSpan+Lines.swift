extension RawSpan {
    func byte(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < self.byteCount, "byte offset beyond a span")
        return unsafe self.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Where the first CR or LF at or behind `start` stands. Looks at eight bytes at a time.
    func firstLineEnd(from start: Int) -> Int? {
        self.first(from: start, to: self.byteCount, UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    }

    func firstColon(in range: Range<Int>) -> Int? {
        self.first(from: range.lowerBound, to: range.upperBound, UInt8(ascii: ":"), UInt8(ascii: ":"))
    }

    func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
        self.first(from: range.lowerBound, to: range.upperBound, byte, byte) != nil
    }

    func isDigits(in range: Range<Int>) -> Bool {
        range.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self.byte(at: $0)) }
    }

    func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            guard unsafe self.byte(at: range.lowerBound + offset) == text.utf8Start[offset] else { return false }
        }
        return true
    }

    private func first(from start: Int, to end: Int, _ a: UInt8, _ b: UInt8) -> Int? {
        precondition(start >= 0 && end <= self.byteCount, "a search beyond a span")
        let (everyA, everyB) = (Self.spread(a), Self.spread(b))
        var offset = start
        while offset + 8 <= end {
            let word = UInt64(
                littleEndian: unsafe self.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            )
            let hits = Self.zeroBytes(word ^ everyA) | Self.zeroBytes(word ^ everyB)
            if hits != 0 { return offset + hits.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < end {
            let byte = self.byte(at: offset)
            if byte == a || byte == b { return offset }
            offset += 1
        }
        return nil
    }

    private static func spread(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// The high bit of the lowest byte that is zero is set, and of none below it; bits above it may be set too.
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
}

extension Range<Int> {
    func dropFirst(_ count: Int = 1) -> Range<Int> {
        Swift.min(self.lowerBound + count, self.upperBound)..<self.upperBound
    }
}
