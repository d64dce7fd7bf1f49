package import Domain
import ServiceLifecycle
import Synchronization

/// A head as it is sent: the same bytes for every node.
package struct SignedHead: Hashable, Sendable {
    package let epoch: UInt64
    package let version: UInt64
    package let issued: Timestamp
    /// The serialised envelope.
    package let bytes: [UInt8]

    package init(epoch: UInt64, version: UInt64, issued: Timestamp, bytes: [UInt8]) {
        self.epoch = epoch
        self.version = version
        self.issued = issued
        self.bytes = bytes
    }

    /// Names the content and the signing: a poll with an older signing is answered at once, so that a node stays
    /// fresh, although a mere re-signing wakes no poll that is parked.
    package var entityTag: String { "\"\(self.epoch).\(self.version).\(self.issued.unixMilliseconds)\"" }

    func isNews(after other: SignedHead?) -> Bool {
        guard let other else { return true }
        return (self.epoch, self.version) > (other.epoch, other.version)
    }
}

/// The newest signed head, and the polls that wait for the next.
///
/// News wakes the parked polls in order of their arrival, at most `wakesPerSecondMax`, so that a fleet's fetches do
/// not all come in the same millisecond. A mere re-signing replaces the head and wakes nobody.
package final class HeadBoard: Service {
    package static let wakesPerSecondMax = 2_000
    /// Woken at once; the rest follow in slices of this size, one every `sliceInterval`.
    package static let sliceSize = 20
    package static let sliceInterval = Duration.milliseconds(10)
    /// More parked polls than this are answered at once with what is there; the node comes back with its own jitter.
    package static let parkedMax = 20_000

    private struct State {
        var head: SignedHead?
        var parked: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Whom the last news has still to wake, the oldest at the end; may name polls that have left.
        var waking: [UInt64] = []
        /// Polls below this number have news.
        var wakeBelow: UInt64 = 0
        var next: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    private let timing: Timing

    package init(timing: Timing = .system) {
        self.timing = timing
        (self.bell, self.ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func current() -> SignedHead? { self.state.withLock { $0.head } }

    package var parkedCount: Int { self.state.withLock { $0.parked.count } }

    /// Two signings at a time lie closer together than this; a signing that is further back is of a clock that was set
    /// back, and is the fresh one: nodes go by their own clocks and refuse what was issued far ahead of them.
    private static let raceMilliseconds: Int64 = 10_000

    /// Puts a head up, unless a newer one hangs there already.
    package func put(_ head: SignedHead) {
        let isNews = self.state.withLock { state in
            if let old = state.head {
                guard (head.epoch, head.version) >= (old.epoch, old.version) else { return false }
                let ahead = head.issued.milliseconds(since: old.issued)
                guard head.isNews(after: old) || ahead > 0 || ahead < -Self.raceMilliseconds else { return false }
            }
            let isNews = head.isNews(after: state.head)
            state.head = head
            if isNews {
                state.wakeBelow = state.next
                state.waking = state.parked.keys.sorted(by: >)
            }
            return isNews
        }
        guard isNews else { return }
        if self.wakeSlice() { self.ring.yield() }
    }

    /// Wakes everyone for good: the process is stopping.
    package func close() {
        let parked = self.state.withLock { state in
            state.isClosed = true
            defer { state.parked = [:] }
            return Array(state.parked.values)
        }
        for continuation in parked { continuation.resume() }
        self.ring.finish()
    }

    /// Wakes what one slice could not, until the board is closed.
    package func run() async throws {
        for await _ in self.bell {
            repeat { try await self.timing.sleep(Self.sliceInterval) } while self.wakeSlice()
        }
        // Closed by the listener that stops; a service that ends before its turn would end all others.
        try await gracefulShutdown()
    }

    /// Returns when there is news, when the wait is over, on cancellation or when the board closes. `isSeen` says
    /// whether the caller already knows a head.
    package func wait(
        atMost wait: Duration,
        while isSeen: @Sendable (SignedHead) -> Bool
    ) async {
        guard let ticket = self.park(while: isSeen) else { return }
        await withTaskGroup { group in
            group.addTask { await self.parked(ticket) }
            group.addTask {
                do { try await self.timing.sleep(wait) } catch { return }
                self.leave(ticket)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// A place in the queue; nil where there is nothing to wait for.
    private func park(while isSeen: (SignedHead) -> Bool) -> UInt64? {
        self.state.withLock { state in
            guard !state.isClosed, state.parked.count < Self.parkedMax, state.head.map(isSeen) ?? true else {
                return nil
            }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func parked(_ ticket: UInt64) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = self.state.withLock { state in
                    // The news may have come, or the wait ended, between `park` and here.
                    guard !state.isClosed, ticket >= state.wakeBelow, !Task.isCancelled else { return true }
                    state.parked[ticket] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            self.leave(ticket)
        }
    }

    private func leave(_ ticket: UInt64) {
        self.state.withLock { $0.parked.removeValue(forKey: ticket) }?.resume()
    }

    /// True if there are more to wake.
    private func wakeSlice() -> Bool {
        let (slice, hasMore) = self.state.withLock { state in
            var slice: [CheckedContinuation<Void, Never>] = []
            while slice.count < Self.sliceSize, let ticket = state.waking.popLast() {
                if let continuation = state.parked.removeValue(forKey: ticket) { slice.append(continuation) }
            }
            return (slice, !state.waking.isEmpty)
        }
        for continuation in slice { continuation.resume() }
        return hasMore
    }
}
