package import Domain
package import NIOCore

/// Cuts a server-sent event stream into its blocks, as the HTML standard reads them: lines end with LF, CR or
/// CRLF, a byte order mark at the very start is skipped, a blank line ends a block.
///
/// However the bytes are cut on their way, the same blocks come out. A block that arrived in one buffer is a
/// slice of it; only blocks that were cut are copied, once. No byte is searched twice.
package struct EventScanner: Sendable {
    /// No block may be longer. Tokens are short; the longest that vendors send are whole images or audio clips.
    package static let eventLengthMax = 4 * 1024 * 1024

    private let eventLengthMax: Int
    private var pending = ByteBuffer()
    /// Whether `pending` is this scanner's own memory, of which no slice has been handed out since.
    private var isOwn = false
    private var lines = LineScanner()
    private var isAtStart = true
    private var block = Block()

    package init(eventLengthMax: Int = Self.eventLengthMax) { self.eventLengthMax = eventLengthMax }

    /// Of a block that has not ended yet.
    package var bytesHeld: Int { self.pending.readableBytes + self.block.bytesHeld }

    /// Takes the next bytes. Call `next` until it answers nil before giving more.
    package mutating func feed(_ bytes: ByteBuffer) {
        guard self.pending.readableBytes > 0 else {
            self.pending = bytes
            self.isOwn = false
            return
        }
        if !self.isOwn {
            // Writing to memory that slices share would copy all of it; what is left of it is short.
            var own = ByteBufferAllocator().buffer(capacity: self.pending.readableBytes + bytes.readableBytes)
            own.writeImmutableBuffer(self.pending)
            self.pending = own
            self.isOwn = true
        }
        self.pending.writeImmutableBuffer(bytes)
    }

    /// The next whole block, or nil until more bytes come.
    package mutating func next() throws(Fault) -> StreamEvent? {
        while let found = self.lines.next(in: self.pending) {
            let line = self.withoutMark(found)
            guard line.isEmpty else {
                self.block.take(line, of: self.pending)
                continue
            }
            return self.cut()
        }
        guard self.pending.readableBytes <= self.eventLengthMax else { throw .eventTooLong(self.eventLengthMax) }
        return nil
    }

    /// At the end of the stream: the block that was begun but not ended by a blank line, if any. Its last line may
    /// lack its end too.
    package mutating func rest() -> StreamEvent? {
        guard self.pending.readableBytes > 0 else { return nil }
        let last = self.withoutMark(self.lines.rest(in: self.pending))
        if !last.isEmpty { self.block.take(last, of: self.pending) }
        return self.cut()
    }

    private mutating func withoutMark(_ line: Range<Int>) -> Range<Int> {
        guard self.isAtStart else { return line }
        self.isAtStart = false
        let mark = self.pending.getSlice(at: self.pending.readerIndex + line.lowerBound, length: min(3, line.count))
        return mark == Self.byteOrderMark ? line.dropFirst(3) : line
    }

    private static let byteOrderMark = ByteBuffer(bytes: [0xEF, 0xBB, 0xBF])

    /// Hands out the bytes up to the next line as one block.
    private mutating func cut() -> StreamEvent? {
        let length = self.lines.cut()
        let event = self.block.event(self.pending, length: length)
        self.pending.moveReaderIndex(forwardBy: length)
        self.block = Block()
        self.isOwn = false
        return event
    }
}

extension Fault {
    fileprivate static func eventTooLong(_ lengthMax: Int) -> Fault {
        Fault(
            .upstreamError,
            from: .upstream,
            retry: .onAnotherModel,
            "The provider sent an event of more than \(lengthMax) bytes."
        )
    }
}

/// Finds the ends of lines in bytes that grow at their end and are cut off at their front.
private struct LineScanner: Sendable {
    /// Where the next line begins, and how far its end was looked for.
    private var start = 0
    private var searched = 0
    /// The last line ended with CR at the end of the bytes: an LF that comes next belongs to it.
    private var mayOweLF = false

    /// The next line without its end; nil until its end has come. A CR ends a line at once, so that nothing waits
    /// for an LF that may never come.
    mutating func next(in buffer: ByteBuffer) -> Range<Int>? {
        let bytes = buffer.readableBytesSpan
        self.skipOwedLF(in: bytes)
        guard let end = bytes.firstLineEnd(from: max(self.searched, self.start)) else {
            self.searched = bytes.byteCount
            return nil
        }
        let line = self.start..<end
        self.start = end + 1
        self.mayOweLF = bytes.byte(at: end) == UInt8(ascii: "\r")
        // Where the LF is here already, it goes with the line that it ends.
        self.skipOwedLF(in: bytes)
        self.searched = self.start
        return line
    }

    /// All bytes that are left, as a line without an end.
    mutating func rest(in buffer: ByteBuffer) -> Range<Int> {
        let bytes = buffer.readableBytesSpan
        self.skipOwedLF(in: bytes)
        defer { self.start = bytes.byteCount }
        return self.start..<bytes.byteCount
    }

    /// Forgets the lines so far and tells their length.
    mutating func cut() -> Int {
        defer {
            self.start = 0
            self.searched = 0
        }
        return self.start
    }

    private mutating func skipOwedLF(in bytes: RawSpan) {
        guard self.mayOweLF, self.start < bytes.byteCount else { return }
        self.mayOweLF = false
        if bytes.byte(at: self.start) == UInt8(ascii: "\n") { self.start += 1 }
    }
}

/// What the lines of a block have said so far, as ranges of its bytes.
private struct Block: Sendable {
    private var data: Range<Int>?
    /// Second and later `data` lines; most blocks have none.
    private var moreData: [Range<Int>] = []
    private var name: Range<Int>?
    private var id: Range<Int>?
    private var retry: Range<Int>?

    /// Many short lines of data take more memory here than they have bytes.
    var bytesHeld: Int { self.moreData.count * MemoryLayout<Range<Int>>.stride }

    mutating func take(_ line: Range<Int>, of buffer: ByteBuffer) {
        let bytes = buffer.readableBytesSpan
        let colon = bytes.firstColon(in: line) ?? line.upperBound
        var value = min(colon + 1, line.upperBound)..<line.upperBound
        if !value.isEmpty, bytes.byte(at: value.lowerBound) == UInt8(ascii: " ") { value = value.dropFirst() }
        let field = line.lowerBound..<colon
        if bytes.equals("data", in: field) {
            if self.data == nil { self.data = value } else { self.moreData.append(value) }
        } else if bytes.equals("event", in: field) {
            self.name = value
        } else if bytes.equals("id", in: field) {
            if !bytes.contains(0, in: value) { self.id = value }
        } else if bytes.equals("retry", in: field) {
            if !value.isEmpty, bytes.isDigits(in: value) { self.retry = value }
        }
    }

    func event(_ buffer: ByteBuffer, length: Int) -> StreamEvent? {
        let start = buffer.readerIndex
        guard let raw = buffer.getSlice(at: start, length: length) else { return nil }
        func slice(_ range: Range<Int>) -> ByteBuffer? {
            raw.getSlice(at: raw.readerIndex + range.lowerBound, length: range.count)
        }
        var data = self.data.flatMap(slice)
        for range in self.moreData {
            data?.writeStaticString("\n")
            data?.writeImmutableBuffer(slice(range) ?? ByteBuffer())
        }
        return StreamEvent(
            raw: raw,
            data: data,
            // An empty `event` line means the default name again.
            name: self.name.flatMap(slice).map { String(buffer: $0) }.flatMap { $0.isEmpty ? nil : $0 },
            id: self.id.flatMap(slice).map { String(buffer: $0) },
            retry: self.retry.flatMap(slice).map { String(buffer: $0) }
        )
    }
}
