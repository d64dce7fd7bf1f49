/// Notices that the control plane was restored, which alone raises the epoch of what is in force, and knows under which
/// epoch all usage was offered since.
///
/// Whoever was killed while offering begins again: the disk's mark moves when all was offered, not when it begins.
struct EpochMark: Hashable, Sendable {
    /// What the disk says.
    private var offered: UInt64
    private var offering: UInt64

    /// Nil where the disk has no mark. The first epoch is a raise then: to offer again costs one record a stream, and
    /// to believe that it was done may cost all of it.
    init(offered: UInt64?) {
        self.offered = offered ?? 0
        self.offering = self.offered
    }

    /// True where that is higher than before: all is to be offered again.
    mutating func raise(to epoch: UInt64?) -> Bool {
        guard let epoch, epoch > self.offering else { return false }
        self.offering = epoch
        return true
    }

    /// All was offered: the epoch for the disk to remember, once.
    mutating func finishOffering() -> UInt64? {
        guard self.offering > self.offered else { return nil }
        self.offered = self.offering
        return self.offering
    }
}
