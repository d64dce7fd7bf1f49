/// How much an account is asked for, in nano-dollars a second: reservations count, not costs, because they are what must be
/// covered. What was asked for fades over about a minute: by a sixtieth a second, and to a half in 30 seconds of silence.
package struct Demand: Hashable, Sendable {
    private static let halfLifeMilliseconds: Int64 = 30_000
    /// A level that is kept up is so many times what comes in a second.
    private static let levelSeconds: Int64 = 60

    private var level = Money.zero
    private var at: Int64

    /// `now` is in milliseconds of a clock that never goes back.
    package init(at now: Int64) { self.at = now }

    package mutating func add(_ amount: Money, at now: Int64) {
        self.level = Money(nanoDollars: self.decayed(at: now)).clampedSum(with: amount)
        self.at = max(self.at, now)
    }

    package func perSecond(at now: Int64) -> Int64 { self.decayed(at: now) / Self.levelSeconds }

    private func decayed(at now: Int64) -> Int64 {
        let elapsed = max(now - self.at, 0)
        let halvings = elapsed / Self.halfLifeMilliseconds
        guard halvings < Int64.bitWidth - 1 else { return 0 }
        let whole = self.level.nanoDollars >> halvings
        let rest = elapsed % Self.halfLifeMilliseconds
        return whole - whole / (2 * Self.halfLifeMilliseconds) * rest
    }
}
