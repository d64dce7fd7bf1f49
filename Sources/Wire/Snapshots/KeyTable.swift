import Domain

/// The rows of a keys section: 72 bytes each, sorted by digest, as `snapshot.proto` lays them out.
enum KeyTable {
    static let rowSize = 72
    static let idLengthMax = 24
    static let shardsMax = 2_048
    /// A shard is split before it grows much beyond this, so that one new key means one small blob.
    static let shardSizeWanted = 32 << 10

    struct Row: Hashable {
        let digest: Digest
        let id: ID<APIKey>
        let team: Int
        let roleSet: Int
        /// Nil for none.
        let expires: Timestamp?
    }

    /// The power of two at which shards have about 32 KB.
    static func shardCount(rows: Int) -> Int {
        var count = 1
        while count < self.shardsMax, rows * self.rowSize > count * self.shardSizeWanted { count *= 2 }
        return count
    }

    /// The first bits of the digest, as many as `count` needs.
    static func shard(of digest: Digest, count: Int) -> Int {
        let top = Int(digest.bytes[0]) << 8 | Int(digest.bytes[1])
        return top >> (16 - count.trailingZeroBitCount)
    }

    static func encode(_ rows: [Row]) throws(WireError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * self.rowSize)
        for row in rows.sorted(by: { $0.digest < $1.digest }) {
            let id = Array(row.id.text.utf8)
            guard id.count <= self.idLengthMax else {
                throw WireError(.invalid, "the key id \(row.id) is longer than \(self.idLengthMax) characters")
            }
            bytes += row.digest.bytes
            bytes += id + [UInt8](repeating: 0, count: self.idLengthMax - id.count)
            self.append(UInt64(row.team), width: 4, to: &bytes)
            self.append(UInt64(row.roleSet), width: 4, to: &bytes)
            self.append(UInt64(max(0, row.expires?.unixMilliseconds ?? 0)), width: 8, to: &bytes)
        }
        return bytes
    }

    /// Refuses rows that are cut, unsorted or doubled.
    static func decode(_ bytes: [UInt8]) throws(WireError) -> [Row] {
        guard bytes.count.isMultiple(of: self.rowSize) else { throw WireError(.invalid, "a row of keys is cut") }
        var rows: [Row] = []
        rows.reserveCapacity(bytes.count / self.rowSize)
        for start in stride(from: 0, to: bytes.count, by: self.rowSize) {
            let row = try self.row(bytes[start..<(start + self.rowSize)])
            if let last = rows.last, last.digest >= row.digest {
                throw WireError(.invalid, "the rows of keys are not sorted by digest")
            }
            rows.append(row)
        }
        return rows
    }

    private static func row(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Row {
        let start = bytes.startIndex
        let idBytes = bytes[(start + 32)..<(start + 56)]
        let text = idBytes.prefix { $0 != 0 }
        guard let digest = Digest(bytes[start..<(start + 32)]), idBytes.dropFirst(text.count).allSatisfy({ $0 == 0 })
        else { throw WireError(.invalid, "a row of keys is not padded with zeros") }
        let expires = self.integer(bytes[(start + 64)..<(start + 72)])
        guard expires <= UInt64(Check.timeMax) else { throw WireError(.invalid, "a key's expiry is not a time") }
        return Row(
            digest: digest,
            id: try Check.id(String(decoding: text, as: UTF8.self), "a key's id"),
            team: Int(self.integer(bytes[(start + 56)..<(start + 60)])),
            roleSet: Int(self.integer(bytes[(start + 60)..<(start + 64)])),
            expires: expires == 0 ? nil : Timestamp(unixMilliseconds: Int64(expires))
        )
    }

    private static func append(_ value: UInt64, width: Int, to bytes: inout [UInt8]) {
        for shift in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
