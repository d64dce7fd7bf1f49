import Testing

@testable import martlet_simulator

@Suite struct HistogramTests {
    @Test func `a quantile is never below what was added, and at most a hundredth above`() {
        for value: UInt64 in [0, 1, 127, 128, 255, 256, 257, 9_999, 1_000_000, 123_456_789, .max - 1, .max] {
            var histogram = Histogram()
            histogram.add(value)
            histogram.add(.max)
            let found = histogram.quantile(0.5)
            #expect(found >= value && found - value <= value / 100, "\(value) was found as \(found)")
        }
    }

    @Test func `quantiles of an even spread are where they belong`() {
        var histogram = Histogram()
        for value: UInt64 in 1...100_000 { histogram.add(value) }
        for share in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let wanted = share * 100_000
            #expect(abs(Double(histogram.quantile(share)) - wanted) <= wanted / 100)
        }
        #expect(histogram.quantile(1) == 100_000 && histogram.max == 100_000)
    }

    @Test func `an empty histogram says 0, and two added are as one`() {
        #expect(Histogram().quantile(0.99) == 0)
        var (left, right, both) = (Histogram(), Histogram(), Histogram())
        for value: UInt64 in 0..<1_000 {
            if value % 3 == 0 { left.add(value * value) } else { right.add(value * value) }
            both.add(value * value)
        }
        left.add(right)
        #expect(left == both)
    }
}
