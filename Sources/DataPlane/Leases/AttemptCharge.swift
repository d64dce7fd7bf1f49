internal import Domain

/// What an attempt is to hold of the budgets that match it, before it goes out.
struct AttemptCharge {
    let claims: [Purse.Claim]

    /// No budget matches.
    static let none = AttemptCharge(claims: [])

    private init(claims: [Purse.Claim]) { self.claims = claims }

    /// - Throws: where more budgets match than a node's note of the attempt has room for.
    init(_ attempt: ChargedAttempt, worstCase: Money, budgets: ScopedIndex<Budget>) throws(Fault) {
        let matching = budgets.matching(attempt).filter(\.isHard)
        guard !matching.isEmpty else {
            self = .none
            return
        }
        let claims = matching.map { Purse.Claim(.init($0.name, unit: $0.per.unit(of: attempt)), worstCase) }
        let byteCount = claims.reduce(0) { $0 + $1.key.byteCountMax }
        guard claims.count <= LeasePosting.countMax, byteCount <= LeasePosting.byteCountMax else {
            throw .tooManyBudgets(claims.count)
        }
        self.claims = claims
    }
}

extension Purse.Key {
    /// Of a posting that names it, with its lease and its window.
    fileprivate var byteCountMax: Int { self.budget.text.utf8.count + self.unit.utf8.count + 48 }
}

extension Fault {
    fileprivate static func tooManyBudgets(_ count: Int) -> Fault {
        Fault(
            .budgetUnavailable,
            from: .node,
            retry: .later(afterSeconds: 60),
            "\(count) hard budgets match this request, more than can be charged at once. Have some of them merged."
        )
    }
}
