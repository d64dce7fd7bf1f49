/// A point on the wall clock, in milliseconds since 1970-01-01T00:00:00Z. Rules receive it; they never read it.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let unixMilliseconds: Int64

    package init(unixMilliseconds: Int64) { self.unixMilliseconds = unixMilliseconds }

    package static func < (a: Self, b: Self) -> Bool { a.unixMilliseconds < b.unixMilliseconds }

    /// Saturates at the ends of the clock, so that a number from outside cannot trap.
    package func advanced(byMilliseconds delta: Int64) -> Timestamp {
        let (sum, overflow) = self.unixMilliseconds.addingReportingOverflow(delta)
        return Timestamp(unixMilliseconds: overflow ? (delta < 0 ? .min : .max) : sum)
    }

    /// Milliseconds from `earlier` to here, saturating.
    package func milliseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = self.unixMilliseconds.subtractingReportingOverflow(earlier.unixMilliseconds)
        return overflow ? (self < earlier ? .min : .max) : difference
    }
}
