/// Where a record stands: every boot of a node writes one stream, numbered densely from 1.
package struct StreamPosition: Hashable, Sendable {
    package let node: ID<Node>
    package let boot: ID<Boot>
    package let sequence: UInt64

    package init(node: ID<Node>, boot: ID<Boot>, sequence: UInt64) {
        self.node = node
        self.boot = boot
        self.sequence = sequence
    }
}

/// The end of a boot's stream, written by the boot itself or by the next one on its behalf.
package struct StreamEnd: Hashable, Sendable {
    /// The last sequence number before this record.
    package let lastSequence: UInt64
    package let lost: [LostRange]
    /// Whether the machine itself went down, so that records of the last moments may be missing.
    package let machineWentDown: Bool

    package init(lastSequence: UInt64, lost: [LostRange] = [], machineWentDown: Bool) {
        self.lastSequence = lastSequence
        self.lost = lost
        self.machineWentDown = machineWentDown
    }
}

/// Sequence numbers whose records are gone, both ends included. Saying so is what makes a gap honest.
package struct LostRange: Hashable, Sendable {
    package let first: UInt64
    package let last: UInt64

    /// Nil if `first` is zero or above `last`.
    package init?(first: UInt64, last: UInt64) {
        guard first > 0, first <= last else { return nil }
        self.first = first
        self.last = last
    }
}

/// One numbered record of a stream.
package struct UsageRecord: Hashable, Sendable {
    package let sequence: UInt64
    package let content: Content

    package init(sequence: UInt64, content: Content) {
        self.sequence = sequence
        self.content = content
    }

    package enum Content: Hashable, Sendable {
        case event(UsageEvent)
        case closed(StreamEnd)
        /// Records that were bad on disk or overtaken by the spool's bound. The record's own number is the range's
        /// first; the next record's is the one after its last.
        case lost(LostRange)
        /// Bytes that this build cannot read; kept as they are.
        case unreadable([UInt8])
    }
}
