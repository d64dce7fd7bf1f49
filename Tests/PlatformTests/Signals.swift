import Glibc
import Platform

/// Signals to this very process, for tests that run in a process of their own.
enum Signals {
    @Sendable static func terminate() { _ = kill(getpid(), SIGTERM) }

    /// Two different ones: two equal signals may arrive as one.
    @Sendable static func terminateTwice() {
        _ = kill(getpid(), SIGTERM)
        _ = kill(getpid(), SIGINT)
    }

    static func exit(with status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }
}
