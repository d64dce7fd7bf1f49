package import Domain
import Wire

/// How fresh the newest verified head is. Stale is a state: it is reported, and stops traffic only where a bound on
/// staleness is set.
package struct Freshness: Hashable, Sendable {
    package private(set) var until: Timestamp?
    private var issued: Timestamp?
    /// Nodes that are up, as that head says.
    package private(set) var liveNodes: Int
    /// The latest time known to have been: the clock may be set back, this not.
    package private(set) var latest: Timestamp

    init(of head: Head?, latest: Timestamp) {
        self.until = head?.freshUntil
        self.issued = head?.issued
        self.liveNodes = Int(head?.liveNodes ?? 0)
        self.latest = latest
    }

    /// A newer signature is evidence of the time, also where the clock once stood ahead of it.
    mutating func note(_ head: Head, at now: Timestamp) {
        if let issued = self.issued, head.issued <= issued { return }
        self.issued = head.issued
        self.until = head.freshUntil
        self.liveNodes = Int(head.liveNodes)
        self.latest = max(head.issued, now)
    }

    mutating func pass(_ now: Timestamp) { self.latest = max(self.latest, now) }

    package var isStale: Bool { self.until.map { $0 < self.latest } ?? true }

    /// Whether more than `bound` milliseconds have passed since it was fresh.
    func exceeds(_ bound: Int64) -> Bool { self.until.map { self.latest.milliseconds(since: $0) > bound } ?? false }
}
