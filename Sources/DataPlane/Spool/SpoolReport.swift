package import Domain

/// The spool in numbers.
package struct SpoolReport: Hashable, Sendable {
    package enum PreviousEnd: Hashable, Sendable {
        /// There was none.
        case none
        case clean
        /// The process or the machine died.
        case unclean
    }

    package var previousEnd: PreviousEnd = .none
    /// Attempts of earlier boots that this start found without an end.
    package var resolved = 0
    package var writtenThrough: UInt64 = 0
    package var durableThrough: UInt64 = 0
    package var ackedThrough: UInt64 = 0
    package var freeSlots = 0
    /// Attempts that a crash would have hidden: no slot was free, or the disk gave no file.
    package var attemptsWithoutSlot: UInt64 = 0
    package var denialsNotRecorded: UInt64 = 0
    /// Waiting to be declared as lost numbers.
    package var eventsDropped: UInt64 = 0
    /// Segments that went unsent because the spool was full.
    package var segmentsLost: UInt64 = 0
    /// Numbers declared lost while sending.
    package var recordsLost: UInt64 = 0
    /// Another writer of this node's stream was found; nothing of it is sent any more.
    package var isFenced = false
    /// When the oldest record of this boot that waits to be acknowledged became durable; nil if none waits.
    package var oldestUnsent: Timestamp?
    /// When the stream was last made durable.
    package var synced: Timestamp?
    /// Of all segments, when one was last begun.
    package var byteCount: Int64 = 0
    /// What went wrong at the start, and does not mend before the next one.
    package var startTrouble: String?
    /// Why nothing can be written just now.
    package var diskTrouble: String?

    package init() {}

    /// All that an operator should look into, in words for the log and the status; none in good times.
    package var warnings: [String] {
        var warnings = [self.startTrouble, self.diskTrouble].compactMap(\.self)
        if self.attemptsWithoutSlot > 0 {
            warnings.append("\(self.attemptsWithoutSlot) attempts ran without a slot: a crash would have hidden them")
        }
        if self.recordsLost > 0 { warnings.append("\(self.recordsLost) usage records were declared lost") }
        if self.segmentsLost > 0 { warnings.append("the spool is full: \(self.segmentsLost) segments went unsent") }
        if self.isFenced { warnings.append("this node's usage has two writers: is its data directory copied?") }
        return warnings
    }
}
