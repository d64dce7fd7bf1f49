package import Domain
import Platform

/// The clock that the control plane's shells read and wait by. Rules get their time as an argument.
package struct Timing: Sendable {
    package let now: @Sendable () -> Timestamp
    /// Since some start: what waits are measured by, because setting the clock moves `now` and not this.
    package let steady: @Sendable () -> Duration
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp,
        steady: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.steady = steady
        self.sleep = sleep
    }

    private static let start = ContinuousClock.now

    package static let system = Timing(
        now: { Timestamp(unixMilliseconds: WallClock.unixMilliseconds()) },
        steady: { Self.start.duration(to: .now) },
        sleep: { try await Task.sleep(for: $0) }
    )
}
