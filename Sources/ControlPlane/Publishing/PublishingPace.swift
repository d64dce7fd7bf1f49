/// When to publish after changes: one second after the last of a burst, at most five after its first.
///
/// A pure rule: whoever waits asks `due` and passes the time in, which is one that nobody sets back.
package struct PublishingPace: Hashable, Sendable {
    package static let quiet = Duration.seconds(1)
    package static let burstMax = Duration.seconds(5)

    private var burst: Burst?

    private struct Burst: Hashable, Sendable {
        let first: Duration
        var last: Duration
    }

    package init() {}

    package mutating func changed(at now: Duration) {
        if self.burst == nil {
            self.burst = Burst(first: now, last: now)
        } else {
            self.burst?.last = now
        }
    }

    /// When the changes noted so far are to be published; nil if there are none.
    package var due: Duration? {
        self.burst.map {
            min(
                $0.last + Self.quiet,
                $0.first + Self.burstMax
            )
        }
    }

    /// Whether to publish now; if so, the burst is over.
    package mutating func take(at now: Duration) -> Bool {
        guard let due = self.due, due <= now else { return false }
        self.burst = nil
        return true
    }
}
