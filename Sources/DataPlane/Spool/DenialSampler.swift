import Domain

/// Which denials become events: the first so many of each second, so that a storm of refused requests cannot drown the
/// usage of those that were served. The others are only counted.
struct DenialSampler: Hashable, Sendable {
    /// A clock that was set back by more than any request takes: its seconds are new ones.
    private static let setBackSeconds: Int64 = 120

    private let perSecondMax: Int
    private var second: Int64 = .min
    private var taken = 0
    private(set) var passedOver: UInt64 = 0

    init(perSecondMax: Int) { self.perSecondMax = perSecondMax }

    /// `admitted` is when the exchange came: those of one second are told in any order with those of others.
    mutating func takes(at admitted: Timestamp) -> Bool {
        let second = admitted.unixMilliseconds / 1_000
        if second > self.second || second < self.second - Self.setBackSeconds {
            self.second = second
            self.taken = 0
        }
        guard self.taken < self.perSecondMax else {
            self.passedOver += 1
            return false
        }
        self.taken += 1
        return true
    }
}
