import Domain

/// Reads a stream's records from a number on, in order, out of its segments.
///
/// What cannot be read comes out as a gap with its numbers, never as silence; a record that stands in two segments
/// (because its first fsync failed) comes out once.
struct StreamCursor {
    /// What is read at a time. A sender that keeps up reads few records and the blank space behind them.
    private static let windowByteCount = 64 * 1_024

    private let disk: any SpoolDisk
    private let folder: String
    private var segments: [SegmentName]
    private var index: Int
    private var offset = 0
    private var window: [UInt8] = []
    private var windowOffset = 0
    /// The number that comes next.
    private(set) var expected: UInt64
    /// Where the last segment's records end, as far as it was read.
    private(set) var tail: (segment: SegmentName, offset: Int)?

    init(_ folder: String, on disk: any SpoolDisk, from expected: UInt64) throws(DiskFault) {
        self.disk = disk
        self.folder = folder
        self.expected = expected
        self.segments = try Self.segments(of: folder, on: disk)
        self.index = self.segments.lastIndex { $0.first <= expected } ?? 0
        // What was to be written again may not have been: the segment whose fsync failed is asked first.
        while self.index > 0, self.segments[self.index].rewrite > 0 { self.index -= 1 }
        if let last = self.segments.last { self.tail = (last, 0) }
    }

    private static func segments(
        of folder: String,
        on disk: any SpoolDisk
    ) throws(DiskFault) -> [SegmentName] {
        try disk.names(in: folder).compactMap(SegmentName.init(file:)).sorted()
    }

    /// After `next` found nothing more: learns of segments that were begun since, and goes on where it stopped. False
    /// where the stream has changed behind it, so that only a new cursor finds its place.
    mutating func lookAgain() throws(DiskFault) -> Bool {
        guard self.segments.indices.contains(self.index) else { return false }
        let segments = try Self.segments(of: self.folder, on: self.disk)
        guard let place = segments.firstIndex(of: self.segments[self.index]),
            segments[place...].dropFirst().allSatisfy({ $0.rewrite == 0 })
        else { return false }
        self.segments = segments
        self.index = place
        return true
    }

    enum Item: Hashable, Sendable {
        case frame(Frame)
        case gap(LostRange)
    }

    /// The next record or gap whose numbers begin at `limit` at most; nil where there is none.
    mutating func next(through limit: UInt64) throws(DiskFault) -> Item? {
        // Behind the last record there is blank space, which would be searched to its end.
        while self.index < self.segments.count, self.expected <= limit {
            guard let (frame, offset) = try self.frame() else {
                // At the end of the last segment it stays, because more is written there.
                guard self.index + 1 < self.segments.count else { return nil }
                self.index += 1
                self.offset = 0
                self.window = []
                continue
            }
            if frame.last < self.expected {
                self.pass(frame, at: offset)
                continue
            }
            if frame.first <= self.expected {
                self.pass(frame, at: offset)
                self.expected = frame.last + 1
                return .frame(frame)
            }
            if let rewritten = self.segments.lastIndex(where: { $0.first <= self.expected }), rewritten > self.index {
                self.index += 1
                self.offset = 0
                self.window = []
                continue
            }
            guard let gap = LostRange(first: self.expected, last: min(frame.first - 1, limit))
            else { return nil }
            self.expected = gap.last + 1
            return .gap(gap)
        }
        return nil
    }

    private mutating func pass(_ frame: Frame, at offset: Int) {
        self.offset = offset + frame.byteCount
        if self.index == self.segments.count - 1 { self.tail = (self.segments[self.index], self.offset) }
    }

    /// The frame at the offset, or the next one that can be read after it in this segment.
    private mutating func frame() throws(DiskFault) -> (frame: Frame, offset: Int)? {
        if let frame = Frame.decode(self.window, at: self.offset - self.windowOffset) { return (frame, self.offset) }
        let path = "\(self.folder)/\(self.segments[self.index].file)"
        self.window = try self.disk.read(path, at: self.offset, atMost: Self.windowByteCount)
        self.windowOffset = self.offset
        if let frame = Frame.decode(self.window, at: 0) { return (frame, self.offset) }
        let rest = max(0, try self.disk.status(of: path).byteCount - self.offset)
        let bytes = rest > self.window.count ? try self.disk.read(path, at: self.offset, atMost: rest) : self.window
        return Frame.next(in: bytes, from: 0).map { ($0.frame, self.offset + $0.offset) }
    }
}
