/// A node's permission to spend a slice of a budget, as the node has it. It may spend while
/// `used + held + returned ≤ granted`, and raises `returned` before it says so: so the control plane never lends to somebody
/// else what this node could still spend.
package struct Lease: Hashable, Sendable {
    package private(set) var granted = Money.zero
    package private(set) var returned = Money.zero
    /// What attempts that ended have cost; an attempt may cost more than it held.
    package private(set) var used = Money.zero
    /// What attempts in flight may cost at most.
    package private(set) var held = Money.zero

    package init() {}

    /// What a new attempt can hold.
    package var free: Money {
        self.granted.remainder(after: self.returned).remainder(after: self.used).remainder(after: self.held)
    }

    /// What the control plane says it has granted in all. An older word changes nothing.
    package mutating func hear(granted: Money) { self.granted = max(self.granted, granted) }

    /// False, and nothing changes, where so much is not free.
    package mutating func hold(_ amount: Money) -> Bool {
        guard amount >= .zero, amount <= self.free, let held = self.held.adding(amount) else { return false }
        self.held = held
        return true
    }

    /// An attempt that held `amount` is over and has cost `cost`.
    package mutating func settle(_ amount: Money, cost: Money) {
        self.held = self.held.remainder(after: amount)
        self.used = self.used.clampedSum(with: cost)
    }

    /// Gives back what is free beyond `kept`.
    package mutating func giveBack(beyond kept: Money) {
        self.returned = self.returned.clampedSum(with: self.free.remainder(after: kept))
    }
}
