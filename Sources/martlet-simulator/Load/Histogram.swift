/// How often each duration occurred, to within 1/128 of it, in constant memory: log-linear, as HdrHistogram has it.
struct Histogram: Hashable, Sendable {
    private static let subBits = 7
    private static let subCount = 1 << subBits
    private static let bucketCount = (64 - subBits + 1) * subCount

    private var counts = [UInt64](repeating: 0, count: bucketCount)
    private(set) var count: UInt64 = 0
    private(set) var max: UInt64 = 0

    mutating func add(_ nanoseconds: UInt64) {
        self.counts[Self.bucket(of: nanoseconds)] += 1
        self.count += 1
        self.max = Swift.max(self.max, nanoseconds)
    }

    mutating func add(_ other: Histogram) {
        for index in self.counts.indices { self.counts[index] += other.counts[index] }
        self.count += other.count
        self.max = Swift.max(self.max, other.max)
    }

    /// The duration that `share` (0 ... 1) of all do not exceed; 0 if there are none.
    func quantile(_ share: Double) -> UInt64 {
        guard self.count > 0 else { return 0 }
        let wanted = Swift.max(1, UInt64((share * Double(self.count)).rounded(.up)))
        var seen: UInt64 = 0
        for index in self.counts.indices {
            seen += self.counts[index]
            if seen >= wanted { return Swift.min(Self.upperBound(of: index), self.max) }
        }
        return self.max
    }

    private static func bucket(of value: UInt64) -> Int {
        let exponent = Swift.max(0, UInt64.bitWidth - value.leadingZeroBitCount - self.subBits - 1)
        return exponent * self.subCount + Int(value >> UInt64(exponent))
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        let exponent = Swift.max(0, bucket / self.subCount - 1)
        let lower = UInt64(bucket - exponent * self.subCount)
        let (bound, isOver) = (lower + 1).multipliedReportingOverflow(by: 1 << UInt64(exponent))
        return isOver ? .max : bound - 1
    }
}
