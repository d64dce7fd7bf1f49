import Domain
package import Wire

/// One record in a segment: a header of 64 bytes, the content, zeroes up to a multiple of eight.
///
/// ```
///  0 length of content u32 │ 4 CRC32C of all after it u32 │ 8 first u64 │ 16 last u64 │ 24 kind u8 │ 25 zero × 7
/// 32 chain before this record, 32 bytes │ 64 content …
/// ```
/// `first` and `last` are the same number but for lost ranges. The chain is kept with each record, so that a stream
/// can be sent from any number on, also where a record before it has gone bad.
package struct Frame: Hashable, Sendable {
    package static let headerByteCount = 64
    /// What starts on it can be found again after bytes that cannot be read.
    static let alignment = 8

    package enum Kind: UInt8, Hashable, Sendable {
        case event = 1
        case closed = 2
        case lost = 3
    }

    package let first: UInt64
    package let last: UInt64
    package let kind: Kind
    package let chain: UsageChain
    package let content: [UInt8]

    package init(first: UInt64, last: UInt64, kind: Kind, chain: UsageChain, content: [UInt8]) {
        self.first = first
        self.last = last
        self.kind = kind
        self.chain = chain
        self.content = content
    }

    package static func byteCount(ofContent count: Int) -> Int {
        self.headerByteCount + (count + self.alignment - 1) / self.alignment * self.alignment
    }

    package var byteCount: Int { Self.byteCount(ofContent: self.content.count) }

    package func encode() -> [UInt8] {
        var rest: [UInt8] = []
        rest.reserveCapacity(self.byteCount)
        rest.append(littleEndian: self.first)
        rest.append(littleEndian: self.last)
        rest.append(self.kind.rawValue)
        rest.append(contentsOf: repeatElement(0, count: 7))
        rest.append(contentsOf: self.chain.digest.bytes)
        rest.append(contentsOf: self.content)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.byteCount)
        bytes.append(littleEndian: UInt32(self.content.count))
        bytes.append(littleEndian: CRC32C.checksum(of: rest[...]))
        bytes.append(contentsOf: rest)
        bytes.append(contentsOf: repeatElement(0, count: self.byteCount - bytes.count))
        return bytes
    }

    /// The frame at `offset`; nil if what stands there is none, or a bad one.
    package static func decode(_ bytes: [UInt8], at offset: Int) -> Frame? {
        guard offset >= 0, bytes.count - offset >= self.headerByteCount else { return nil }
        // Looked at first and cheaply: a search asks this of every eighth byte of a blank tail.
        let length = bytes.number(at: offset, as: UInt32.self)
        guard length > 0, (1...UsageCodec.contentSizeMax).contains(Int(length)) else { return nil }
        let checksum = bytes.number(at: offset + 4, as: UInt32.self)
        let first = bytes.number(at: offset + 8, as: UInt64.self)
        let last = bytes.number(at: offset + 16, as: UInt64.self)
        guard first > 0, first <= last, last < .max,
            let kind = Kind(rawValue: bytes[offset + 24]), kind == .lost || first == last,
            self.byteCount(ofContent: Int(length)) <= bytes.count - offset
        else { return nil }
        let end = offset + self.headerByteCount + Int(length)
        guard CRC32C.checksum(of: bytes[(offset + 8)..<end]) == checksum,
            let chain = Digest(bytes[(offset + 32)..<(offset + 64)])
        else { return nil }
        let content = Array(bytes[(offset + self.headerByteCount)..<end])
        return Frame(first: first, last: last, kind: kind, chain: UsageChain(chain), content: content)
    }

    /// The next frame at or after `offset`, and where it stands: what follows bytes that cannot be read.
    package static func next(in bytes: [UInt8], from offset: Int) -> (frame: Frame, offset: Int)? {
        var offset = offset
        while offset + self.headerByteCount <= bytes.count {
            if let frame = self.decode(bytes, at: offset) { return (frame, offset) }
            offset += self.alignment
        }
        return nil
    }
}

extension [UInt8] {
    fileprivate func number<Number: FixedWidthInteger>(at offset: Int, as _: Number.Type) -> Number {
        var number: Number = 0
        for index in (0..<MemoryLayout<Number>.size).reversed() { number = number << 8 | Number(self[offset + index]) }
        return number
    }

    fileprivate mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            self.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}

/// The Castagnoli CRC (RFC 3720), eight bytes at a time.
package enum CRC32C {
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1 }
            tables[byte] = remainder
        }
        for byte in 256..<(8 * 256) {
            let before = tables[byte - 256]
            tables[byte] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    package static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        let tables = self.tables
        var remainder = UInt32.max
        var index = bytes.startIndex
        while bytes.endIndex - index >= 8 {
            var word: UInt64 = 0
            for byte in (0..<8).reversed() { word = word << 8 | UInt64(bytes[index + byte]) }
            word ^= UInt64(remainder)
            remainder = 0
            for byte in 0..<8 { remainder ^= tables[(7 - byte) * 256 + Int(word >> UInt64(8 * byte) & 0xFF)] }
            index += 8
        }
        while index < bytes.endIndex {
            remainder = remainder >> 8 ^ tables[Int((remainder ^ UInt32(bytes[index])) & 0xFF)]
            index += 1
        }
        return ~remainder
    }
}
