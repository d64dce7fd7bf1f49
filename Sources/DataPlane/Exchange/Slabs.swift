internal import Domain

/// Streams under a budget that ends them hold their money slab by slab, and end honestly where no more can be held.
extension LiveExchange {
    /// Sees to the money for what the model goes on to say. False where what it has said is all that is paid for.
    mutating func cover(
        _ attempt: inout Attempt,
        seen: Int64,
        at now: Tick,
        _ out: inout ExchangeActions
    ) -> Bool {
        guard let covered = attempt.coveredTokens, let slabs = attempt.slabs,
            seen > covered - AttemptCharge.Slabs.aheadTokens
        else { return true }
        let amount = attempt.nextSlab(after: covered).cost
        if attempt.reservation?.extend(by: amount, of: slabs.budgets) == true {
            self.extend(&attempt, at: now, &out)
        } else if !attempt.asksForMore {
            attempt.asksForMore = true
            out.append(.reserveMore(slabs.keys.map { Purse.Claim($0, amount) }))
        }
        return attempt.coveredTokens.map { seen < $0 } ?? true
    }

    /// What was asked for more is held.
    mutating func reservedMore(_ more: consuming Reservation, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .relaying(var attempt, let relay):
            attempt.asksForMore = false
            if attempt.reservation?.absorb(more) == true { self.extend(&attempt, at: now, &out) }
            self.state = .relaying(attempt, relay)
        case let other:
            more.void()
            self.state = other
        }
    }

    private func extend(_ attempt: inout Attempt, at now: Tick, _ out: inout ExchangeActions) {
        guard let covered = attempt.coveredTokens else { return }
        let after = covered + attempt.nextSlab(after: covered).tokens
        attempt.coveredTokens = after < attempt.outputMax ? after : nil
        // If the node dies now, it is the larger sum that counts.
        out.append(.grow(self.event(attempt, Result(.lost, .unseen), isLast: true, at: now)))
    }
}

extension Attempt {
    var slabs: AttemptCharge.Slabs? { self.admission.charge(of: self.index).slabs }

    fileprivate var outputMax: Int64 { self.admission.bounds[self.index].outputMax }

    fileprivate func nextSlab(after covered: Int64) -> (tokens: Int64, cost: Money) {
        let tokens = min(AttemptCharge.Slabs.tokens, self.outputMax - covered)
        let bound = self.admission.bounds[self.index]
        // What so much more output adds: input and fees are held already.
        let after = bound.cappedOutput(at: covered + tokens).worstCase(at: self.planned.price)
        return (tokens, after.remainder(after: bound.cappedOutput(at: covered).worstCase(at: self.planned.price)))
    }
}

extension Fault {
    static let budgetRanOut = Fault(
        .budgetExceeded,
        from: .node,
        "A budget ran out in the middle of this answer, so that it ends here."
    )
}
