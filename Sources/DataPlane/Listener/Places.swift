internal import Domain

/// Who may have exchanges on one event loop: the bounds on how many there are at once, counted per key, as pure state.
///
/// A key that asks for more than its share is told so while others go on; a loop that is full turns everybody away
/// rather than serving all of them late. What always holds: an exchange that got a place leaves it once.
package struct Places {
    package struct Bounds: Hashable, Sendable {
        /// Exchanges of one event loop. An open stream takes about 12 KB.
        var exchangesMax = 16_384
        /// Of them, those of one key.
        var perKeyMax = 4_096
        /// Of these, answers that are read on after their caller has hung up. Beyond it they are broken off, and what
        /// they cost is estimated: callers that come and go must not take all connections to a provider.
        var abandonedPerKeyMax = 128

        package init() {}
    }

    private struct Share {
        var exchanges = 0
        var abandoned = 0
    }

    private let bounds: Bounds
    private(set) var count = 0
    private var shares: [ID<APIKey>: Share] = [:]

    init(_ bounds: Bounds) { self.bounds = bounds }

    /// Nil where the key has a place now.
    mutating func take(_ key: ID<APIKey>) -> Lack? {
        guard self.count < self.bounds.exchangesMax else { return .places }
        guard self.shares[key, default: Share()].exchanges < self.bounds.perKeyMax else { return .placesOfKey }
        self.shares[key, default: Share()].exchanges += 1
        self.count += 1
        return nil
    }

    /// The caller has hung up. Whether its answer may be read to its end all the same.
    mutating func abandon(_ key: ID<APIKey>) -> Bool {
        guard self.shares[key, default: Share()].abandoned < self.bounds.abandonedPerKeyMax else { return false }
        self.shares[key, default: Share()].abandoned += 1
        return true
    }

    mutating func leave(_ key: ID<APIKey>, wasAbandoned: Bool) {
        guard var share = self.shares[key] else { return }
        share.exchanges -= 1
        if wasAbandoned { share.abandoned -= 1 }
        self.shares[key] = share.exchanges > 0 ? share : nil
        self.count -= 1
    }
}
