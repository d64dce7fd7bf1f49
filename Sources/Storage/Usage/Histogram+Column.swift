import Domain
import Foundation

// A histogram in a column: unsigned LEB128 numbers: zeroes, then for each bucket in ascending order its zigzag number
// and its count. A sparse histogram of a minute is some ten bytes.

extension Histogram {
    var column: Data {
        var data = Data()
        Self.append(self.zeroes, to: &data)
        for (bucket, count) in self.buckets.sorted(by: { $0.key < $1.key }) {
            Self.append(UInt64(UInt32(bitPattern: bucket << 1 ^ bucket >> 31)), to: &data)
            Self.append(count, to: &data)
        }
        return data
    }

    init(column: Data) throws {
        var rest = column[...]
        let zeroes = try Self.number(&rest)
        var buckets: [Int32: UInt64] = [:]
        while !rest.isEmpty {
            guard let zigzag = UInt32(exactly: try Self.number(&rest)) else {
                throw StorageFault.corrupt("a histogram holds a bucket out of range")
            }
            buckets[Int32(bitPattern: zigzag >> 1) ^ -Int32(zigzag & 1)] = try Self.number(&rest)
        }
        self.init(zeroes: zeroes, buckets: buckets)
    }

    private static func append(_ number: UInt64, to data: inout Data) {
        var rest = number
        while rest >= 0x80 {
            data.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        data.append(UInt8(rest))
    }

    private static func number(_ rest: inout Data.SubSequence) throws -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw StorageFault.corrupt("a histogram ends too early") }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw StorageFault.corrupt("a histogram holds a number of more than 64 bits")
    }
}
