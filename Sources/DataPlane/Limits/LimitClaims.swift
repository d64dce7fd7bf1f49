internal import Domain

/// What an exchange takes of the limits that it is under, and each of its attempts of those that count attempts.
struct LimitClaims: Hashable, Sendable {
    let ofExchange: [Allowances.Claim]
    private let ofAttempts: [[Allowances.Claim]]

    static let none = LimitClaims(ofExchange: [], ofAttempts: [])

    private init(ofExchange: [Allowances.Claim], ofAttempts: [[Allowances.Claim]]) {
        self.ofExchange = ofExchange
        self.ofAttempts = ofAttempts
    }

    init(_ plan: Plan, _ bounds: [AttemptBound], _ caller: UsageEvent.Caller, _ limits: ScopedIndex<Limit>) {
        var ofExchange: [Allowances.Claim] = []
        var ofAttempts: [[Allowances.Claim]] = []
        let tokensMax = bounds.map(\.tokensMax).max() ?? 0
        for (index, planned) in plan.attempts.enumerated() {
            let attempt = ChargedAttempt(
                caller: caller,
                route: plan.route,
                model: planned.model.name,
                provider: planned.provider.name
            )
            let matching = limits.matching(attempt)
            func claims(_ limits: [Limit], tokens: Int64) -> [Allowances.Claim] {
                limits.map { Allowances.Claim($0, unit: $0.per.unit(of: attempt), tokens: tokens) }
            }
            // Those that count exchanges are the same for all candidates.
            if index == 0 { ofExchange = claims(matching.filter { !$0.countsAttempts }, tokens: tokensMax) }
            ofAttempts.append(claims(matching.filter(\.countsAttempts), tokens: bounds[index].tokensMax))
        }
        self.init(ofExchange: ofExchange, ofAttempts: ofAttempts.allSatisfy(\.isEmpty) ? [] : ofAttempts)
    }

    func ofAttempt(_ index: Int) -> [Allowances.Claim] { self.ofAttempts.isEmpty ? [] : self.ofAttempts[index] }
}

extension AttemptBound {
    fileprivate var tokensMax: Int64 { min(self.inputMax, Limit.countMax) + min(self.outputMax, Limit.countMax) }
}
