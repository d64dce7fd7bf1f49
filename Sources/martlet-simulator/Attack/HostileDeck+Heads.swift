/// Heads that two readers would end at different places, and requests that are too much, too little or too slow.
extension HostileDeck {
    /// With a good request behind it, which must not be taken for one.
    mutating func smuggling() -> [UInt8] {
        let text: String =
            switch self.number(in: 0..<10) {
            case 0..<5: self.caller.head() + self.one(of: HostileHeads.fields, or: "x y: z\r\n\r\n")
            case 5..<8:
                self.caller.head("POST /v1/chat/completions HTTP/1.1", "transfer-encoding: chunked\r\n\r\n")
                    + self.one(of: HostileHeads.chunks, or: "x\r\n")
            case 8: self.caller.head(self.one(of: HostileHeads.lines, or: "POST")) + "content-length: 2\r\n\r\n{}"
            default: self.withoutHost()
            }
        return Array((text + self.caller.goodRequest).utf8)
    }

    private mutating func withoutHost() -> String {
        let host = self.one(of: ["", "host: a b\r\n", "host: a, b\r\n", "host: u@a\r\n", "host: a/b\r\n"], or: "")
        return
            "POST /v1/chat/completions HTTP/1.1\r\n\(host)x-api-key: \(self.caller.key)\r\ncontent-length: 2\r\n\r\n{}"
    }

    mutating func cut() -> HostileRequest {
        let whole = self.caller.post(self.caller.body)
        let kept = Array(whole.prefix(self.number(in: 1..<whole.count)))
        let endings: [HostileRequest.Ending] = [
            .halfClosed, .dropped(withReset: false), .dropped(withReset: true),
        ]
        return HostileRequest(.cut, kept, self.one(of: endings, or: .halfClosed))
    }

    mutating func oversized() -> HostileRequest {
        let line = String(repeating: "a", count: self.number(in: 33 << 10..<100 << 10))
        let fields = String(repeating: "x: y\r\n", count: self.number(in: 300..<3_000))
        switch self.number(in: 0..<60) {
        case 0: return HostileRequest(.oversized, self.longBody(), .closed)
        case 1..<15: return HostileRequest(.oversized, self.caller.head() + "x: \(line)\r\n\r\n", .closed)
        case 15..<30: return HostileRequest(.oversized, self.caller.head() + "\(fields)\r\n", .closed)
        case 30..<40: return HostileRequest(.oversized, self.caller.head("POST /\(line) HTTP/1.1") + "\r\n", .closed)
        default:
            let length = self.number(in: (8 << 20) + 1..<1 << 50)
            return HostileRequest(.oversized, self.caller.head() + "content-length: \(length)\r\n\r\n{", .closed)
        }
    }

    /// More than 8 MiB in chunks, which no length announces. Made once: an attacker that is busy attacks less.
    private static let longChunks: [UInt8] = {
        var chunks: [UInt8] = []
        for _ in 0..<9 {
            chunks += Array("100000\r\n".utf8)
            chunks += repeatElement(UInt8(ascii: " "), count: 1 << 20)
            chunks += Array("\r\n".utf8)
        }
        return chunks
    }()

    private func longBody() -> [UInt8] {
        Array("\(self.caller.head())transfer-encoding: chunked\r\n\r\n".utf8) + Self.longChunks
    }

    /// A byte at a time, and gone in the middle or with a bad end.
    mutating func slow() -> HostileRequest {
        let whole = self.caller.post(self.brokenBody().prefix(100) + [UInt8(ascii: "{")])
        let isWhole = self.number(in: 0..<2) == 0
        let count = isWhole ? whole.count : self.number(in: 1..<whole.count)
        var request = HostileRequest(
            .slow,
            Array(whole.prefix(count)),
            isWhole ? .replies(1) : .dropped(withReset: false)
        )
        request.pace = Int64(self.number(in: 1..<20))
        return request
    }

    mutating func pipelined() -> HostileRequest {
        let good = self.number(in: 1..<9)
        let behind = self.request(self.one(of: [.bodies, .smuggling, .keys, .paths], or: .bodies))
        let ending: HostileRequest.Ending =
            if case .replies(let count) = behind.ending { .replies(good + count) } else { behind.ending }
        let front = Array(String(repeating: self.caller.goodRequest, count: good).utf8)
        var request = HostileRequest(.pipelined, front + behind.bytes, ending)
        request.goodReplies = good
        return request
    }
}
