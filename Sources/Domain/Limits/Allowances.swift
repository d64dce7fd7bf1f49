/// All that a boot of a node lets through by its shares of limits. Pure: `now` is in milliseconds of a clock that never goes
/// back and counts suspension.
package struct Allowances: Hashable, Sendable {
    /// Limits, each for one of those that it counts apart. What comes beyond is counted together, limit by limit.
    package static let keysMax = 1_024
    private static let others = "(others)"

    /// What an exchange, or an attempt, takes of one limit.
    package struct Claim: Hashable, Sendable {
        package let limit: Limit
        package let unit: String
        /// At most, until it is settled.
        package let tokens: Int64

        package init(_ limit: Limit, unit: String = "", tokens: Int64) {
            self.limit = limit
            self.unit = unit
            self.tokens = tokens
        }
    }

    /// What was taken, until it is settled.
    package struct Taken: Hashable, Sendable {
        package let key: LimitKey
        package let tokens: Int64

        package init(_ key: LimitKey, tokens: Int64) {
            self.key = key
            self.tokens = tokens
        }
    }

    package enum Answer: Hashable, Sendable {
        case passed([Taken], LimitStanding)
        case over(Overrun, LimitStanding)
    }

    /// Why an exchange is not let through.
    package struct Overrun: Hashable, Sendable {
        package let limit: Limit
        package let measure: LimitMeasure
        /// When to come again.
        package let milliseconds: Int64

        package init(_ limit: Limit, _ measure: LimitMeasure, milliseconds: Int64) {
            self.limit = limit
            self.measure = measure
            self.milliseconds = milliseconds
        }
    }

    /// Nodes that share the limits, as the control plane last said.
    package var nodes = 1
    private var allowances: [LimitKey: Allowance] = [:]
    private var round: UInt64 = 0
    /// There is something that the control plane should hear at once.
    package private(set) var hasNews = false

    package init() {}

    package var isEmpty: Bool { self.allowances.isEmpty }

    // MARK: - Exchanges

    /// Takes all of `claims`, or nothing of them.
    package mutating func take(_ claims: [Claim], at now: Int64) -> Answer {
        let keys = claims.map { self.key(of: $0, at: now) }
        for (key, claim) in zip(keys, claims) {
            self.allowances[key]?.wish(tokens: claim.tokens, of: claim.limit, nodes: self.nodes, at: now)
        }
        for (key, claim) in zip(keys, claims) {
            guard let lack = self.allowances[key]?.lack(nodes: self.nodes, at: now) else { continue }
            let overrun = Overrun(claim.limit, lack.measure, milliseconds: lack.milliseconds)
            return .over(overrun, self.standing(of: keys, at: now))
        }
        for (key, claim) in zip(keys, claims) { self.allowances[key]?.take(tokens: claim.tokens) }
        let taken = zip(keys, claims).map { Taken($0, tokens: $1.tokens) }
        return .passed(taken, self.standing(of: keys, at: now))
    }

    private mutating func key(of claim: Claim, at now: Int64) -> LimitKey {
        var key = LimitKey(claim.limit.name, unit: claim.unit)
        if self.allowances[key] != nil { return key }
        if self.allowances.count >= Self.keysMax { key = LimitKey(claim.limit.name, unit: Self.others) }
        if self.allowances[key] == nil {
            self.allowances[key] = Allowance(of: claim.limit, at: now)
            self.hasNews = true
        }
        return key
    }

    private func standing(of keys: [LimitKey], at now: Int64) -> LimitStanding {
        var standing = LimitStanding()
        for key in keys {
            guard let allowance = self.allowances[key] else { continue }
            standing.add(
                LimitStanding(
                    requests: allowance.standing(of: .requests, nodes: self.nodes, at: now),
                    tokens: allowance.standing(of: .tokens, nodes: self.nodes, at: now)
                )
            )
        }
        return standing
    }

    /// What was taken is over and came to so many tokens.
    package mutating func settle(_ taken: [Taken], tokens: Int64) {
        for one in taken { self.allowances[one.key]?.settle(taken: one.tokens, used: tokens) }
    }

    /// What was taken was not needed.
    package mutating func void(_ taken: [Taken]) {
        for one in taken { self.allowances[one.key]?.void(taken: one.tokens) }
    }

    // MARK: - The control plane

    /// What to say; nil where no limit is in use, unless that itself is news.
    package mutating func call(at now: Int64) -> LimitCall? {
        let idle = self.allowances.filter { $0.value.isIdle(at: now) }.keys
        for key in idle { self.allowances[key] = nil }
        self.hasNews = false
        guard !self.allowances.isEmpty || !idle.isEmpty else { return nil }
        self.round += 1
        let asks = self.allowances.keys.sorted { ($0.limit, $0.unit) < ($1.limit, $1.unit) }.prefix(LimitCall.asksMax)
            .compactMap { self.allowances[$0]?.ask(for: $0, nodes: self.nodes, at: now) }
        return LimitCall(round: self.round, asks: asks)
    }

    /// Takes the answer to the latest call, which was sent at `sent`; any other is about what was said since.
    package mutating func hear(_ answer: LimitAnswer, sent: Int64, at now: Int64) {
        guard answer.round == self.round else { return }
        let until = sent + answer.validMilliseconds
        for share in answer.shares {
            let gaveUp = self.allowances[share.key]?.hear(share.amounts, until: until, nodes: self.nodes, at: now)
            self.hasNews = self.hasNews || gaveUp == true
        }
    }

    /// The share that it goes by now; nil where it has none.
    package func share(of key: LimitKey, at now: Int64) -> LimitAmounts? { self.allowances[key]?.share(at: now) }
}
