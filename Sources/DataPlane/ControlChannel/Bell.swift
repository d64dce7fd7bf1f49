import Synchronization

/// Wakes one waiting loop before its time. Ringing while nobody waits is remembered, once.
package final class Bell: Sendable {
    private enum State {
        case quiet
        case rung
        case waited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    package init() {}

    package func ring() {
        let waiter: CheckedContinuation<Void, Never>? = self.state.withLock { state in
            guard case .waited(let waiter) = state else {
                state = .rung
                return nil
            }
            state = .quiet
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the ring, after `duration`, or when the task is cancelled. One loop waits at a time.
    package func wait(upTo duration: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForRing() }
            group.addTask {
                do { try await Task.sleep(for: duration) } catch { return }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = self.state.withLock { state -> Bool in
                    switch state {
                    case .quiet where !Task.isCancelled:
                        state = .waited(continuation)
                        return false
                    case .quiet, .waited: return true
                    case .rung:
                        state = .quiet
                        return true
                    }
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Void, Never>? = self.state.withLock { state in
                guard case .waited(let waiter) = state else { return nil }
                state = .quiet
                return waiter
            }
            waiter?.resume()
        }
    }
}
