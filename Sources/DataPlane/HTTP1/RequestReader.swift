internal import NIOCore

/// Bytes of a client's connection → requests (RFC 9112). It knows no channel: what was received is fed to it, and
/// parts are asked for until there are none.
///
/// After a flaw nothing more can be read, because nobody knows where the next request would begin.
struct RequestReader {
    private enum Place {
        case head(HeadReader)
        case body(BodyReader)
        case broken(HTTP1Flaw)
    }

    private var place = Place.head(HeadReader(mayBeginEmpty: true))
    private var pending = ByteBuffer()

    /// Bytes that were fed and belong to no part yet.
    var pendingBytes: Int { self.pending.readableBytes }

    /// Whether a request has begun and not ended.
    var isInside: Bool {
        switch self.place {
        case .head(let reader): !reader.isAtStart
        case .body: true
        case .broken: false
        }
    }

    mutating func feed(_ bytes: ByteBuffer) {
        if self.pending.readableBytes == 0 {
            self.pending = bytes
        } else {
            self.pending.writeImmutableBuffer(bytes)
        }
    }

    /// Nil where more bytes are needed.
    mutating func next() throws(HTTP1Flaw) -> RequestPart? {
        do throws(HTTP1Flaw) {
            switch self.place {
            case .head(let reader): return try self.readHead(reader)
            case .body(let reader): return try self.readBody(reader)
            case .broken(let flaw): throw flaw
            }
        } catch {
            self.place = .broken(error)
            self.pending = ByteBuffer()
            throw error
        }
    }

    private mutating func readHead(_ reader: HeadReader) throws(HTTP1Flaw) -> RequestPart? {
        guard self.pending.readableBytes > 0 else { return nil }
        var reader = reader
        let isWhole = try reader.read(self.pending.readableBytesUInt8Span)
        guard isWhole else {
            self.place = .head(reader)
            return nil
        }
        let start = try RequestLine(self.pending.text(reader.startLine))
        let fields = Fields(lines: self.pending.slice(reader.fieldLines), entries: reader.entries)
        try Self.checkHost(fields, isHTTP10: start.isHTTP10)
        let framing = try Framing(request: fields, isHTTP10: start.isHTTP10)
        self.pending.moveReaderIndex(forwardBy: reader.position)
        self.letGoIfEmpty()
        self.place = .body(BodyReader(framing.body))
        var head = RequestHead(method: start.method, target: start.target, fields: fields)
        head.takesChunks = !start.isHTTP10
        head.keepsAlive = framing.keepsAlive
        return .head(head)
    }

    private mutating func readBody(_ reader: BodyReader) throws(HTTP1Flaw) -> RequestPart? {
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
            self.place = .head(HeadReader(mayBeginEmpty: true))
            return .end
        }
    }

    /// What has been handed out is not held here as well.
    private mutating func letGoIfEmpty() {
        if self.pending.readableBytes == 0 { self.pending = ByteBuffer() }
    }

    /// One `host` in HTTP/1.1, that names a host: two readers could take the request for different ones.
    private static func checkHost(_ fields: Fields, isHTTP10: Bool) throws(HTTP1Flaw) {
        guard let index = fields.index(of: "host") else {
            if isHTTP10 { return }
            throw .host
        }
        guard fields.count(of: "host") == 1 else { throw .host }
        let name = fields.bytes(at: index).readableBytesUInt8Span
        for place in name.indices where !name[place].isHostByte { throw .host }
    }
}

extension ByteBuffer {
    /// `range` counts from the first readable byte and lies within them.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        self.getSlice(at: self.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    func text(_ range: Range<Int>) -> String {
        self.getString(at: self.readerIndex + range.lowerBound, length: range.count) ?? ""
    }
}
