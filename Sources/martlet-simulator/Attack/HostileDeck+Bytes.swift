/// Bytes that are no request, and other protocols.
extension HostileDeck {
    mutating func randomBytes() -> [UInt8] {
        let count = self.number(in: 1..<2_000)
        return (self.number(in: 0..<3) == 0 ? Array("POST /v1/chat/completions HTTP/1.1\r\n".utf8) : [])
            + self.bytes(count)
    }

    /// Whatever it becomes, its key is none.
    mutating func spoilt() -> [UInt8] {
        var bytes = self.caller.post(self.caller.body, key: HostileCaller.wrongKey)
        for _ in 0..<self.number(in: 1..<6) where bytes.count > 4 {
            let place = self.number(in: 0..<bytes.count)
            let length = min(self.number(in: 1..<20), bytes.count - place)
            switch self.number(in: 0..<6) {
            case 0: bytes.removeSubrange(place..<(place + length))
            case 1: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 2: bytes[place] = UInt8.random(in: 0...255, using: &self.generator)
            case 3: bytes[place] ^= 0x20
            case 4: bytes.removeSubrange(max(place, 1)...)
            default: bytes.insert(contentsOf: Array("\r\n".utf8), at: place)
            }
        }
        return bytes
    }

    mutating func foreign() -> HostileRequest {
        let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
        let words = self.one(of: Self.words, or: "HELP\r\n")
        return switch self.number(in: 0..<4) {
        case 0: HostileRequest(.foreign, hello + self.bytes(500), .closed)
        case 1: HostileRequest(.foreign, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .closed)
        default: HostileRequest(.foreign, words, .halfClosed)
        }
    }

    private static let words = [
        "SSH-2.0-OpenSSH_9.2p1\r\n", "EHLO mail.test\r\nMAIL FROM:<a@b>\r\n", "USER root\r\nPASS x\r\n",
        "OPTIONS rtsp://a/ RTSP/1.0\r\nCSeq: 1\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\n\r\n", "*1\r\n$4\r\nPING\r\n",
        "get a\r\n", "\u{5}\u{1}\u{0}", "\u{4}\u{1}\u{0}P\u{0}\u{0}\u{0}\u{1}\u{0}", "GET /\r\n",
        "GET / HTTP/0.9\r\n\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "\r\n\r\n\u{0}\r\nQUIT\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "data: [DONE]\n\n", "{\"jsonrpc\":\"2.0\"}\n",
    ]
}
