internal import NIOCore

/// Bytes of a provider's connection → replies (RFC 9112). Interim replies are dropped; `HEAD` and `CONNECT` are never
/// asked here, so a reply's own head says whether it has a body.
struct ReplyReader {
    private enum Place {
        case head(HeadReader)
        case body(BodyReader)
        case broken(HTTP1Flaw)
    }

    private var place = Place.head(HeadReader())
    private var pending = ByteBuffer()
    private var interims = 0

    var pendingBytes: Int { self.pending.readableBytes }

    mutating func feed(_ bytes: ByteBuffer) {
        if self.pending.readableBytes == 0 {
            self.pending = bytes
        } else {
            self.pending.writeImmutableBuffer(bytes)
        }
    }

    /// Nil where more bytes are needed.
    mutating func next() throws(HTTP1Flaw) -> ReplyPart? {
        do throws(HTTP1Flaw) {
            while case .head(let reader) = self.place {
                guard let part = try self.readHead(reader) else { return nil }
                if let part = part.final { return part }
            }
            switch self.place {
            case .body(let reader): return try self.readBody(reader)
            case .broken(let flaw): throw flaw
            case .head: return nil
            }
        } catch {
            self.place = .broken(error)
            self.pending = ByteBuffer()
            throw error
        }
    }

    /// The connection has ended. True where that was the reply's own end; a flaw where it cut one short.
    mutating func finish() throws(HTTP1Flaw) -> Bool {
        switch self.place {
        case .head(let reader):
            guard reader.isAtStart else { throw .cut }
            return false
        case .body(let reader):
            guard reader.endsWithConnection else { throw .cut }
            self.place = .head(HeadReader())
            return true
        case .broken(let flaw): throw flaw
        }
    }

    private struct Head {
        /// Nil for an interim reply.
        let final: ReplyPart?
    }

    private mutating func readHead(_ reader: HeadReader) throws(HTTP1Flaw) -> Head? {
        guard self.pending.readableBytes > 0 else { return nil }
        var reader = reader
        let isWhole = try reader.read(self.pending.readableBytesUInt8Span)
        guard isWhole else {
            self.place = .head(reader)
            return nil
        }
        let start = try StatusLine(self.pending.text(reader.startLine))
        let fields = Fields(lines: self.pending.slice(reader.fieldLines), entries: reader.entries)
        self.pending.moveReaderIndex(forwardBy: reader.position)
        guard start.status >= 200 else {
            try self.passOver(start.status)
            return Head(final: nil)
        }
        self.interims = 0
        let framing = try Framing(reply: fields, status: start.status, isHTTP10: start.isHTTP10)
        self.place = .body(BodyReader(framing.body))
        var head = ReplyHead(status: start.status, fields: fields)
        head.isDelimited = framing.body != .untilClose
        head.keepsAlive = framing.keepsAlive
        return Head(final: .head(head))
    }

    /// `101` would make this another protocol, which nobody asked for.
    private mutating func passOver(_ status: Int) throws(HTTP1Flaw) {
        self.interims += 1
        guard status != 101, self.interims <= HTTP1Bounds.interimRepliesMax else { throw .startLine }
        self.place = .head(HeadReader())
    }

    private mutating func readBody(_ reader: BodyReader) throws(HTTP1Flaw) -> ReplyPart? {
        var reader = reader
        let step = try reader.next(&self.pending)
        if self.pending.readableBytes == 0 { self.pending = ByteBuffer() }
        switch step {
        case .bytes(let bytes):
            self.place = .body(reader)
            return .body(bytes)
        case .wait:
            self.place = .body(reader)
            return nil
        case .end:
            self.place = .head(HeadReader())
            return .end
        }
    }
}
