import CCurl
import Synchronization

/// What callers hand to the client's thread: calls to start, calls to give up, and the wish to end.
///
/// A call is live from `post` to `release`; no more than `transfersMax` are. Whoever changes something wakes the
/// thread, under the lock, so that the waker is never used after `close`.
final class OutgoingMailbox: Sendable {
    struct Order: Sendable {
        let id: UInt64
        let request: OutgoingRequest
        let finish: Transfer.Finish
    }

    /// What the thread finds when it looks.
    struct Post: Sendable {
        var orders: [Order] = []
        var cancelled: [UInt64] = []
        var mustEnd = false
    }

    private struct State {
        var post = Post()
        var live: Set<UInt64> = []
        var lastID: UInt64 = 0
        var waker: ccurl_waker?
    }

    private let state = Mutex(State())
    private let transfersMax: Int

    init(transfersMax: Int) { self.transfersMax = transfersMax }

    func nextID() -> UInt64 {
        self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Throws where the call was not taken; its `finish` is then never called.
    func post(_ order: Order) throws(OutgoingFault) {
        try self.state.withLock { state throws(OutgoingFault) in
            guard !state.post.mustEnd else { throw OutgoingFault(.closed, "the client has been shut down") }
            guard state.live.count < self.transfersMax else {
                throw OutgoingFault(.overloaded, "\(self.transfersMax) transfers are under way already")
            }
            state.live.insert(order.id)
            state.post.orders.append(order)
            Self.wake(state)
        }
    }

    /// Nothing happens if the call has ended, or was never posted.
    func cancel(_ id: UInt64) {
        self.state.withLock { state in
            guard state.live.contains(id) else { return }
            state.post.cancelled.append(id)
            Self.wake(state)
        }
    }

    func end() {
        self.state.withLock { state in
            state.post.mustEnd = true
            Self.wake(state)
        }
    }

    // MARK: - The thread's side

    func open(_ waker: ccurl_waker) { self.state.withLock { $0.waker = waker } }

    func close() { self.state.withLock { $0.waker = nil } }

    /// Empties the box; `mustEnd` stays.
    func take() -> Post {
        self.state.withLock { state in
            let post = state.post
            state.post = Post(mustEnd: post.mustEnd)
            return post
        }
    }

    func release(_ id: UInt64) { _ = self.state.withLock { $0.live.remove(id) } }

    private static func wake(_ state: borrowing State) {
        if let waker = state.waker { ccurl_wake(waker) }
    }
}
