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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.byteCount)
        bytes.append(littleEndian: UInt32(self.content.count))
        bytes.append(littleEndian: 0 as UInt32)  // the checksum, once what it covers stands
        bytes.append(littleEndian: self.first)
        bytes.append(littleEndian: self.last)
        bytes.append(littleEndian: UInt64(self.kind.rawValue))
        bytes.append(contentsOf: self.chain.digest.bytes)
        bytes.append(contentsOf: self.content)
        let checksum = CRC32C.checksum(of: bytes[8...])
        for place in 0..<4 { bytes[4 + place] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * place)) }
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
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe self.tables.withUnsafeBufferPointer { tables in
                unsafe self.checksum(of: bytes, with: tables)
            }
        }
    }

    private static func checksum(
        of bytes: UnsafeRawBufferPointer,
        with tables: UnsafeBufferPointer<UInt32>
    ) -> UInt32 {
        /// What `byte` adds that stands `distance` bytes before the end of its eight.
        func part(_ byte: UInt64, _ distance: Int) -> UInt32 { unsafe tables[distance * 256 + Int(byte & 0xFF)] }
        var remainder = UInt32.max
        var index = 0
        while bytes.count - index >= 8 {
            let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let mixed = word ^ UInt64(remainder)
            remainder = part(mixed, 7) ^ part(mixed >> 8, 6) ^ part(mixed >> 16, 5) ^ part(mixed >> 24, 4)
            remainder ^= part(mixed >> 32, 3) ^ part(mixed >> 40, 2) ^ part(mixed >> 48, 1) ^ part(mixed >> 56, 0)
            index += 8
        }
        while index < bytes.count {
            remainder = unsafe remainder >> 8 ^ part(UInt64(remainder) ^ UInt64(bytes[index]), 0)
            index += 1
        }
        return ~remainder
    }
}
