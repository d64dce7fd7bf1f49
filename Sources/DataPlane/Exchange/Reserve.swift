internal import Dialects
internal import Domain
internal import NIOCore

/// Each attempt reserves what it may cost, of every budget that matches it, before it looks for a connection.
extension LiveExchange {
    /// Why an attempt may not be made.
    enum Unaffordable: Hashable {
        /// No node can cover it.
        case exceeded(Name<Budget>)
        /// This node cannot, and the control plane did not help in time.
        case uncovered
        /// What it cost could not be written down.
        case unproved
    }

    mutating func reserved(_ reservation: consuming Reservation, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .reserving(var attempt):
            attempt.postings = reservation.postings
            if attempt.slabs != nil { attempt.coveredTokens = AttemptCharge.Slabs.tokens }
            attempt.reservation = consume reservation
            self.connect(attempt, at: now, &out)
        case let other:
            // Its caller has gone meanwhile.
            reservation.void()
            self.state = other
        }
    }

    mutating func foundUnaffordable(_ why: Unaffordable, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .reserving(let attempt): self.skip(attempt, why.fault, at: now, &out)
        case let other: self.state = other
        }
    }

    /// An attempt may not be made. The next candidate may be cheaper, or of another budget or limit; an attempt that was not
    /// made is no event.
    mutating func skip(_ attempt: consuming Attempt, _ fault: Fault, at now: Tick, _ out: inout ExchangeActions) {
        let admission = attempt.admission
        let next = attempt.index + 1
        if let pass = attempt.pass.take() { pass.void() }
        if next < admission.plan.attempts.count {
            self.attempts -= 1
            return self.begin(at: next, of: admission, now: now, &out)
        }
        if self.attempts == 1 {
            self.attempts = 0
            if let pass = self.pass.take() { pass.void() }
            self.deny(fault, admission.caller, admission.plan.route, at: now, &out)
        } else {
            // After others that failed: what ends the exchange is told as the last of them.
            let result = Result(.denied, .notSent).with(fault.code)
            self.settle(attempt, result, isLast: true, at: now, &out)
        }
        self.answer(fault, &out)
        out.append(.settled)
    }
}

extension LiveExchange.Unaffordable {
    fileprivate var fault: Fault {
        switch self {
        case .exceeded(let budget):
            Fault(
                .budgetExceeded,
                from: .node,
                "The budget '\(budget)' has less left than this request may cost. Ask for less output, or have it raised."
            )
        case .unproved:
            Fault(
                .budgetUnavailable,
                from: .node,
                retry: .later(afterSeconds: 5),
                "This node cannot write down what a request costs, so that nothing is spent of budgets here. Try again."
            )
        case .uncovered:
            Fault(
                .budgetUnavailable,
                from: .node,
                retry: .later(afterSeconds: 2),
                "This node has no part of a hard budget left and could not get any in time. Come again in a moment."
            )
        }
    }
}
