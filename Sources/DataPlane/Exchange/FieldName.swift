/// A header field's name as this program writes it: ASCII in lower case.
///
/// Beside the text stand its first eight bytes as one number. Each head's fields are asked for some dozen names; nearly
/// all comparisons end at that number.
struct FieldName: ExpressibleByStringLiteral, Sendable {
    let text: StaticString
    let start: FieldStart

    init(stringLiteral text: StaticString) {
        self.text = text
        self.start = text.withUTF8Buffer { unsafe FieldStart($0) }
    }

    var length: Int { self.text.utf8CodeUnitCount }
}

/// The first eight bytes of a field's name in lower case, zeroes behind a shorter one.
struct FieldStart: Hashable, Sendable {
    static let length = 8

    private var bytes: UInt64 = 0

    /// Of no name.
    init() {}

    init(_ name: some Sequence<UInt8>) {
        var shift: UInt64 = 0
        for byte in name {
            self.bytes |= UInt64(byte.lowercasedASCII) << shift
            shift += 8
            if shift == 64 { break }
        }
    }

    init(_ name: Span<UInt8>) {
        for place in 0..<min(name.count, Self.length) {
            self.bytes |= UInt64(name[place].lowercasedASCII) << UInt64(8 * place)
        }
    }

    /// Whether a name that starts with `self` may begin with a prefix of this start and length.
    func begins(with prefix: FieldStart, length: Int) -> Bool {
        let mask = length >= Self.length ? UInt64.max : (1 << UInt64(8 * length)) - 1
        return self.bytes & mask == prefix.bytes
    }
}
