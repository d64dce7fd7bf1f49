import NIOCore

/// What the light mode looks at in a request.
struct LightRequest: Hashable, Sendable {
    var model: String
    var isStream: Bool
    var isClosing: Bool
}

/// Follows requests on one connection without keeping their bodies.
struct LightRequestReader {
    /// A body's fields are looked for in its first bytes: whoever sends 100 KB sends the messages last.
    private static let openingMax = 512

    private var heads = HeadReader()
    private var head: MessageHead?
    private var opening = ByteBuffer()
    private var left = 0

    /// Reads on; the result is the request that `bytes` complete, if they do. What follows it is left in `bytes`.
    mutating func read(_ bytes: inout ByteBuffer) throws -> LightRequest? {
        if self.head == nil {
            guard let head = try self.heads.read(&bytes) else { return nil }
            guard !head.isChunked else { throw HeadReader.Flaw(text: "the light mode takes no chunked requests") }
            self.head = head
            self.left = head.contentLength ?? 0
            self.opening.clear()
        }
        let count = min(self.left, bytes.readableBytes)
        let kept = min(count, Self.openingMax - self.opening.readableBytes)
        if kept > 0, let part = bytes.getSlice(at: bytes.readerIndex, length: kept) {
            self.opening.writeImmutableBuffer(part)
        }
        bytes.moveReaderIndex(forwardBy: count)
        self.left -= count
        guard self.left == 0, let head = self.head else { return nil }
        self.head = nil
        return LightRequest(
            model: Self.model(in: self.opening.readableBytesUInt8Span),
            isStream: Self.end(of: "\"stream\":true", in: self.opening.readableBytesUInt8Span) != nil,
            isClosing: head.isClosing
        )
    }

    private static func model(in bytes: Span<UInt8>) -> String {
        guard let start = self.end(of: "\"model\":\"", in: bytes) else { return "" }
        var model = ""
        for index in start..<bytes.count where bytes[index] != UInt8(ascii: "\"") {
            model.unicodeScalars.append(UnicodeScalar(bytes[index]))
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") { break }
        }
        return model
    }

    /// Where the first `text` in `bytes` ends.
    private static func end(of text: StaticString, in bytes: Span<UInt8>) -> Int? {
        let length = text.utf8CodeUnitCount
        guard bytes.count >= length else { return nil }
        for start in 0...(bytes.count - length) where bytes[start] == UInt8(ascii: "\"") {
            if HeadReader.isSame(bytes.extracting(start..<(start + length)), text) { return start + length }
        }
        return nil
    }
}
