/// Protobuf by hand, for what no honest writer makes.
enum Raw {
    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] { varint(number << 3) + varint(value) }

    static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    static func field(_ number: UInt64, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    static func fixed64(_ number: UInt64, _ value: UInt64) -> [UInt8] {
        varint(number << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The fields of a message that honest code wrote, each with its tag.
    static func fields(of message: [UInt8]) -> [(number: UInt64, bytes: [UInt8])] {
        var rest = message[...]
        var fields: [(UInt64, [UInt8])] = []
        while !rest.isEmpty {
            let start = rest.startIndex
            let tag = number(&rest)
            switch tag & 7 {
            case 0: _ = number(&rest)
            case 1: rest = rest.dropFirst(8)
            case 2:
                let count = Int(number(&rest))
                rest = rest.dropFirst(count)
            default: preconditionFailure("not a message of ours")
            }
            fields.append((tag >> 3, Array(message[start..<rest.startIndex])))
        }
        return fields
    }

    /// `message` with all of a field taken out and `replacement` put at the end.
    static func replacing(_ number: UInt64, in message: [UInt8], with replacement: [UInt8]) -> [UInt8] {
        fields(of: message).filter { $0.number != number }.flatMap(\.bytes) + replacement
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return value
    }
}
