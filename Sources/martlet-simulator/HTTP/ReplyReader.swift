import NIOCore

/// Follows replies on one connection: where each ends, and what its body holds.
///
/// A value; it is told the bytes as they come, cut anywhere.
struct ReplyReader {
    struct Reply: Hashable, Sendable {
        var head: MessageHead
        /// Server-sent events in the body, the end marker included.
        var events = 0
        var hasEndMarker = false
    }

    private enum Place {
        case head
        case body(left: Int)
        case untilClose
        case chunkSize(so: Int)
        case chunk(left: Int)
        /// After the last chunk: lines up to an empty one.
        case trailer(isEmpty: Bool)
    }

    private var place = Place.head
    private var heads = HeadReader()
    private var events = EventCounter()
    private var head = MessageHead()

    /// Events of the reply that is being read.
    var eventsSoFar: Int { self.events.count }

    /// Reads on; the result is the reply that `bytes` complete, if they do. What follows it is left in `bytes`.
    mutating func read(_ bytes: inout ByteBuffer) throws -> Reply? {
        while bytes.readableBytes > 0 {
            switch self.place {
            case .head:
                guard let head = try self.heads.read(&bytes) else { return nil }
                guard head.status >= 200 else {
                    guard head.status >= 100 else { throw HeadReader.Flaw(text: "no status line") }
                    continue
                }
                self.begin(head)
                if case .body(left: 0) = self.place { return self.complete() }
            case .body(let left):
                let taken = self.take(left, &bytes)
                self.place = .body(left: left - taken)
                if taken == left { return self.complete() }
            case .untilClose: _ = self.take(Int.max, &bytes)
            case .chunkSize(let size): try self.readSize(size, &bytes)
            case .chunk(let left):
                // The line end after a chunk is of it, but not of the body.
                let taken = self.take(max(0, left - 2), &bytes)
                let skipped = min(left - taken, 2, bytes.readableBytes)
                if left - taken <= 2 { bytes.moveReaderIndex(forwardBy: skipped) }
                let rest = left - taken - (left - taken <= 2 ? skipped : 0)
                self.place = rest == 0 ? .chunkSize(so: 0) : .chunk(left: rest)
            case .trailer(let isEmpty):
                if self.readTrailer(isEmpty, &bytes) { return self.complete() }
            }
        }
        return nil
    }

    /// The peer has closed: the reply that ends with this, if one does.
    mutating func close() -> Reply? {
        guard case .untilClose = self.place else { return nil }
        return self.complete()
    }

    private mutating func begin(_ head: MessageHead) {
        self.head = head
        if head.isChunked {
            self.place = .chunkSize(so: 0)
        } else if let length = head.contentLength {
            self.place = .body(left: length)
        } else {
            self.place = head.status == 204 || head.status == 304 ? .body(left: 0) : .untilClose
        }
    }

    private mutating func take(_ count: Int, _ bytes: inout ByteBuffer) -> Int {
        let count = min(count, bytes.readableBytes)
        self.events.add(bytes.readableBytesUInt8Span.extracting(first: count))
        bytes.moveReaderIndex(forwardBy: count)
        return count
    }

    private mutating func readSize(_ begun: Int, _ bytes: inout ByteBuffer) throws {
        var size = begun
        while let byte: UInt8 = bytes.readInteger() {
            switch byte {
            case UInt8(ascii: "\n"):
                self.place = size == 0 ? .trailer(isEmpty: true) : .chunk(left: size + 2)
                return
            case UInt8(ascii: "\r"): continue
            default:
                guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, size < 1 << 40 else {
                    throw HeadReader.Flaw(text: "a chunk size that is no number")
                }
                size = size * 16 + digit
            }
        }
        self.place = .chunkSize(so: size)
    }

    private mutating func readTrailer(_ begunEmpty: Bool, _ bytes: inout ByteBuffer) -> Bool {
        var isEmpty = begunEmpty
        while let byte: UInt8 = bytes.readInteger() {
            if byte == UInt8(ascii: "\n") {
                if isEmpty { return true }
                isEmpty = true
            } else if byte != UInt8(ascii: "\r") {
                isEmpty = false
            }
        }
        self.place = .trailer(isEmpty: isEmpty)
        return false
    }

    private mutating func complete() -> Reply {
        let reply = Reply(head: self.head, events: self.events.count, hasEndMarker: self.events.hasEndMarker)
        self.place = .head
        self.events = EventCounter()
        return reply
    }
}
