/// OpenTelemetry's base-2 exponential histogram at scale 3, sparse: bucket i holds values in
/// (2^(i/8), 2^((i+1)/8)], so a quantile is off by at most 4.4 %. Two histograms merge by addition, in any order.
///
/// Values are whole positive numbers (here microseconds); zero and less count as `zeroes`.
/// Source: OpenTelemetry metrics data model, section ExponentialHistogram.
package struct Histogram: Hashable, Sendable {
    package static let bucketsPerDoubling: Int32 = 8

    package private(set) var zeroes: UInt64
    package private(set) var buckets: [Int32: UInt64]

    package init(zeroes: UInt64 = 0, buckets: [Int32: UInt64] = [:]) {
        self.zeroes = zeroes
        self.buckets = buckets
    }

    package var count: UInt64 { self.buckets.values.reduce(self.zeroes, &+) }

    package mutating func record(_ value: Int64) {
        guard value > 0 else {
            self.zeroes += 1
            return
        }
        self.buckets[Self.bucket(of: UInt64(value)), default: 0] += 1
    }

    package mutating func merge(_ other: Histogram) {
        self.zeroes &+= other.zeroes
        self.buckets.merge(other.buckets) { $0 &+ $1 }
    }

    /// The value below which a share `q` of all values lies: the geometric middle of its bucket. Nil if empty.
    package func quantile(_ q: Double) -> Double? {
        let count = self.count
        guard count > 0 else { return nil }
        let rank = max(1, (Double(count) * min(max(q, 0), 1)).rounded(.up))
        var passed = Double(self.zeroes)
        if passed >= rank { return 0 }
        for (bucket, inBucket) in self.buckets.sorted(by: { $0.key < $1.key }) {
            passed += Double(inBucket)
            if passed >= rank { return Self.middle(of: bucket) }
        }
        return self.buckets.keys.max().map(Self.middle(of:))
    }

    /// The upper bounds of the eight buckets within one doubling, as multiples of its power of two.
    private static let boundsInDoubling: [Double] = [
        1.0905077326652577, 1.189207115002721, 1.2968395546510096, 1.4142135623730951, 1.5422108254079407,
        1.681792830507429, 1.8340080864093424, 2.0,
    ]

    /// The bucket whose half-open range (lower, upper] holds `value`.
    static func bucket(of value: UInt64) -> Int32 {
        let exponent = Int32(63 - value.leadingZeroBitCount)
        let fraction = Double(value) / Double(sign: .plus, exponent: Int(exponent), significand: 1)
        if fraction == 1 { return exponent * self.bucketsPerDoubling - 1 }
        let step = self.boundsInDoubling.firstIndex { fraction <= $0 } ?? self.boundsInDoubling.count - 1
        return exponent * self.bucketsPerDoubling + Int32(step)
    }

    private static func middle(of bucket: Int32) -> Double {
        let upper = self.upperBound(of: bucket)
        return upper / 1.0442737824274138  // 2^(1/16): half a bucket
    }

    /// 2^((bucket + 1) / 8), without a maths library.
    package static func upperBound(of bucket: Int32) -> Double {
        let exponent = bucket >> 3
        let step = Int(bucket & 7)
        return Double(sign: .plus, exponent: Int(exponent), significand: 1) * self.boundsInDoubling[step]
    }
}
