/// An account has come to a part of its budget's amount at which somebody is to be told.
package struct BudgetAlert: Hashable, Sendable {
    /// The same for the same account and threshold, however often it is told.
    package let id: String
    package let account: BudgetAccount
    /// In thousandths of the amount.
    package let threshold: Int64
    /// As it was then.
    package let amount: Money
    package let posted: Money
    package let time: Timestamp
    /// How often it was tried to tell it.
    package let tries: Int

    package init(
        id: String,
        account: BudgetAccount,
        threshold: Int64,
        amount: Money,
        posted: Money,
        time: Timestamp,
        tries: Int = 0
    ) {
        self.id = id
        self.account = account
        self.threshold = threshold
        self.amount = amount
        self.posted = posted
        self.time = time
        self.tries = tries
    }

    /// Whether so many thousandths of `amount` are posted. Exact, however large the numbers are.
    package static func isReached(_ threshold: Int64, of amount: Money, by posted: Money) -> Bool {
        posted.nanoDollars.multipliedFullWidth(by: 1_000) >= amount.nanoDollars.multipliedFullWidth(by: threshold)
    }
}
