internal import NIOCore

/// What a proxy answers to `CONNECT`, as pure state: bytes in, a verdict out.
///
/// Strict, as what follows is another connection: one head of at most `bytesMax`, lines that end in CR LF, status 200
/// and nothing else. Its fields are read past; a body cannot follow (RFC 9110, 9.3.6), whatever they say.
struct TunnelReply {
    static let bytesMax = 8 * 1_024

    enum Verdict: Equatable {
        case more
        /// The tunnel stands; these bytes are the provider's own.
        case open(rest: ByteBuffer)
        case failed(ConnectFailure)
    }

    private var head: [UInt8] = []

    mutating func take(_ bytes: ByteBuffer) -> Verdict {
        var bytes = bytes
        while let byte = bytes.readInteger(as: UInt8.self) {
            guard self.head.count < Self.bytesMax else { return .failed(.proxyRefused(status: nil)) }
            self.head.append(byte)
            if byte == UInt8(ascii: "\n"), self.head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                return Self.verdict(on: self.head, rest: bytes)
            }
        }
        return .more
    }

    private static func verdict(on head: [UInt8], rest: ByteBuffer) -> Verdict {
        let lines = head.dropLast(4).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let isWellFormed = lines.enumerated().allSatisfy { index, line in
            // The last line has lost its CR LF already.
            let text = index == lines.count - 1 ? line : line.dropLast()
            let endsWell = index == lines.count - 1 || line.last == UInt8(ascii: "\r")
            return endsWell && !text.contains(UInt8(ascii: "\r")) && (index == 0 || Self.isField(text))
        }
        guard isWellFormed, let first = lines.first, let status = Self.status(first) else {
            return .failed(.proxyRefused(status: nil))
        }
        switch status {
        case 200: return .open(rest: rest)
        case 407: return .failed(.proxyUnauthorized)
        default: return .failed(.proxyRefused(status: status))
        }
    }

    /// `HTTP/1.1 200 Connection established`
    private static func status(_ line: ArraySlice<UInt8>) -> Int? {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        let versions = ["HTTP/1.1 ", "HTTP/1.0 "]
        guard versions.contains(where: { line.starts(with: $0.utf8) }) else { return nil }
        let rest = line.dropFirst(9)
        let digits = rest.prefix(3)
        guard digits.count == 3, digits.allSatisfy(Self.isDigit),
            rest.count == 3 || rest.dropFirst(3).first == UInt8(ascii: " ")
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isField(_ line: ArraySlice<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return false }
        return line[..<colon].allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
