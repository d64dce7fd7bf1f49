import Domain
import TestSupport
import Testing

/// One budget and some nodes whose messages are lost, doubled and delayed at will, in a seeded order.
@Suite struct `Lending in any order` {
    private struct Borrower {
        var lease = Lease()
        var lent = LentLease()
        /// What attempts in flight hold.
        var holds: [Money] = []
        /// Written and not taken in yet; in order.
        var events: [Money] = []
        var cost = Money.zero
        /// What was said and may arrive at any time, any number of times.
        var grants: [Money] = []
        var reports: [(returned: Money, used: Money)] = []
        var isLost = false
    }

    private struct Fleet {
        var ledger = BudgetLedger(limit: Money(nanoDollars: 1_000))
        var borrowers = [Borrower](repeating: Borrower(), count: 4)

        mutating func step(_ random: inout SeededGenerator) {
            let index = Int.random(in: 0..<self.borrowers.count, using: &random)
            switch Int.random(in: 0..<11, using: &random) {
            case 0: self.lend(to: index, &random)
            case 1: self.deliverGrant(to: index, &random)
            case 2, 3, 4: self.begin(on: index, &random)
            case 5, 6: self.end(on: index, &random)
            case 7: self.report(from: index, &random)
            case 8: self.deliverReport(of: index, &random)
            case 9: self.takeIn(from: index)
            default:
                guard Int.random(in: 0..<20, using: &random) == 0 else { return }
                self.ledger.end(&self.borrowers[index].lent, .assumedSpent)
                self.borrowers[index].isLost = true
            }
        }

        mutating func lend(to index: Int, _ random: inout SeededGenerator) {
            let amount = Money(nanoDollars: Int64.random(in: 0...300, using: &random))
            guard self.ledger.lend(amount, on: &self.borrowers[index].lent) else { return }
            self.borrowers[index].grants.append(self.borrowers[index].lent.granted)
        }

        mutating func deliverGrant(to index: Int, _ random: inout SeededGenerator) {
            guard let granted = self.borrowers[index].grants.randomElement(using: &random) else { return }
            self.borrowers[index].lease.hear(granted: granted)
        }

        mutating func begin(on index: Int, _ random: inout SeededGenerator) {
            let amount = Money(nanoDollars: Int64.random(in: 1...40, using: &random))
            guard self.borrowers[index].lease.hold(amount) else { return }
            self.borrowers[index].holds.append(amount)
        }

        mutating func end(on index: Int, _ random: inout SeededGenerator) {
            guard let held = self.borrowers[index].holds.popLast() else { return }
            let cost = Money(nanoDollars: Int64.random(in: 0...held.nanoDollars, using: &random))
            self.borrowers[index].lease.settle(held, cost: cost)
            self.borrowers[index].events.append(cost)
            self.borrowers[index].cost = self.borrowers[index].cost.clampedSum(with: cost)
        }

        mutating func report(from index: Int, _ random: inout SeededGenerator) {
            let kept = Money(nanoDollars: Int64.random(in: 0...100, using: &random))
            self.borrowers[index].lease.giveBack(beyond: kept)
            let lease = self.borrowers[index].lease
            self.borrowers[index].reports.append((lease.returned, lease.used))
        }

        mutating func deliverReport(of index: Int, _ random: inout SeededGenerator) {
            guard let said = self.borrowers[index].reports.randomElement(using: &random) else { return }
            self.ledger.hear(returned: said.returned, used: said.used, on: &self.borrowers[index].lent)
        }

        mutating func takeIn(from index: Int) {
            guard !self.borrowers[index].events.isEmpty else { return }
            let cost = self.borrowers[index].events.removeFirst()
            self.ledger.post(cost, on: &self.borrowers[index].lent)
        }

        var spent: Money { self.borrowers.reduce(.zero) { $0.clampedSum(with: $1.cost) } }

        /// Spent, or may still be without asking anybody.
        var spendable: Money {
            self.borrowers.reduce(self.spent) { sum, borrower in
                sum.clampedSum(with: borrower.lease.held).clampedSum(with: borrower.lease.free)
            }
        }

        func check(_ seed: UInt64) {
            let pending = self.borrowers.reduce(Money.zero) { $0.clampedSum(with: $1.lent.pending) }
            #expect(self.ledger.pending == pending, "seed \(seed)")
            #expect(self.ledger.posted.clampedSum(with: pending) <= self.ledger.limit, "seed \(seed)")
            #expect(self.spendable <= self.ledger.limit, "seed \(seed): more can be spent than there is")
            #expect(self.spendable <= self.ledger.posted.clampedSum(with: pending), "seed \(seed)")
        }

        /// Everybody finishes, and all is heard.
        mutating func finish(_ random: inout SeededGenerator) {
            for index in self.borrowers.indices {
                while !self.borrowers[index].holds.isEmpty { self.end(on: index, &random) }
                while !self.borrowers[index].events.isEmpty { self.takeIn(from: index) }
                self.ledger.end(&self.borrowers[index].lent, .known)
            }
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `no more is ever spent than there is, and in the end all is known`(seed: UInt64) {
        var (random, fleet) = (SeededGenerator(seed: seed), Fleet())
        for _ in 0..<400 {
            fleet.step(&random)
            fleet.check(seed)
        }
        fleet.finish(&random)
        #expect(fleet.ledger.pending == .zero && fleet.ledger.unconfirmed == .zero)
        #expect(fleet.ledger.posted == fleet.spent, "seed \(seed)")
    }
}
