package import Domain

/// What usage is summed by: one sum for each step of the time and each value of the dimensions.
package struct UsageGrouping: Hashable, Sendable {
    package let dimensions: Set<UsageDimension>
    /// Nil: the whole time is one step.
    package let stepMilliseconds: Int64?

    package init(by dimensions: Set<UsageDimension> = [], stepMilliseconds: Int64? = nil) {
        self.dimensions = dimensions
        self.stepMilliseconds = stepMilliseconds
    }
}
