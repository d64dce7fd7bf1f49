// What a byte may be in HTTP/1.1. The loops run over every byte of every head, so they look at eight at a time.

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D

    var isSpaceOrTab: Bool { self == 0x20 || self == .tab }
    var isDigit: Bool { self &- 0x30 < 10 }

    /// `tchar` of RFC 9110, 5.6.2: letters, digits and !#$%&'*+-.^_`|~
    var isTokenByte: Bool {
        let bits: UInt64 = self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return self < 128 && bits >> UInt64(self & 63) & 1 == 1
    }

    /// The digit's value; nil for bytes that are no hexadecimal digit.
    var hexadecimal: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension UInt64 {
    /// Whether one of its eight bytes is below 0x20 or is DEL.
    var hasControl: Bool {
        let low = (self &- 0x2020_2020_2020_2020) & ~self
        let flipped = self ^ 0x7F7F_7F7F_7F7F_7F7F
        let delete = (flipped &- 0x0101_0101_0101_0101) & ~flipped
        return (low | delete) & 0x8080_8080_8080_8080 != 0
    }
}

extension Span<UInt8> {
    /// The first byte from `start` on that is below 0x20 or is DEL; `count` if there is none.
    func firstControl(from start: Int) -> Int {
        let bytes = unsafe self.bytes
        var place = start
        while place + 8 <= self.count {
            // In bounds by the loop's condition.
            let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
            if word.hasControl { break }
            place += 8
        }
        while place < self.count, self[place] >= 0x20, self[place] != 0x7F { place += 1 }
        return place
    }

    /// The first byte from `start` on that no token has; `count` if there is none.
    func tokenEnd(from start: Int) -> Int {
        var place = start
        while place < self.count, self[place].isTokenByte { place += 1 }
        return place
    }
}
