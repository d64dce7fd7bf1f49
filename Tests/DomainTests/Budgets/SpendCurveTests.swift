import Domain
import Testing

@Suite struct `Spending over time` {
    private func quarter(_ number: Int64, _ cost: Int64) -> (start: Timestamp, posted: Money) {
        (Timestamp(unixMilliseconds: number * SpendCurve.quarterMilliseconds), Money(nanoDollars: cost))
    }

    @Test func `a short time is told by quarters of an hour as they are`() {
        let curve = SpendCurve([self.quarter(4, 10), self.quarter(6, 5)])
        #expect(curve.stepMilliseconds == SpendCurve.quarterMilliseconds)
        #expect(curve.steps.map(\.posted.nanoDollars) == [10, 5])
    }

    @Test func `a long time is told in longer steps, and nothing of it is lost`() {
        for count in [Int64(1_000), 1_001, 40_000, 200_000, 4_000_000] {
            let numbers = stride(from: Int64(3), to: count + 3, by: max(1, Int(count / 5_000)))
            let quarters = numbers.map { self.quarter($0, 7) }
            let curve = SpendCurve(quarters)
            #expect(curve.steps.count <= SpendCurve.stepsMax + 1, "\(count)")
            #expect(curve.steps.reduce(0) { $0 + $1.posted.nanoDollars } == Int64(quarters.count) * 7)
            #expect(curve.stepMilliseconds % SpendCurve.quarterMilliseconds == 0)
        }
    }

    @Test func `nothing spent is no step`() { #expect(SpendCurve([]).steps.isEmpty) }
}
