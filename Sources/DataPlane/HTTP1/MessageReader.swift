internal import NIOCore

typealias RequestReader = MessageReader<RequestHead>
typealias ReplyReader = MessageReader<ReplyHead>

/// A head that can be read: what its start line and fields come to.
protocol ReadableHead {
    /// Some senders end a body with a line end too many, which then stands before the next head.
    static var mayFollowEmptyLine: Bool { get }

    /// `head` is nil for an interim one, which is passed over.
    static func read(_ startLine: Span<UInt8>, _ fields: Fields) throws(HTTP1Flaw) -> (head: Self?, body: Framing.Body)
}

/// Bytes of one connection → the messages that its peer sends (RFC 9112). It knows no channel: what was received is
/// fed to it, and parts are asked for until there are none.
///
/// After a flaw nothing more can be read, because nobody knows where the next message would begin.
struct MessageReader<Head: ReadableHead> {
    private enum Place {
        case head(HeadReader)
        case body(BodyReader)
        case broken(HTTP1Flaw)

        static var start: Place { .head(HeadReader(mayBeginEmpty: Head.mayFollowEmptyLine)) }
    }

    private var place = Place.start
    private var pending = ByteBuffer()
    /// Interim heads before the present one.
    private var interims = 0

    /// Bytes that were fed and belong to no part yet.
    var pendingBytes: Int { self.pending.readableBytes }

    mutating func feed(_ bytes: ByteBuffer) {
        if self.pending.readableBytes == 0 {
            self.pending = bytes
        } else {
            self.pending.writeImmutableBuffer(bytes)
        }
    }

    /// Nil where more bytes are needed.
    mutating func next() throws(HTTP1Flaw) -> MessagePart<Head>? {
        do throws(HTTP1Flaw) {
            while true {
                switch self.place {
                case .head(let reader):
                    switch try self.readHead(reader) {
                    case .wait: return nil
                    case .interim: continue
                    case .final(let head): return .head(head)
                    }
                case .body(let reader): return try self.readBody(reader)
                case .broken(let flaw): throw flaw
                }
            }
        } catch {
            self.place = .broken(error)
            self.pending = ByteBuffer()
            throw error
        }
    }

    /// The connection has ended. True where that was the message's own end; a flaw where it cut one short.
    mutating func finish() throws(HTTP1Flaw) -> Bool {
        switch self.place {
        case .head(let reader):
            guard reader.isAtStart else { throw .cut }
            return false
        case .body(let reader):
            guard reader.endsWithConnection else { throw .cut }
            self.place = .start
            return true
        case .broken(let flaw): throw flaw
        }
    }

    private enum HeadStep {
        case wait
        case interim
        case final(Head)
    }

    private mutating func readHead(_ reader: HeadReader) throws(HTTP1Flaw) -> HeadStep {
        guard self.pending.readableBytes > 0 else { return .wait }
        var reader = reader
        guard try reader.read(self.pending.readableBytesUInt8Span) else {
            self.place = .head(reader)
            return .wait
        }
        let fields = Fields(lines: self.pending.slice(reader.fieldLines), entries: reader.entries)
        let (head, body) = try Head.read(self.pending.readableBytesUInt8Span.extracting(reader.startLine), fields)
        self.pending.moveReaderIndex(forwardBy: reader.position)
        self.letGoIfEmpty()
        guard let head else {
            self.interims += 1
            guard self.interims <= HTTP1Bounds.interimRepliesMax else { throw .startLine }
            self.place = .start
            return .interim
        }
        self.interims = 0
        self.place = .body(BodyReader(body))
        return .final(head)
    }

    private mutating func readBody(_ reader: BodyReader) throws(HTTP1Flaw) -> MessagePart<Head>? {
        var reader = reader
        let step = try reader.next(&self.pending)
        self.letGoIfEmpty()
        switch step {
        case .bytes(let bytes):
            self.place = .body(reader)
            return .body(bytes)
        case .wait:
            self.place = .body(reader)
            return nil
        case .end:
            self.place = .start
            return .end
        }
    }

    /// What has been handed out is not held here as well.
    private mutating func letGoIfEmpty() {
        if self.pending.readableBytes == 0 { self.pending = ByteBuffer() }
    }
}

extension ByteBuffer {
    /// `range` counts from the first readable byte and lies within them.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        self.getSlice(at: self.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
