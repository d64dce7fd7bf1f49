internal import Domain

/// What an attempt is to hold of the budgets that match it, before it goes out.
struct AttemptCharge: Hashable, Sendable {
    let claims: [Purse.Claim]
    /// How a stream holds the rest of what it may cost; nil where it holds all of it at once.
    let slabs: Slabs?

    /// No budget matches.
    static let none = AttemptCharge(claims: [], slabs: nil)

    /// Of budgets that end streams: their money is held for so many tokens of output at a time.
    struct Slabs: Hashable, Sendable {
        static let tokens: Int64 = 1_024
        /// So many tokens before a slab is used up, the next one is looked for.
        static let aheadTokens: Int64 = 128

        let keys: [Purse.Key]
        let budgets: Set<Name<Budget>>
    }

    private init(claims: [Purse.Claim], slabs: Slabs?) {
        self.claims = claims
        self.slabs = slabs
    }

    /// - Throws: where more budgets match than a node's note of the attempt has room for.
    init(
        _ attempt: ChargedAttempt,
        bound: AttemptBound,
        price: Price,
        isStream: Bool,
        budgets: ScopedIndex<Budget>
    ) throws(Fault) {
        let matching = budgets.matching(attempt)
        guard !matching.isEmpty else {
            self = .none
            return
        }
        let whole = bound.worstCase(at: price)
        let isInSlabs = isStream && bound.outputMax > Slabs.tokens
        let first = isInSlabs ? bound.cappedOutput(at: Slabs.tokens).worstCase(at: price) : whole
        let claims = matching.map { budget in
            Purse.Claim(
                .init(budget.name, unit: budget.per.unit(of: attempt)),
                budget.cutsStreams ? first : whole,
                safeRate: budget.isHard ? nil : budget.safeRate
            )
        }
        let byteCount = claims.reduce(0) { $0 + $1.key.byteCountMax }
        guard claims.count <= LeasePosting.countMax, byteCount <= LeasePosting.byteCountMax else {
            throw .tooManyBudgets(claims.count)
        }
        let cutting = Set(matching.filter(\.cutsStreams).map(\.name))
        let keys = claims.map(\.key).filter { cutting.contains($0.budget) }
        self.init(claims: claims, slabs: isInSlabs && !keys.isEmpty ? Slabs(keys: keys, budgets: cutting) : nil)
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
            "\(count) budgets match this request, more than can be charged at once. Have some of them merged."
        )
    }
}
