/// What an attempt's usage event says of one budget that it was charged to: the lease that paid, and its account by name, so
/// that the money is posted also where the lease is not known (any more).
package struct LeasePosting: Hashable, Sendable {
    package let budget: Name<Budget>
    package let unit: String
    /// The window's name; empty where its node did not know it.
    package let window: String
    /// 0 where a soft budget paid without one.
    package let lease: UInt64

    /// Of one attempt.
    package static let countMax = 16
    /// Of all postings of one attempt, so that they fit with it into the node's note of an attempt in flight.
    package static let byteCountMax = 1_024
    /// Of a unit; what is longer is told by its digest.
    ///
    /// So that a call with as many leases as it may name stays below the bound of its message.
    package static let unitLengthMax = 96

    package init(budget: Name<Budget>, unit: String, window: String, lease: UInt64) {
        self.budget = budget
        self.unit = unit
        self.window = window
        self.lease = lease
    }
}
