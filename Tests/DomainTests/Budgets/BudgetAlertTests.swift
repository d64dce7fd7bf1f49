import Domain
import Testing

@Suite struct `Thresholds of budgets` {
    private func isReached(_ threshold: Int64, of amount: Int64, by posted: Int64) -> Bool {
        BudgetAlert.isReached(threshold, of: Money(nanoDollars: amount), by: Money(nanoDollars: posted))
    }

    @Test func `one is reached by that part of the amount, and by nothing less`() {
        #expect(self.isReached(875, of: 1_000, by: 875) && !self.isReached(875, of: 1_000, by: 874))
        #expect(self.isReached(1_000, of: 3, by: 3) && self.isReached(1_500, of: 3, by: 5))
        #expect(!self.isReached(1_500, of: 3, by: 4))
        // A third has no end in decimals: it takes the next billionth.
        #expect(
            !self.isReached(333, of: 1_000_000_001, by: 333_000_000)
                && self.isReached(333, of: 1_000_000_001, by: 333_000_001)
        )
    }

    @Test func `no sum is too large for it`() {
        #expect(self.isReached(1_000, of: .max, by: .max) && !self.isReached(1_000, of: .max, by: .max - 1))
        #expect(!self.isReached(10_000, of: .max, by: .max) && self.isReached(1, of: .max, by: .max / 1_000 + 1))
    }
}
