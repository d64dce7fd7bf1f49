import ControlPlane
import Domain
import Synchronization

/// A clock that only the test moves.
final class ManualTiming: Sendable {
    private struct Sleeper {
        let until: Timestamp
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        /// Never set back.
        var now: Timestamp
        /// By how much the clock on the wall was.
        var back = Duration.zero
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
    }

    private let state: Mutex<State>

    init(now: Timestamp = Timestamp(unixMilliseconds: 1_795_000_000_000)) {
        self.state = Mutex(State(now: now))
    }

    var now: Timestamp { self.state.withLock { $0.now.advanced(byMilliseconds: -$0.back.milliseconds) } }

    var sleepers: Int { self.state.withLock { $0.sleepers.count } }

    var timing: Timing {
        Timing(now: { self.now }, steady: { self.steady }, sleep: { try await self.rest($0) })
    }

    private var steady: Duration { self.state.withLock { .milliseconds($0.now.unixMilliseconds) } }

    /// As an operator does; who sleeps, sleeps on.
    func setBack(by duration: Duration) { self.state.withLock { $0.back += duration } }

    func advance(by duration: Duration) {
        let due = self.state.withLock { state in
            state.now = state.now.advanced(byMilliseconds: duration.milliseconds)
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return Array(due.values)
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    private func rest(_ duration: Duration) async throws {
        let id = self.state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = self.state.withLock { state in
                    guard duration > .zero, !Task.isCancelled else { return true }
                    let until = state.now.advanced(byMilliseconds: duration.milliseconds)
                    state.sleepers[id] = Sleeper(until: until, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            self.state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume()
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        self.components.seconds * 1_000 + self.components.attoseconds / 1_000_000_000_000_000
    }
}
