/// Every limit split over the boots that ask for it. It lives in memory.
///
/// What always holds: of each limit, what boots may still let through by shares that they were told comes to no more than
/// the limit. So a share grows only out of what others are known to have given up: it takes one round to be told to give up,
/// and one to have done it. `now` is in milliseconds of a clock that never goes back.
package struct LimitShares: Hashable, Sendable {
    /// A boot goes by a share for so long after it sent the call for it.
    package static let validMilliseconds: Int64 = 15_000
    /// What a boot held counts for so long after it was last heard: longer than it goes by it, however its clock runs.
    package static let silentMilliseconds = Self.validMilliseconds + 1_000
    /// A share above its fair part is left as it is while no other has less than nine tenths of its own.
    private static let enough: (part: Int64, of: Int64) = (9, 10)

    private struct Holder: Hashable {
        /// The most that it may let through by what it was told.
        var mayHold: LimitAmounts
        var demand: LimitAmounts
    }

    private struct Word: Hashable {
        var round: UInt64
        var heard: Int64
        var keys: Set<LimitKey>
    }

    private var holders: [LimitKey: [ID<Boot>: Holder]] = [:]
    private var words: [ID<Boot>: Word] = [:]
    /// Until then there may be shares that were told before this memory began, of boots that were not heard yet.
    private let learnsUntil: Int64
    /// No boot can be silent for too long before.
    private var nextLook = Int64.min

    package init(at now: Int64) { self.learnsUntil = now + Self.silentMilliseconds }

    /// Nil where the boot was heard later than this call. A limit that is not in force has no shares.
    package mutating func answer(
        _ call: LimitCall,
        of boot: ID<Boot>,
        at now: Int64,
        limits: (Name<Limit>) -> Limit?
    ) -> LimitAnswer? {
        if let word = self.words[boot], word.round >= call.round { return nil }
        self.forgetSilent(at: now)
        let keys = Set(call.asks.map(\.key))
        for key in self.words[boot]?.keys.subtracting(keys) ?? [] { self.remove(boot, from: key) }
        self.words[boot] = Word(round: call.round, heard: now, keys: keys)
        var shares: [LimitShare] = []
        for ask in call.asks {
            guard let limit = limits(ask.key.limit) else {
                self.remove(boot, from: ask.key)
                continue
            }
            self.holders[ask.key, default: [:]][boot] = Holder(mayHold: ask.holds, demand: ask.demand)
            if let amounts = self.share(for: boot, ask, of: limit, at: now) {
                shares.append(LimitShare(ask.key, amounts))
            }
        }
        return LimitAnswer(round: call.round, validMilliseconds: Self.validMilliseconds, shares: shares)
    }

    /// What all boots together may let through of a limit by what they were told.
    package func mayHold(of key: LimitKey, _ measure: LimitMeasure) -> Int64 {
        self.holders[key]?.values.reduce(0) { $0 + $1.mayHold[measure] } ?? 0
    }

    // MARK: - One share

    private mutating func share(
        for boot: ID<Boot>,
        _ ask: LimitAsk,
        of limit: Limit,
        at now: Int64
    ) -> LimitAmounts? {
        var amounts = LimitAmounts.zero
        for measure in LimitMeasure.allCases {
            guard let whole = limit.amount(of: measure) else { continue }
            let share = self.part(of: whole, measure, for: boot, ask)
            if now < self.learnsUntil {
                // Who holds nothing is told nothing: it begins by itself, as it does without a control plane.
                guard ask.holds[measure] > 0 else { return nil }
                amounts[measure] = min(share, ask.holds[measure])
            } else {
                amounts[measure] = share
            }
        }
        for measure in LimitMeasure.allCases {
            self.holders[ask.key]?[boot]?.mayHold[measure] = max(ask.holds[measure], amounts[measure])
        }
        return amounts
    }

    private func part(of whole: Int64, _ measure: LimitMeasure, for boot: ID<Boot>, _ ask: LimitAsk) -> Int64 {
        let all = (self.holders[ask.key] ?? [:]).sorted { $0.key.text < $1.key.text }
        let fair = FairSplit.parts(of: whole, for: all.map(\.value.demand[measure]))
        var (wanted, others, isAnyShort) = (Int64(0), Int64(0), false)
        for (holder, part) in zip(all, fair) {
            let held = holder.value.mayHold[measure]
            if holder.key == boot {
                wanted = part
            } else {
                others += held
                isAnyShort = isAnyShort || held * Self.enough.of < part * Self.enough.part
            }
        }
        if !isAnyShort { wanted = max(wanted, min(ask.holds[measure], whole)) }
        return min(wanted, max(whole - others, 0))
    }

    // MARK: - Forgetting

    private mutating func forgetSilent(at now: Int64) {
        guard now >= self.nextLook else { return }
        for (boot, word) in self.words where now - word.heard >= Self.silentMilliseconds {
            for key in word.keys { self.remove(boot, from: key) }
            self.words[boot] = nil
        }
        self.nextLook = (self.words.values.map(\.heard).min() ?? now) + Self.silentMilliseconds
    }

    private mutating func remove(_ boot: ID<Boot>, from key: LimitKey) {
        self.holders[key]?[boot] = nil
        if self.holders[key]?.isEmpty == true { self.holders[key] = nil }
    }
}
