import Domain
import Synchronization

@testable import DataPlane

/// Lets through all but the limits that it is told are used up, and remembers.
final class ScriptedGate: LimitKeeper {
    struct Ended: Hashable {
        let limits: [String]
        /// Nil where it was not needed.
        let tokens: Int64?
    }

    private struct State {
        var usedUp: [Name<Limit>: LimitMeasure] = [:]
        var claims: [[Allowances.Claim]] = []
        var passed = 0
        var ended: [Ended] = []
        var dropped = 0
    }

    private let state = Mutex(State())

    var claims: [[Allowances.Claim]] { self.state.withLock(\.claims) }
    var ended: [Ended] { self.state.withLock(\.ended) }

    /// Whatever was passed has ended, and once.
    var isWhole: Bool { self.state.withLock { $0.dropped == 0 && $0.ended.count == $0.passed } }

    func useUp(_ limit: Name<Limit>, _ measure: LimitMeasure = .requests) {
        self.state.withLock { $0.usedUp[limit] = measure }
    }

    func take(_ claims: [Allowances.Claim]) -> Allowances.Answer {
        self.state.withLock { state in
            state.claims.append(claims)
            let rate = LimitStanding.Rate(limit: 600, remaining: 2, resetMilliseconds: 340)
            for claim in claims {
                guard let measure = state.usedUp[claim.limit.name] else { continue }
                return .over(.init(claim.limit, measure, milliseconds: 61_000), LimitStanding(requests: rate))
            }
            state.passed += 1
            let taken = claims.map { Allowances.Taken(.init($0.limit.name, unit: $0.unit), tokens: $0.tokens) }
            return .passed(taken, LimitStanding(requests: rate))
        }
    }

    func settle(_ taken: [Allowances.Taken], tokens: Int64) { self.end(taken, tokens) }

    func void(_ taken: [Allowances.Taken]) { self.end(taken, nil) }

    private func end(_ taken: [Allowances.Taken], _ tokens: Int64?) {
        self.state.withLock { $0.ended.append(Ended(limits: taken.map(\.key.limit.text), tokens: tokens)) }
    }

    func dropped(_ taken: [Allowances.Taken]) { self.state.withLock { $0.dropped += 1 } }
}
