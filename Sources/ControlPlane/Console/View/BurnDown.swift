import Domain

/// What is left of a budget over the time of its window, beside what would be left if it were spent evenly.
struct BurnDown: Equatable, Sendable {
    struct Point: Equatable, Sendable {
        /// The end of a step.
        let time: Timestamp
        /// At that time; in the step that is now, by now. Nil for later ones. Below nothing where more was spent.
        let left: Int64?
        /// Nil where the window has no end.
        let even: Int64?
    }

    let points: [Point]

    private static let pointsMax: Int64 = 96
    private static let minute: Int64 = 60_000
    private static let lengths: [Int64] = [15, 30, 60, 120, 360, 720, 1_440, 10_080, 43_200].map { $0 * Self.minute }

    /// `spent` is in order; each says how much was spent from a time on for `stepMilliseconds`.
    init(
        _ limit: Money,
        from start: Timestamp,
        to end: Timestamp?,
        spent: [(start: Timestamp, posted: Money)],
        stepMilliseconds: Int64,
        at now: Timestamp
    ) {
        // What goes on for ever is drawn from its first spending to now.
        let first = end == nil ? spent.first?.start ?? now : start
        let last = end ?? now
        let span = max(1, last.milliseconds(since: first))
        let fitting = Self.lengths.first { $0 >= stepMilliseconds && span / $0 <= Self.pointsMax }
        let length = fitting ?? max(stepMilliseconds, (span / Self.pointsMax + 1))
        let count = (span + length - 1) / length
        var (left, rest) = (limit.nanoDollars, spent[...])
        self.points = (0...count).map { number in
            let time = min(last, first.advanced(byMilliseconds: number * length))
            while let step = rest.first, step.start < time {
                left = left.clampedDifference(step.posted.nanoDollars)
                rest.removeFirst()
            }
            let isBegun = first.advanced(byMilliseconds: max(0, number - 1) * length) <= now
            let elapsed = time.milliseconds(since: first)
            let even = end.map { _ in
                limit.nanoDollars - Int64(Double(limit.nanoDollars) * Double(elapsed) / Double(span))
            }
            return Point(time: time, left: isBegun ? left : nil, even: even)
        }
    }

    /// For people in any place: the console's times are UTC.
    static func label(_ time: Timestamp) -> String {
        let text = time.rfc3339
        return "\(text.prefix(10).suffix(5)) \(text.dropFirst(11).prefix(5))"
    }
}

extension Int64 {
    fileprivate func clampedDifference(_ other: Int64) -> Int64 {
        let (rest, overflow) = self.subtractingReportingOverflow(other)
        return overflow ? .min : rest
    }
}
