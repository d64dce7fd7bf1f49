/// Waits between tries, with full jitter: each wait is drawn from zero to a ceiling that doubles from 0.5 s to 30 s,
/// so that a fleet that lost its control plane does not come back as one.
package struct Backoff: Hashable, Sendable {
    package static let firstMilliseconds: Int64 = 500
    package static let lastMilliseconds: Int64 = 30_000

    private var ceiling = Self.firstMilliseconds

    package init() {}

    /// Milliseconds to wait before the next try. `draw` gives a number in `0 ... its argument`.
    package mutating func next(_ draw: (Int64) -> Int64) -> Int64 {
        let wait = draw(self.ceiling)
        self.ceiling = min(self.ceiling * 2, Self.lastMilliseconds)
        return wait
    }

    /// The last try succeeded.
    package mutating func reset() { self = Backoff() }
}
