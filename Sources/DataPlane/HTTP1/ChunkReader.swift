internal import NIOCore

/// Reads a body in chunks (RFC 9112, 7.1). Extensions are checked and dropped, trailer fields too.
///
/// An extension is `;name`, `;name=value` or `;name="value"`, without spaces.
struct ChunkReader {
    private enum Place {
        case size
        case extensionName
        case extensionValue
        case quoted
        /// In a quoted value, after a backslash.
        case quotedPair
        case quotedEnd
        case lineEnd
        case data
        case dataEnd
        case dataLineEnd
        case trailer(HeadReader)
        case end
    }

    /// More digits than these make a chunk that no bound of ours lets through, and could overflow.
    private static let digitsMax = 15

    private var place = Place.size
    private var left = 0
    private var digits = 0
    /// Bytes of the present line.
    private var lineBytes = 0
    /// Bytes of extensions and trailers so far.
    private var extras = 0
    /// Of the name or value of an extension.
    private var tokenBytes = 0

    mutating func next(_ pending: inout ByteBuffer) throws(HTTP1Flaw) -> BodyReader.Step {
        while pending.readableBytes > 0 {
            switch self.place {
            case .data:
                guard let bytes = pending.readSlice(length: min(self.left, pending.readableBytes)) else { return .wait }
                self.left -= bytes.readableBytes
                if self.left == 0 { self.place = .dataEnd }
                return .bytes(bytes)
            case .trailer(let reader):
                guard try self.readTrailer(reader, &pending) else { return .wait }
            case .end: return .end
            case .size, .extensionName, .extensionValue, .quoted, .quotedPair, .quotedEnd, .lineEnd, .dataEnd,
                .dataLineEnd:
                guard let byte: UInt8 = pending.readInteger() else { return .wait }
                try self.take(byte)
            }
        }
        if case .end = self.place { return .end }
        return .wait
    }

    private mutating func take(_ byte: UInt8) throws(HTTP1Flaw) {
        self.lineBytes += 1
        guard self.lineBytes <= HTTP1Bounds.chunkLineBytesMax else { throw .chunk }
        switch self.place {
        case .size: try self.takeSize(byte)
        case .extensionName, .extensionValue: try self.takeExtension(byte)
        case .quoted: try self.takeQuoted(byte)
        case .quotedPair:
            guard byte == .tab || byte >= 0x20 && byte != 0x7F else { throw .chunk }
            self.place = .quoted
        case .quotedEnd: try self.endExtension(byte)
        case .lineEnd: try self.endSizeLine(byte)
        case .dataEnd:
            guard byte == .carriageReturn else { throw .chunk }
            self.place = .dataLineEnd
        case .dataLineEnd:
            guard byte == .lineFeed else { throw .chunk }
            self.startSize()
        case .data, .trailer, .end: break
        }
    }

    private mutating func startSize() {
        self.place = .size
        self.left = 0
        self.digits = 0
        self.lineBytes = 0
    }

    private mutating func takeSize(_ byte: UInt8) throws(HTTP1Flaw) {
        if let digit = byte.hexadecimal {
            guard self.digits < Self.digitsMax else { throw .chunk }
            self.digits += 1
            self.left = self.left << 4 | Int(digit)
        } else {
            guard self.digits > 0 else { throw .chunk }
            try self.endExtension(byte)
        }
    }

    /// Behind the size, an extension's name, or its value.
    private mutating func endExtension(_ byte: UInt8) throws(HTTP1Flaw) {
        switch byte {
        case UInt8(ascii: ";"):
            self.tokenBytes = 0
            self.place = .extensionName
        case .carriageReturn: self.place = .lineEnd
        default: throw .chunk
        }
    }

    private mutating func takeExtension(_ byte: UInt8) throws(HTTP1Flaw) {
        self.extras += 1
        guard self.extras <= HTTP1Bounds.chunkExtrasBytesMax else { throw .chunk }
        if byte.isTokenByte {
            self.tokenBytes += 1
            return
        }
        if case .extensionValue = self.place {
            if byte == UInt8(ascii: "\""), self.tokenBytes == 0 {
                self.place = .quoted
                return
            }
        } else if byte == UInt8(ascii: "="), self.tokenBytes > 0 {
            self.tokenBytes = 0
            self.place = .extensionValue
            return
        }
        guard self.tokenBytes > 0 else { throw .chunk }
        try self.endExtension(byte)
    }

    private mutating func takeQuoted(_ byte: UInt8) throws(HTTP1Flaw) {
        self.extras += 1
        guard self.extras <= HTTP1Bounds.chunkExtrasBytesMax else { throw .chunk }
        switch byte {
        case UInt8(ascii: "\""): self.place = .quotedEnd
        case UInt8(ascii: "\\"): self.place = .quotedPair
        case .tab, 0x20...0x7E, 0x80...: break
        default: throw .chunk
        }
    }

    private mutating func endSizeLine(_ byte: UInt8) throws(HTTP1Flaw) {
        guard byte == .lineFeed else { throw .chunk }
        self.lineBytes = 0
        self.place = self.left > 0 ? .data : .trailer(HeadReader(hasStartLine: false))
    }

    // MARK: - Trailers

    /// False where more bytes are needed.
    private mutating func readTrailer(_ reader: HeadReader, _ pending: inout ByteBuffer) throws(HTTP1Flaw) -> Bool {
        var reader = reader
        let isWhole: Bool
        do throws(HTTP1Flaw) { isWhole = try reader.read(pending.readableBytesUInt8Span) } catch { throw .trailer }
        guard self.extras + reader.position <= HTTP1Bounds.chunkExtrasBytesMax else { throw .trailer }
        guard isWhole else {
            self.place = .trailer(reader)
            return false
        }
        guard let lines = pending.readSlice(length: reader.position) else { return false }
        let fields = Fields(lines: lines, entries: reader.entries)
        // These decide how a message is read: behind it they could only contradict.
        let names: [FieldName] = ["transfer-encoding", "content-length", "host", "connection"]
        for name in names where fields.index(of: name) != nil {
            throw .trailer
        }
        self.place = .end
        return true
    }
}
