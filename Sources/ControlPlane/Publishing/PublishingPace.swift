package import Domain

/// When to publish after changes: one second after the last of a burst, at most five after its first.
///
/// A pure rule: whoever waits asks `due` and passes the time in.
package struct PublishingPace: Hashable, Sendable {
    package static let quietMilliseconds: Int64 = 1_000
    package static let burstMillisecondsMax: Int64 = 5_000

    private var burst: Burst?

    private struct Burst: Hashable, Sendable {
        let first: Timestamp
        var last: Timestamp
    }

    package init() {}

    package mutating func changed(at now: Timestamp) {
        if self.burst == nil {
            self.burst = Burst(first: now, last: now)
        } else {
            self.burst?.last = now
        }
    }

    /// When the changes noted so far are to be published; nil if there are none.
    package var due: Timestamp? {
        self.burst.map {
            min(
                $0.last.advanced(byMilliseconds: Self.quietMilliseconds),
                $0.first.advanced(byMilliseconds: Self.burstMillisecondsMax)
            )
        }
    }

    /// Whether to publish now; if so, the burst is over.
    package mutating func take(at now: Timestamp) -> Bool {
        guard let due = self.due, due <= now else { return false }
        self.burst = nil
        return true
    }
}
