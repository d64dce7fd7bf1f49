package import Domain
import Platform

/// The clock that the control plane's shells read and wait by. Rules get their time as an argument.
package struct Timing: Sendable {
    package let now: @Sendable () -> Timestamp
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static let system = Timing(
        now: { Timestamp(unixMilliseconds: WallClock.unixMilliseconds()) },
        sleep: { try await Task.sleep(for: $0) }
    )
}
