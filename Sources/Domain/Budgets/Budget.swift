/// A sum of money per window for a scope. An attempt is charged to every budget that matches it.
package struct Budget: Nameable, Hashable, Sendable {
    package let name: Name<Budget>
    package let scope: Scope
    /// What has an account of its own.
    package let per: Division
    package let amount: Money
    package let period: BudgetPeriod
    /// Whether an attempt that may not be covered is refused. A soft budget may be overspent a little.
    package let isHard: Bool
    /// Whether streamed answers hold their money slab by slab, and end where no more can be held.
    package let cutsOff: Bool
    /// Parts of the amount, in thousandths, at which somebody is told; ascending.
    package let thresholds: [Int64]

    /// A soft budget ends no stream: what it lacks may be spent all the same.
    package var cutsStreams: Bool { self.cutsOff && self.isHard }

    /// Of a soft budget: what a node may spend of it a minute while it has no lease. A thousandth, so that the control plane
    /// being away for a while, or a node that has only begun, costs little beyond what was agreed.
    package var safeRate: Money { Money(nanoDollars: self.amount.nanoDollars / 1_000) }

    package static let thresholdsMax = 16
    package static let thousandthsMax: Int64 = 10_000

    package init(
        name: Name<Budget>,
        scope: Scope = Scope(),
        per: Division = .none,
        amount: Money,
        period: BudgetPeriod,
        isHard: Bool = true,
        cutsOff: Bool = false,
        thresholds: [Int64] = []
    ) {
        self.name = name
        self.scope = scope
        self.per = per
        self.amount = amount
        self.period = period
        self.isHard = isHard
        self.cutsOff = cutsOff
        self.thresholds = thresholds
    }
}

/// How long a budget counts before it starts again, and by whose calendar. Only the control plane makes windows of it:
/// nodes never compute any.
package struct BudgetPeriod: Hashable, Sendable {
    package enum Length: String, Hashable, Sendable, CaseIterable {
        case hour
        case day
        /// From Monday (ISO 8601).
        case week
        case month
        /// One window for ever.
        case total
    }

    package let length: Length
    /// A name of the IANA time zone database.
    package let timeZone: String

    package static let timeZoneLengthMax = 64

    package init(_ length: Length, timeZone: String = "UTC") {
        self.length = length
        self.timeZone = timeZone
    }
}
