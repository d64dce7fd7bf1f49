import NIOCore

/// The few fields of a message's head that say where its body ends, and what it is.
struct MessageHead: Hashable, Sendable {
    /// Of a reply; 0 for a request.
    var status = 0
    var contentLength: Int?
    var isChunked = false
    /// The sender will close the connection after this message.
    var isClosing = false
}

/// Finds heads in a stream of bytes, however these are cut.
///
/// Trusts its peer more than a gateway may: it reads what our own programs and nginx send, and looks at four fields.
struct HeadReader {
    struct Flaw: Error, Hashable {
        let text: String
    }

    private static let bytesMax = 64 << 10
    private static let newline = UInt8(ascii: "\n")

    /// The beginning of a head whose end has not come.
    private var begun = ByteBuffer()

    /// The next head, with what follows it left in `bytes`; nil if its end has yet to come.
    mutating func read(_ bytes: inout ByteBuffer) throws -> MessageHead? {
        if self.begun.readableBytes > 0 {
            self.begun.writeBuffer(&bytes)
            swap(&self.begun, &bytes)
            self.begun = ByteBuffer()
        }
        guard let length = Self.headLength(bytes.readableBytesUInt8Span) else {
            guard bytes.readableBytes <= Self.bytesMax else { throw Flaw(text: "a head of more than 64 KiB") }
            self.begun = bytes
            bytes.moveReaderIndex(to: bytes.writerIndex)
            return nil
        }
        let head = try Self.head(bytes.readableBytesUInt8Span.extracting(first: length))
        bytes.moveReaderIndex(forwardBy: length)
        return head
    }

    private static func headLength(_ bytes: Span<UInt8>) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == self.newline, bytes[index - 2] == self.newline { return index + 1 }
            index += 1
        }
        return nil
    }

    private static func head(_ bytes: Span<UInt8>) throws -> MessageHead {
        var head = MessageHead()
        var start = 0
        for index in 0..<bytes.count where bytes[index] == self.newline {
            let line = bytes.extracting(start..<max(start, index - 1))
            if start == 0 { head.status = self.status(line) } else { try self.field(line, &head) }
            start = index + 1
        }
        return head
    }

    /// `HTTP/1.1 200 OK`; 0 if the line is no status line.
    private static func status(_ line: Span<UInt8>) -> Int {
        guard line.count >= 12, self.isSame(line.extracting(first: 5), "http/") else { return 0 }
        return self.number(line.extracting(9..<12)) ?? 0
    }

    private static func field(_ line: Span<UInt8>, _ head: inout MessageHead) throws {
        switch line.count {
        case 16... where self.begins(line, "content-length:"):
            guard let length = self.number(line.extracting(droppingFirst: 15)) else {
                throw Flaw(text: "a content-length that is no number")
            }
            head.contentLength = length
        case 18... where self.begins(line, "transfer-encoding:"):
            head.isChunked = self.ends(line, "chunked")
        case 11... where self.begins(line, "connection:"):
            head.isClosing = self.ends(line, "close")
        default: return
        }
    }

    private static func begins(_ line: Span<UInt8>, _ text: StaticString) -> Bool {
        self.isSame(line.extracting(first: text.utf8CodeUnitCount), text)
    }

    private static func ends(_ line: Span<UInt8>, _ text: StaticString) -> Bool {
        self.isSame(line.extracting(last: text.utf8CodeUnitCount), text)
    }

    /// Whether `bytes` are `text`, which is in lower case, in any case.
    static func isSame(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        var index = 0
        return text.withUTF8Buffer { expected in
            while index < bytes.count {
                let byte = bytes[index]
                let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                guard unsafe (isUpper ? byte | 0x20 : byte) == expected[index] else { return false }
                index += 1
            }
            return true
        }
    }

    private static func number(_ bytes: Span<UInt8>) -> Int? {
        var number: Int?
        for index in 0..<bytes.count where bytes[index] != UInt8(ascii: " ") {
            let digit = Int(bytes[index]) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit), (number ?? 0) < 1 << 40 else { return nil }
            number = (number ?? 0) * 10 + digit
        }
        return number
    }
}
