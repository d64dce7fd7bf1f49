/// What sizes loans and moves no money: who asked for how much of late. It lives in memory and may be forgotten at any time;
/// then loans are small for a minute, and what nobody names is given up later.
package struct LendingActivity: Hashable, Sendable {
    /// A node that was not heard for so long does not count as one that spends.
    private static let activeMilliseconds: Int64 = 60_000

    private struct Word: Hashable {
        var demand: Int64
        /// Milliseconds, by the control plane's steady clock.
        var heard: Int64
    }

    private struct OfAccount: Hashable {
        var words: [LeaseID: Word] = [:]
        /// A moving mean of what attempts hold.
        var reservation = Money.zero
    }

    private var accounts: [BudgetAccount: OfAccount] = [:]

    package init() {}

    package mutating func hear(_ ask: LeaseAsk, of id: LeaseID, _ account: BudgetAccount, at now: Int64) {
        var ofAccount = self.accounts[account] ?? OfAccount()
        let heard = max(now, ofAccount.words[id]?.heard ?? now)
        ofAccount.words[id] = Word(demand: max(ask.demand, 0), heard: heard)
        if ask.reservation > .zero { ofAccount.reservation = Self.mean(ofAccount.reservation, ask.reservation) }
        self.accounts[account] = ofAccount
    }

    /// A lease that was lent before this memory began: its time to be heard begins now.
    package mutating func remember(_ id: LeaseID, of account: BudgetAccount, at now: Int64) {
        guard self.accounts[account]?.words[id] == nil else { return }
        self.accounts[account, default: OfAccount()].words[id] = Word(demand: 0, heard: now)
    }

    package mutating func forget(_ id: LeaseID, of account: BudgetAccount) {
        self.accounts[account]?.words[id] = nil
        if self.accounts[account]?.words.isEmpty == true { self.accounts[account] = nil }
    }

    /// Leases of which nobody was heard for so long.
    package func silent(forMilliseconds silence: Int64, at now: Int64) -> [(id: LeaseID, account: BudgetAccount)] {
        self.accounts.flatMap { account, ofAccount in
            ofAccount.words.filter { now - $0.value.heard >= silence }.map { ($0.key, account) }
        }
    }

    func nodes(of account: BudgetAccount, at now: Int64) -> Int {
        self.accounts[account]?.words.values.count { now - $0.heard < Self.activeMilliseconds } ?? 0
    }

    /// Nano-dollars a second, of all nodes together.
    func demand(for account: BudgetAccount, at now: Int64) -> Int64 {
        let words = self.accounts[account]?.words.values.filter { now - $0.heard < Self.activeMilliseconds } ?? []
        return words.reduce(Money.zero) { $0.clampedSum(with: Money(nanoDollars: $1.demand)) }.nanoDollars
    }

    func meanReservation(of account: BudgetAccount) -> Money { self.accounts[account]?.reservation ?? .zero }

    /// Of the last ten or so.
    private static func mean(_ mean: Money, _ next: Money) -> Money {
        guard mean > .zero else { return next }
        return Money(nanoDollars: mean.nanoDollars - mean.nanoDollars / 10).clampedSum(
            with: Money(nanoDollars: next.nanoDollars / 10)
        )
    }
}
