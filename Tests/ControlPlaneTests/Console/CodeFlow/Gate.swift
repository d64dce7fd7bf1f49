import Synchronization

/// Holds the first few who come, once it is closed, until it is opened.
final class Gate: Sendable {
    private struct State {
        var places = 0
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// One for each who is held.
    let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    init() { (self.arrivals, self.arrived) = AsyncStream.makeStream(of: Void.self) }

    func close(for count: Int) { self.state.withLock { $0.places = count } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isHeld = self.state.withLock { state in
                guard state.places > 0 else { return false }
                state.places -= 1
                state.held.append(continuation)
                return true
            }
            if isHeld { self.arrived.yield() } else { continuation.resume() }
        }
    }

    func open() {
        let held = self.state.withLock { state in
            defer { state = State() }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
}
