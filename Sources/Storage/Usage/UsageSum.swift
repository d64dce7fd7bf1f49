package import Domain

/// Sums of one step and one group.
package struct UsageSum: Hashable, Sendable {
    package let begin: Timestamp
    /// Only the dimensions that were asked for are filled in.
    package let dimensions: UsageDimensions
    package let totals: UsageTotals
}
