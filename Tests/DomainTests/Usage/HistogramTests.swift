import Domain
import TestSupport
import Testing

@Suite struct `Histograms` {
    @Test func `a quantile is off by at most 4_4 per cent of the exact one`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<100 {
            let scale = Int64(1) << Int64.random(in: 0...62, using: &random)
            let values = (0..<Int.random(in: 1...500, using: &random)).map { _ in
                Int64.random(in: -2...scale, using: &random)
            }
            var histogram = Histogram()
            for value in values { histogram.record(value) }
            let sorted = values.map { max($0, 0) }.sorted()
            #expect(histogram.count == UInt64(values.count))
            for q in [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1] {
                let rank = max(1, Int((Double(values.count) * q).rounded(.up)))
                let exact = Double(sorted[rank - 1])
                let quantile = try #require(histogram.quantile(q))
                #expect(abs(quantile - exact) <= 0.0443 * exact, "q \(q): \(quantile) for \(exact)")
            }
        }
    }

    @Test func `a value lies in its bucket, whose ends are neighbours`() {
        var random = SeededGenerator.printed()
        let edges: [Int64] = [1, 2, 3, 4, 1_023, 1_024, 1_025, 1 << 40, .max]
        let others = (0..<2_000).map { _ in Int64.random(in: 1...(1 << Int64.random(in: 1...52)), using: &random) }
        for value in edges + others {
            var histogram = Histogram()
            histogram.record(value)
            let bucket = histogram.buckets.keys.first ?? .min
            #expect(Double(value) <= Histogram.upperBound(of: bucket))
            #expect(Double(value) > Histogram.upperBound(of: bucket - 1))
        }
    }

    @Test func `parts merge to the whole in any order`() {
        var random = SeededGenerator.printed()
        for _ in 0..<50 {
            var whole = Histogram()
            var parts = [Histogram](repeating: Histogram(), count: 5)
            for _ in 0..<200 {
                let value = Int64.random(in: 0...1_000_000, using: &random)
                whole.record(value)
                parts[Int.random(in: 0..<5, using: &random)].record(value)
            }
            var merged = Histogram()
            for part in parts.shuffled(using: &random) { merged.merge(part) }
            #expect(merged == whole)
        }
    }

    @Test func `nothing has no quantile, and nonsense is bounded`() {
        #expect(Histogram().quantile(0.5) == nil)
        var histogram = Histogram()
        histogram.record(.min)
        #expect(histogram.quantile(0.5) == 0)
        histogram.record(100)
        #expect(histogram.quantile(-1) == 0)
        #expect(histogram.quantile(7) ?? 0 > 95)
        #expect(histogram.quantile(.nan) != nil)
        let wild = Histogram(zeroes: .max, buckets: [.max: .max, .min: 3])
        #expect(wild.quantile(0.99) != nil)
    }
}

@Suite struct `Token counts` {
    @Test func `counts from outside are moved into their bounds, and unknown stays unknown`() {
        let counts = TokenCounts(input: -5, cachedInput: nil, output: .max).clamped
        #expect(counts == TokenCounts(input: 0, cachedInput: nil, output: TokenCounts.countMax))
        #expect(TokenCounts.unknown.clamped == .unknown)
    }

    @Test func `a lost range has a first that is not above its last`() {
        #expect(LostRange(first: 0, last: 3) == nil)
        #expect(LostRange(first: 4, last: 3) == nil)
        #expect(LostRange(first: 3, last: 3) != nil)
    }
}
