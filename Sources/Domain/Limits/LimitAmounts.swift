/// What a limit counts.
package enum LimitMeasure: String, Hashable, Sendable, CaseIterable {
    case requests
    case tokens
    case concurrent
}

/// The three numbers of a limit, of a part of it, or of what is asked of it. Rates are in thousandths a minute, so that a
/// part of a small limit is more than nothing; exchanges under way are counted whole.
package struct LimitAmounts: Hashable, Sendable {
    package var requests: Int64
    package var tokens: Int64
    package var concurrent: Int64

    /// A rate of one a minute.
    package static let one: Int64 = 1_000
    /// Of each of the three.
    package static let amountMax = Limit.countMax * Self.one
    package static let zero = LimitAmounts()

    package init(requests: Int64 = 0, tokens: Int64 = 0, concurrent: Int64 = 0) {
        self.requests = requests
        self.tokens = tokens
        self.concurrent = concurrent
    }

    package subscript(measure: LimitMeasure) -> Int64 {
        get {
            switch measure {
            case .requests: self.requests
            case .tokens: self.tokens
            case .concurrent: self.concurrent
            }
        }
        set {
            switch measure {
            case .requests: self.requests = newValue
            case .tokens: self.tokens = newValue
            case .concurrent: self.concurrent = newValue
            }
        }
    }
}

extension Limit {
    /// In the units of `LimitAmounts`; nil where the limit says nothing of it.
    package func amount(of measure: LimitMeasure) -> Int64? {
        switch measure {
        case .requests: self.requestsPerMinute.map { $0 * LimitAmounts.one }
        case .tokens: self.tokensPerMinute.map { $0 * LimitAmounts.one }
        case .concurrent: self.concurrent
        }
    }

    /// The part of one of so many nodes that share it equally. Of exchanges under way at least one, as there is no less.
    func equalPart(of nodes: Int) -> LimitAmounts {
        var part = LimitAmounts.zero
        for measure in LimitMeasure.allCases {
            guard let amount = self.amount(of: measure) else { continue }
            let equal = amount / Int64(max(nodes, 1))
            part[measure] = measure == .concurrent ? max(equal, min(amount, 1)) : equal
        }
        return part
    }

    /// Whether it is about models or providers: then it counts attempts, else exchanges.
    package var countsAttempts: Bool {
        self.scope.model != nil || self.scope.provider != nil || self.per == .model || self.per == .provider
    }
}
