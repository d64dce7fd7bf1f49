/// Notices that the control plane was restored: only that raises the epoch of what is in force.
struct EpochMark: Hashable, Sendable {
    private var epoch: UInt64?

    init(_ epoch: UInt64?) { self.epoch = epoch }

    /// True once for each time that it was raised. The first epoch that a new node learns is no raise.
    mutating func isRaised(to epoch: UInt64?) -> Bool {
        guard let epoch else { return false }
        let before = self.epoch ?? epoch
        self.epoch = max(before, epoch)
        return epoch > before
    }
}
