/// Money in billionths of a US dollar. Whole numbers: sums are exact and their order does not matter.
///
/// Arithmetic on money that came from outside reports overflow instead of trapping.
package struct Money: Hashable, Comparable, Sendable {
    package static let zero = Money(nanoDollars: 0)
    package static let max = Money(nanoDollars: .max)
    package static let nanoDollarsPerDollar: Int64 = 1_000_000_000

    package let nanoDollars: Int64

    package init(nanoDollars: Int64) { self.nanoDollars = nanoDollars }

    package static func < (a: Money, b: Money) -> Bool { a.nanoDollars < b.nanoDollars }

    /// Nil on overflow.
    package func adding(_ other: Money) -> Money? {
        let (sum, overflow) = self.nanoDollars.addingReportingOverflow(other.nanoDollars)
        return overflow ? nil : Money(nanoDollars: sum)
    }

    /// For accounts, whose numbers are never negative: at the end of the scale it stays there.
    package func clampedSum(with other: Money) -> Money { self.adding(other) ?? .max }

    /// What `other` leaves of it; zero where that is more.
    package func remainder(after other: Money) -> Money {
        let (rest, overflow) = self.nanoDollars.subtractingReportingOverflow(other.nanoDollars)
        return overflow ? .zero : Money(nanoDollars: Swift.max(0, rest))
    }
}

extension Money {
    /// Reads a decimal string of dollars such as `12.50`: digits, at most 9 of them after one point, no sign,
    /// no exponent. Nil for everything else and for more than nine billion dollars.
    package init?(dollars text: String) {
        guard let nanoDollars = DecimalText.read(text, places: 9) else { return nil }
        self.init(nanoDollars: nanoDollars)
    }

    /// The shortest decimal string of dollars with at least two digits after the point: `0.00`, `12.50`, `0.000000123`.
    package var dollars: String {
        DecimalText.write(self.nanoDollars.magnitude, places: 9, placesMin: 2, isNegative: self.nanoDollars < 0)
    }
}

extension Money: CustomStringConvertible {
    package var description: String { "$\(self.dollars)" }
}
