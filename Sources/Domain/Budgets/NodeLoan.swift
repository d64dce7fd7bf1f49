/// All that one node has been lent of a budget in one window: its open leases, added up.
package struct NodeLoan: Hashable, Sendable {
    package let node: ID<Node>
    package private(set) var leases = 0
    package private(set) var granted = Money.zero
    package private(set) var returned = Money.zero
    package private(set) var used = Money.zero
    package private(set) var posted = Money.zero
    package private(set) var pending = Money.zero

    package init(node: ID<Node>) { self.node = node }

    package mutating func add(_ lease: LentLease) {
        self.leases += 1
        self.granted = self.granted.clampedSum(with: lease.granted)
        self.returned = self.returned.clampedSum(with: lease.returned)
        self.used = self.used.clampedSum(with: lease.used)
        self.posted = self.posted.clampedSum(with: lease.posted)
        self.pending = self.pending.clampedSum(with: lease.pending)
    }
}
