import Domain

/// The accounts of a simulation as small numbers, so that what every step looks up is in arrays: budget by budget in one
/// window, then those of the next.
struct Register {
    enum Role: Int, CaseIterable {
        /// Hard, and matches every attempt.
        case all
        /// Hard, matches some, and ends their streams.
        case team
        /// May be overspent a little; matches some.
        case soft

        var budget: Name<Budget> { Register.names[self.rawValue] }
        var isHard: Bool { self != .soft }
        var claim: Purse.Key { Register.keys[self.rawValue] }
    }

    private static let names: [Name<Budget>] = Role.allCases.compactMap { Name("\($0)") }
    private static let keys: [Purse.Key] = Self.names.map { Purse.Key($0) }

    /// Milliseconds of one window; nil: one for ever.
    let windowLength: Int64?
    private(set) var accounts: [BudgetAccount] = []

    init(windowLength: Int64?) {
        self.windowLength = windowLength
        self.open(0)
    }

    static func role(of budget: Name<Budget>) -> Role? {
        // Names of few letters, of which none begins like another.
        Role.allCases.first { $0.budget == budget }
    }

    static func role(of account: Int) -> Role { Role.allCases[account % Role.allCases.count] }

    func window(at now: Int64) -> BudgetWindow { self.window(Int(self.windowLength.map { now / $0 } ?? 0)) }

    private func window(_ number: Int) -> BudgetWindow {
        let start = Int64(number) * (self.windowLength ?? 0)
        return BudgetWindow(
            name: "w\(number)",
            start: Timestamp(unixMilliseconds: start),
            end: self.windowLength.map { Timestamp(unixMilliseconds: start + $0) }
        )
    }

    private mutating func open(_ number: Int) {
        while self.accounts.count < (number + 1) * Role.allCases.count {
            let window = self.window(self.accounts.count / Role.allCases.count)
            self.accounts += Role.allCases.map { BudgetAccount(budget: $0.budget, window: window) }
        }
    }

    /// Of an account by its names alone, as in an event.
    mutating func number(of account: BudgetAccount) -> Int {
        var window = 0
        for byte in account.window.name.utf8.dropFirst() { window = window * 10 + Int(byte) - 48 }
        self.open(window)
        return window * Role.allCases.count + (Self.role(of: account.budget)?.rawValue ?? 0)
    }
}
