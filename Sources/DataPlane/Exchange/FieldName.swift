/// A header field's name as this program writes it: ASCII in lower case.
///
/// Beside the text stand its first eight bytes as one number. Each head's fields are asked for some dozen names; nearly
/// all comparisons end at that number.
struct FieldName: ExpressibleByStringLiteral, Sendable {
    let text: StaticString
    let start: FieldStart

    init(stringLiteral text: StaticString) {
        self.text = text
        self.start = text.withUTF8Buffer { unsafe FieldStart(UnsafeRawBufferPointer($0)) }
    }

    var length: Int { self.text.utf8CodeUnitCount }
}

/// The first eight bytes of a field's name in lower case, zeroes behind a shorter one.
struct FieldStart: Hashable, Sendable {
    static let length = 8

    private let bytes: UInt64

    /// Of no name.
    init() { self.bytes = 0 }

    init(_ name: UnsafeRawBufferPointer) {
        guard name.count < Self.length else {
            self.bytes = unsafe Self.lowercased(UInt64(littleEndian: name.loadUnaligned(as: UInt64.self)))
            return
        }
        var bytes: UInt64 = 0
        for place in 0..<name.count { bytes |= unsafe UInt64(name[place]) << UInt64(8 * place) }
        self.bytes = Self.lowercased(bytes)
    }

    /// Eight letters at a time: what lies between A and Z has the bit that small letters have set.
    private static func lowercased(_ bytes: UInt64) -> UInt64 {
        let every: UInt64 = 0x0101_0101_0101_0101
        let low = bytes & (0x7F * every)
        let isAtLeastA = low &+ (0x80 - 0x41) * every
        let isBeyondZ = low &+ (0x80 - 0x5B) * every
        return bytes | (isAtLeastA & ~isBeyondZ & ~bytes & (0x80 * every)) >> 2
    }

    /// Whether a name that starts with `self` may begin with a prefix of this start and length.
    func begins(with prefix: FieldStart, length: Int) -> Bool {
        let mask = length >= Self.length ? UInt64.max : (1 << UInt64(8 * length)) - 1
        return self.bytes & mask == prefix.bytes
    }
}
