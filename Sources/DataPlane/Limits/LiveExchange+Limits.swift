internal import Dialects
internal import Domain

/// An exchange passes the limits that it is under when it is admitted, and each attempt those that are about models or
/// providers. What they came to in tokens is counted at their ends.
extension LiveExchange {
    /// Nil where no limit is about it.
    mutating func pass(_ claims: [Allowances.Claim]) throws(Fault) -> Pass? {
        guard !claims.isEmpty else { return nil }
        switch self.rules.limits.take(claims) {
        case .passed(let taken, let standing):
            self.note(standing)
            return Pass(taken, of: self.rules.limits)
        case .over(let overrun, let standing):
            self.note(standing)
            throw .overrun(overrun)
        }
    }

    private mutating func note(_ standing: LimitStanding) {
        guard self.standing != nil else {
            self.standing = standing
            return
        }
        self.standing?.add(standing)
    }

    /// An attempt is over; with the last one the exchange is.
    mutating func settle(_ pass: consuming Pass?, _ counts: TokenCounts, isLast: Bool) {
        let tokens = min(counts.input ?? 0, Limit.countMax) + min(counts.output ?? 0, Limit.countMax)
        self.tokens = min(self.tokens + tokens, Limit.countMax)
        if let pass { pass.settle(tokens: tokens) }
        guard isLast, let pass = self.pass.take() else { return }
        pass.settle(tokens: self.tokens)
    }
}

extension Fault {
    /// SDKs do not wait longer.
    private static let secondsMax: Int64 = 60

    fileprivate static func overrun(_ overrun: Allowances.Overrun) -> Fault {
        let seconds = min(max((overrun.milliseconds + 999) / 1_000, 1), Self.secondsMax)
        return Fault(
            .rateLimitExceeded,
            from: .node,
            retry: .later(afterSeconds: Int(seconds)),
            "The limit '\(overrun.limit.name)' lets through \(overrun.what), and no more now. Come again in \(seconds) s."
        )
    }
}

extension Allowances.Overrun {
    fileprivate var what: String {
        switch self.measure {
        case .requests: "\(self.limit.requestsPerMinute ?? 0) requests a minute"
        case .tokens: "\(self.limit.tokensPerMinute ?? 0) tokens a minute"
        case .concurrent: "\(self.limit.concurrent ?? 0) requests at once"
        }
    }
}
