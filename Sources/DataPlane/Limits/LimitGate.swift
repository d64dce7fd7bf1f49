package import Domain
import Platform
import Synchronization

/// Who lets exchanges through by the limits that they are under. It answers at once, from memory.
protocol LimitKeeper: PassKeeper {
    func take(_ claims: [Allowances.Claim]) -> Allowances.Answer
}

/// The allowances of this node's boot, which all event loops take from. One lock, held for sums.
package final class LimitGate: LimitKeeper {
    /// A call for the sake of limits is not hurried along more often.
    private static let hurryMilliseconds: Int64 = 200

    private struct State {
        var allowances = Allowances()
        var called: Int64 = .min
    }

    private let state = Mutex(State())
    private let bell: Bell
    private let steady: @Sendable () -> Int64
    private let droppedCount = Atomic<UInt64>(0)

    /// `steady` is in milliseconds of a clock that counts suspension. `bell` rings when the control plane is to be asked at once.
    package init(
        bell: Bell,
        steady: @escaping @Sendable () -> Int64 = { Leases.start.duration(to: .now).milliseconds }
    ) {
        self.bell = bell
        self.steady = steady
    }

    /// Passes that were let go of without an end: faults of this program.
    package var dropped: UInt64 { self.droppedCount.load(ordering: .relaxed) }

    // MARK: - Exchanges

    func take(_ claims: [Allowances.Claim]) -> Allowances.Answer {
        let now = self.steady()
        let (answer, isHurried) = self.state.withLock { state in
            let answer = state.allowances.take(claims, at: now)
            let isHurried = state.allowances.hasNews && state.called <= now - Self.hurryMilliseconds
            if isHurried { state.called = now }
            return (answer, isHurried)
        }
        if isHurried { self.bell.ring() }
        return answer
    }

    package func settle(_ taken: [Allowances.Taken], tokens: Int64) {
        self.state.withLock { $0.allowances.settle(taken, tokens: tokens) }
    }

    package func void(_ taken: [Allowances.Taken]) { self.state.withLock { $0.allowances.void(taken) } }

    package func dropped(_ taken: [Allowances.Taken]) {
        self.droppedCount.wrappingAdd(1, ordering: .relaxed)
        self.settle(taken, tokens: taken.map(\.tokens).max() ?? 0)
    }

    // MARK: - The control plane

    package var isInUse: Bool { self.state.withLock { !$0.allowances.isEmpty } }

    package var hasNews: Bool { self.state.withLock { $0.allowances.hasNews } }

    /// So many nodes share the limits where the control plane does not say how.
    package func share(among nodes: Int) { self.state.withLock { $0.allowances.nodes = max(nodes, 1) } }

    /// What to say now, and when that is; nil where there is nothing.
    func call() -> (call: LimitCall, sent: Int64)? {
        let now = self.steady()
        return self.state.withLock { state in
            state.called = now
            return state.allowances.call(at: now).map { ($0, now) }
        }
    }

    /// What was given up is said at once: others wait for it.
    func hear(_ answer: LimitAnswer, sent: Int64) {
        let now = self.steady()
        let hasNews = self.state.withLock { state in
            state.allowances.hear(answer, sent: sent, at: now)
            return state.allowances.hasNews
        }
        if hasNews { self.bell.ring() }
    }
}
