/// Spending over time in so few steps that they can be drawn: quarters of an hour, or longer ones that are whole numbers
/// of them. Only steps in which anything was spent are there.
package struct SpendCurve: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        package let start: Timestamp
        package fileprivate(set) var posted: Money
    }

    package let stepMilliseconds: Int64
    package private(set) var steps: [Step] = []

    package static let quarterMilliseconds: Int64 = 900_000
    package static let stepsMax = 1_000
    /// 15 minutes, an hour, six hours, a day, a week, some four of them.
    private static let lengths: [Int64] = [1, 4, 24, 96, 672, 2_688].map { $0 * Self.quarterMilliseconds }

    /// `quarters` are in order.
    package init(_ quarters: [(start: Timestamp, posted: Money)]) {
        let first = quarters.first?.start ?? Timestamp(unixMilliseconds: 0)
        let span = quarters.last?.start.milliseconds(since: first) ?? 0
        let length = Self.lengths.first { span / $0 < Int64(Self.stepsMax) } ?? max(span, Self.quarterMilliseconds)
        self.stepMilliseconds = length
        for quarter in quarters {
            // Windows begin after 1970, and so does spending.
            let start = Timestamp(unixMilliseconds: quarter.start.unixMilliseconds / length * length)
            if self.steps.last?.start == start {
                let last = self.steps.count - 1
                self.steps[last].posted = self.steps[last].posted.clampedSum(with: quarter.posted)
            } else {
                self.steps.append(Step(start: start, posted: quarter.posted))
            }
        }
    }
}
