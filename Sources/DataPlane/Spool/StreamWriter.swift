import Domain
import Wire

/// Appends one boot's records: numbers them densely, chains them, and knows which the kernel has and which the disk.
///
/// *Numbered* → *written* (survives the process) → *durable* (survives the machine). Only durable records may leave the
/// node. A failed write is tried again at the same place; after a failed fsync nobody knows what the disk has, so
/// everything since the last good one is written again into a new segment.
struct StreamWriter {
    private let disk: any SpoolDisk
    private let folder: String
    private let segmentByteCount: Int
    private var chain: UsageChain
    private var segment: (name: SegmentName, offset: Int)?
    private var lastName: SegmentName?
    private var queued: [Frame] = []
    private var unsynced: [Frame] = []
    private var hasFailedToSync = false
    private(set) var nextSequence: UInt64
    private(set) var durableThrough: UInt64
    /// Grows with each segment; whoever watches it makes room for the next.
    private(set) var segmentsOpened = 0

    /// Goes on behind `scan`, or begins a stream.
    init(_ folder: String, on disk: any SpoolDisk, segmentByteCount: Int, after scan: StreamScan = .nothing) {
        self.disk = disk
        self.folder = folder
        self.segmentByteCount = segmentByteCount
        self.chain = scan.chain
        self.nextSequence = scan.nextSequence
        self.durableThrough = scan.nextSequence - 1
        if let tail = scan.tail {
            self.segment = (tail.segment, tail.offset)
            self.lastName = tail.segment
        }
        // A reader takes the chain after a lost number as it is said; one number is a small price for a chain that
        // nobody can work out any more.
        if !scan.isChainKnown { self.appendLost(count: 1) }
    }

    var writtenThrough: UInt64 { (self.queued.first?.first ?? self.nextSequence) - 1 }
    var queuedCount: Int { self.queued.count }
    var hasUnsynced: Bool { !self.unsynced.isEmpty }

    mutating func append(_ event: UsageEvent) { self.append(event: UsageCodec.encode(event)) }

    /// An event as `UsageCodec` wrote it.
    mutating func append(event content: [UInt8]) { self.append(.event, content, count: 1) }

    /// `count` events that nobody kept: their numbers are taken and said to be lost.
    mutating func appendLost(count: UInt64) {
        guard let range = LostRange(first: self.nextSequence, last: self.nextSequence + count - 1) else { return }
        self.append(.lost, UsageCodec.encode(.lost(range)), count: count)
    }

    mutating func append(_ end: StreamEnd) { self.append(.closed, UsageCodec.encode(.closed(end)), count: 1) }

    private mutating func append(_ kind: Frame.Kind, _ content: [UInt8], count: UInt64) {
        let last = self.nextSequence + count - 1
        self.queued.append(
            Frame(first: self.nextSequence, last: last, kind: kind, chain: self.chain, content: content)
        )
        self.chain.append(content)
        self.nextSequence = last + 1
    }

    /// Hands everything that is queued to the kernel.
    mutating func write() throws(DiskFault) {
        while let first = self.queued.first {
            let segment = try self.segment(for: first)
            var bytes: [UInt8] = []
            var count = 0
            for frame in self.queued {
                guard segment.offset + bytes.count + frame.byteCount <= self.segmentByteCount || count == 0 else {
                    break
                }
                bytes += frame.encode()
                count += 1
            }
            try self.disk.write(bytes, to: "\(self.folder)/\(segment.name.file)", at: segment.offset)
            self.segment = (segment.name, segment.offset + bytes.count)
            self.unsynced += self.queued[..<count]
            self.queued.removeFirst(count)
        }
    }

    /// Makes everything that is written durable.
    mutating func sync() throws(DiskFault) {
        guard let segment = self.segment, let last = self.unsynced.last?.last else { return }
        do {
            try self.disk.sync("\(self.folder)/\(segment.name.file)")
        } catch {
            self.queued.insert(contentsOf: self.unsynced, at: 0)
            self.unsynced = []
            self.segment = nil
            self.hasFailedToSync = true
            throw error
        }
        self.unsynced = []
        self.durableThrough = last
    }

    /// Gives back what the last segment does not need.
    mutating func trim() throws(DiskFault) {
        guard let segment = self.segment else { return }
        try self.disk.truncate("\(self.folder)/\(segment.name.file)", to: segment.offset)
    }

    private mutating func segment(for frame: Frame) throws(DiskFault) -> (name: SegmentName, offset: Int) {
        if let segment = self.segment, segment.offset + frame.byteCount <= self.segmentByteCount { return segment }
        try self.sync()
        // What failed to sync has just been queued again, in front of `frame`.
        let first = self.queued.first?.first ?? frame.first
        let before = self.lastName.flatMap { $0.first == first ? $0.rewrite : nil }
        let rewrite = before.map { $0 &+ 1 } ?? (self.hasFailedToSync ? 1 : 0)
        let name = SegmentName(first: first, rewrite: rewrite)
        try self.disk.create("\(self.folder)/\(name.file)", byteCount: self.segmentByteCount)
        self.segment = (name, 0)
        self.lastName = name
        self.hasFailedToSync = false
        self.segmentsOpened += 1
        return (name, 0)
    }
}

/// What a stream's segments hold, as another process left them.
struct StreamScan: Sendable {
    var nextSequence: UInt64
    var chain: UsageChain
    /// Whether the record before `nextSequence` could be read.
    var isChainKnown: Bool
    var lost: [LostRange]
    /// Whether the last record says that there is no more.
    var isClosed: Bool
    var tail: (segment: SegmentName, offset: Int)?
    /// Those of the wanted attempts whose event is in the stream.
    var attempts: Set<AttemptKey>

    static var nothing: StreamScan {
        StreamScan(
            nextSequence: 1,
            chain: .start,
            isChainKnown: true,
            lost: [],
            isClosed: false,
            tail: nil,
            attempts: []
        )
    }

    /// Reads the stream from a number on. Numbers up to `acked` that are no longer there were taken away, not lost.
    init(
        _ folder: String,
        on disk: any SpoolDisk,
        acked: UInt64,
        from first: UInt64 = 1,
        looking wanted: Set<AttemptKey>
    ) throws(DiskFault) {
        self = .nothing
        var cursor = try StreamCursor(folder, on: disk, from: first)
        var hasRead = first == 1
        while let item = try cursor.next(through: .max - 1) {
            switch item {
            case .gap(let range):
                if let lost = LostRange(first: max(range.first, acked + 1), last: range.last) { self.note(lost) }
                self.isClosed = false
            case .frame(let frame):
                hasRead = true
                self.chain = frame.chain
                self.chain.append(frame.content)
                self.isClosed = frame.kind == .closed
                if frame.kind == .lost, let lost = LostRange(first: frame.first, last: frame.last) { self.note(lost) }
                if frame.kind == .event, !wanted.isEmpty, case .event(let event) = UsageCodec.decode(frame.content) {
                    let key = AttemptKey(event)
                    if wanted.contains(key) { self.attempts.insert(key) }
                }
            }
        }
        // Where no record is left, the acknowledged numbers and those before the last segment's first are still taken.
        self.nextSequence = max(cursor.expected, acked + 1, cursor.tail?.segment.first ?? 1)
        self.isChainKnown = self.nextSequence == cursor.expected && hasRead
        if let lost = LostRange(first: max(cursor.expected, acked + 1), last: self.nextSequence - 1) { self.note(lost) }
        self.tail = cursor.tail
    }

    /// More ranges than this say no more than one that holds them all.
    private static let lostRangesMax = 256

    private mutating func note(_ range: LostRange) {
        if let last = self.lost.last, last.last + 1 == range.first || self.lost.count >= Self.lostRangesMax,
            let joined = LostRange(first: last.first, last: range.last)
        {
            self.lost[self.lost.count - 1] = joined
        } else {
            self.lost.append(range)
        }
    }

    private init(
        nextSequence: UInt64,
        chain: UsageChain,
        isChainKnown: Bool,
        lost: [LostRange],
        isClosed: Bool,
        tail: (segment: SegmentName, offset: Int)?,
        attempts: Set<AttemptKey>
    ) {
        self.nextSequence = nextSequence
        self.chain = chain
        self.isChainKnown = isChainKnown
        self.lost = lost
        self.isClosed = isClosed
        self.tail = tail
        self.attempts = attempts
    }
}

/// What makes an attempt this one and no other.
struct AttemptKey: Hashable, Sendable {
    let exchange: ID<Exchange>
    let attempt: UInt32

    init(_ event: UsageEvent) {
        self.exchange = event.exchange
        self.attempt = event.attempt
    }
}
