/// What a node lets through of one limit, by its share of it.
///
/// Before a first share it lets one exchange through at once; where none comes in time, or a share was not renewed, it goes
/// by an equal part of the limit. So a limit is never left out for want of a control plane, and never stops everything.
struct Allowance: Hashable, Sendable {
    /// So long after its first exchange it waits for a first share.
    static let patienceMilliseconds: Int64 = 3_000
    /// Without an exchange for so long it is forgotten.
    static let idleMilliseconds: Int64 = 60_000

    private struct Told: Hashable {
        let amounts: LimitAmounts
        let until: Int64
    }

    private var limit: Limit
    private let born: Int64
    private var used: Int64
    private var told: Told?
    private var requests: RateBucket
    private var tokens: RateBucket
    private var underWay: Int64 = 0
    private var askedRequests = RecentDemand()
    private var askedTokens = RecentDemand()
    private var askedAtOnce = RecentDemand()

    init(of limit: Limit, at now: Int64) {
        self.limit = limit
        self.born = now
        self.used = now
        self.requests = RateBucket(.requests, at: now)
        self.tokens = RateBucket(.tokens, at: now)
    }

    // MARK: - Exchanges

    /// An exchange asks, of so many tokens at most: that counts, whether or not it is let through.
    mutating func wish(tokens: Int64, of limit: Limit, nodes: Int, at now: Int64) {
        self.limit = limit
        self.used = max(self.used, now)
        self.askedRequests.add(1, at: now)
        self.askedTokens.add(tokens, at: now)
        self.askedAtOnce.raise(to: self.underWay + 1, at: now)
        self.fill(nodes: nodes, at: now)
    }

    private mutating func fill(nodes: Int, at now: Int64) {
        let amounts = self.inForce(nodes: nodes, at: now)
        self.requests.fill(at: now, rate: amounts.requests)
        self.tokens.fill(at: now, rate: amounts.tokens)
    }

    /// What it has too little of for one more, and in how many milliseconds it may have enough; nil where it has enough.
    func lack(nodes: Int, at now: Int64) -> (measure: LimitMeasure, milliseconds: Int64)? {
        let amounts = self.inForce(nodes: nodes, at: now)
        // Before a first share it may be told of one soon.
        let unknown = Self.patienceMilliseconds
        if self.limit.concurrent != nil, self.underWay >= max(amounts.concurrent, self.isNew(at: now) ? 1 : 0) {
            return (.concurrent, 1_000)
        }
        if self.limit.requestsPerMinute != nil, self.requests.left < 1 {
            return (.requests, self.requests.millisecondsUntilOne(rate: amounts.requests) ?? unknown)
        }
        if self.limit.tokensPerMinute != nil, self.tokens.left < 1 {
            return (.tokens, self.tokens.millisecondsUntilOne(rate: amounts.tokens) ?? unknown)
        }
        return nil
    }

    mutating func take(tokens: Int64) {
        self.requests.take(1)
        self.tokens.take(tokens)
        self.underWay += 1
    }

    /// An exchange that took `taken` tokens is over and came to `used`.
    mutating func settle(taken: Int64, used: Int64) {
        self.tokens.giveBack(taken)
        self.tokens.take(used)
        self.underWay = max(self.underWay - 1, 0)
    }

    /// It was not needed: nothing went out.
    mutating func void(taken: Int64) {
        self.settle(taken: taken, used: 0)
        self.requests.giveBack(1)
    }

    /// What callers are told of the requests, or the tokens, that they have left.
    func standing(of measure: LimitMeasure, nodes: Int, at now: Int64) -> LimitStanding.Rate? {
        let rate = self.inForce(nodes: nodes, at: now)[measure]
        switch measure {
        case .requests: return self.limit.requestsPerMinute.map { .init(limit: $0, self.requests, rate: rate) }
        case .tokens: return self.limit.tokensPerMinute.map { .init(limit: $0, self.tokens, rate: rate) }
        case .concurrent: return nil
        }
    }

    // MARK: - Shares

    /// What it goes by now.
    func inForce(nodes: Int, at now: Int64) -> LimitAmounts {
        self.share(at: now) ?? (self.isNew(at: now) ? .zero : self.limit.equalPart(of: nodes))
    }

    /// Never more than the limit: it may have been lowered since.
    func share(at now: Int64) -> LimitAmounts? {
        guard let told = self.told, now < told.until else { return nil }
        var amounts = told.amounts
        for measure in LimitMeasure.allCases {
            amounts[measure] = min(amounts[measure], self.limit.amount(of: measure) ?? 0)
        }
        return amounts
    }

    private func isNew(at now: Int64) -> Bool { self.told == nil && now < self.born + Self.patienceMilliseconds }

    func isIdle(at now: Int64) -> Bool { self.underWay == 0 && now - self.used >= Self.idleMilliseconds }

    mutating func ask(for key: LimitKey, nodes: Int, at now: Int64) -> LimitAsk {
        var holds = self.inForce(nodes: nodes, at: now)
        // What is under way cannot be given up.
        if self.limit.concurrent != nil { holds.concurrent = max(holds.concurrent, self.underWay) }
        let demand = LimitAmounts(
            requests: self.askedRequests.perMinute(at: now),
            tokens: self.askedTokens.perMinute(at: now),
            concurrent: max(self.askedAtOnce.inWindow(at: now), self.underWay)
        )
        return LimitAsk(key, holds: holds, demand: demand)
    }

    /// Goes by a share from now on. True where it has given something up by that: the control plane waits to hear of it.
    mutating func hear(_ amounts: LimitAmounts, until: Int64, nodes: Int, at now: Int64) -> Bool {
        self.fill(nodes: nodes, at: now)
        let before = self.inForce(nodes: nodes, at: now)
        self.told = Told(amounts: amounts, until: until)
        return LimitMeasure.allCases.contains { amounts[$0] < before[$0] }
    }
}
