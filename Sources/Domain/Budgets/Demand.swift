/// How much an account is asked for, in nano-dollars a second: reservations count, not costs, because they are what must be
/// covered. An exponential average whose half-life is 30 seconds.
package struct Demand: Hashable, Sendable {
    private static let halfLifeMilliseconds = 30_000.0

    private var level = 0.0
    private var at: Int64

    /// `now` is in milliseconds of a clock that never goes back.
    package init(at now: Int64) { self.at = now }

    package mutating func add(_ amount: Money, at now: Int64) {
        self.level = self.decayed(at: now) + Double(amount.nanoDollars)
        self.at = max(self.at, now)
    }

    package func perSecond(at now: Int64) -> Double {
        // What is left of each amount, summed over all time, is its share of the average's weight.
        self.decayed(at: now) * Self.ln2 / (Self.halfLifeMilliseconds / 1_000)
    }

    private static let ln2 = 0.693_147_180_559_945_3

    private func decayed(at now: Int64) -> Double {
        let halves = Double(max(now - self.at, 0)) / Self.halfLifeMilliseconds
        return self.level * Self.halved(halves)
    }

    /// 2⁻ˣ without a library for it: whole halves by scaling, the rest by the first terms of its series, which at one half
    /// are exact to a part in ten million.
    private static func halved(_ exponent: Double) -> Double {
        guard exponent < 1_000 else { return 0 }
        let whole = exponent.rounded(.down)
        let rest = -(exponent - whole) * Self.ln2
        var (term, sum) = (1.0, 1.0)
        for number in 1...9 {
            term *= rest / Double(number)
            sum += term
        }
        return sum * Double(sign: .plus, exponent: -Int(whole), significand: 1)
    }
}
