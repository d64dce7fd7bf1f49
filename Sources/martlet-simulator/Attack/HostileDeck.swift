/// Hands out hostile requests in a random order that a seed repeats.
struct HostileDeck {
    /// How often each kind comes, out of their sum. Slow and very long ones cost the attacker the most.
    private static let weights: [(kind: HostileRequest.Kind, weight: Int)] = [
        (.bodies, 20), (.ambiguousFields, 14), (.smuggling, 20), (.cut, 10), (.oversized, 3), (.slow, 1),
        (.pipelined, 6), (.randomBytes, 6), (.spoilt, 8), (.foreign, 3), (.keys, 10), (.paths, 10),
    ]

    let caller: HostileCaller
    let cases: JSONCases
    private let weights: [(kind: HostileRequest.Kind, weight: Int)]
    var generator: SeededGenerator

    /// With requests of `kinds` alone; without any named, of all.
    init(caller: HostileCaller, cases: JSONCases, kinds: Set<HostileRequest.Kind> = [], seed: UInt64) {
        self.caller = caller
        self.cases = cases
        self.weights = kinds.isEmpty ? Self.weights : Self.weights.filter { kinds.contains($0.kind) }
        self.generator = SeededGenerator(seed: seed)
    }

    /// Without slow ones where as many are under way as may be, unless they are all there is.
    mutating func next(maySlow: Bool) -> HostileRequest {
        var drawn = self.number(in: 0..<self.weights.reduce(0) { $0 + $1.weight })
        for (kind, weight) in self.weights {
            drawn -= weight
            if drawn < 0 { return self.request(kind == .slow && !maySlow && self.weights.count > 1 ? .bodies : kind) }
        }
        return self.request(.bodies)
    }

    mutating func request(_ kind: HostileRequest.Kind) -> HostileRequest {
        switch kind {
        case .bodies: HostileRequest(kind, self.caller.post(self.brokenBody()), .replies(1))
        case .ambiguousFields: HostileRequest(kind, self.caller.post(self.ambiguousBody()), .replies(1))
        case .smuggling: HostileRequest(kind, self.smuggling(), .closed)
        case .cut: self.cut()
        case .oversized: self.oversized()
        case .slow: self.slow()
        case .pipelined: self.pipelined()
        case .randomBytes: HostileRequest(kind, self.randomBytes(), .halfClosed)
        case .spoilt: HostileRequest(kind, self.spoilt(), .halfClosed)
        case .foreign: self.foreign()
        case .keys: self.keys()
        case .paths: self.paths()
        }
    }

    mutating func number(in range: Range<Int>) -> Int { Int.random(in: range, using: &self.generator) }

    mutating func one<Element>(of table: [Element], or other: Element) -> Element {
        table.randomElement(using: &self.generator) ?? other
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self.generator) }
    }
}

// MARK: - Bodies

extension HostileDeck {
    private mutating func brokenBody() -> [UInt8] {
        switch self.number(in: 0..<12) {
        case 0..<4: return Array(HostileBodies.text(self.one(of: HostileBodies.broken, or: "{"), for: self.caller).utf8)
        case 4: return self.around(self.one(of: HostileBodies.notUTF8, or: [0xFF]), quoted: true)
        case 5: return self.deep()
        case 6: return Array(self.caller.body.utf8.dropLast(self.number(in: 1..<self.caller.body.utf8.count)))
        case 7..<10: return self.around(self.one(of: self.cases.rejected, or: Array("tru".utf8)), quoted: false)
        default: return self.one(of: self.cases.rejected + self.cases.either, or: Array("[1,]".utf8))
        }
    }

    /// A good body with `value` in a field that the server does not read.
    private func around(_ value: [UInt8], quoted: Bool) -> [UInt8] {
        let quote = quoted ? "\"" : ""
        return Array("\(self.caller.body.dropLast()),\"x\":\(quote)".utf8) + value + Array("\(quote)}".utf8)
    }

    private mutating func deep() -> [UInt8] {
        let depth = self.number(in: 600..<20_000)
        let opening = self.one(of: ["[", "{\"a\":", "[{\"a\":"], or: "[")
        return self.around(Array(String(repeating: opening, count: depth).utf8), quoted: false)
    }

    private mutating func ambiguousBody() -> String {
        let members = self.one(of: HostileBodies.ambiguous, or: "\"model\":null")
        guard self.number(in: 0..<3) == 0 else { return HostileBodies.body(with: members, for: self.caller) }
        // In front, for whoever takes the last of two.
        return "{\(HostileBodies.text(members, for: self.caller)),\(self.caller.body.dropFirst())"
    }
}

// MARK: - Heads

extension HostileDeck {
    /// With a good request behind it, which must not be taken for one.
    private mutating func smuggling() -> [UInt8] {
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

    private mutating func cut() -> HostileRequest {
        let whole = self.caller.post(self.caller.body)
        let kept = Array(whole.prefix(self.number(in: 1..<whole.count)))
        let endings: [HostileRequest.Ending] = [
            .halfClosed, .dropped(withReset: false), .dropped(withReset: true),
        ]
        return HostileRequest(.cut, kept, self.one(of: endings, or: .halfClosed))
    }

    private mutating func oversized() -> HostileRequest {
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
    private mutating func slow() -> HostileRequest {
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

    private mutating func pipelined() -> HostileRequest {
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

// MARK: - Anything at all

extension HostileDeck {
    private mutating func randomBytes() -> [UInt8] {
        let count = self.number(in: 1..<2_000)
        return (self.number(in: 0..<3) == 0 ? Array("POST /v1/chat/completions HTTP/1.1\r\n".utf8) : [])
            + self.bytes(count)
    }

    /// Whatever it becomes, its key is none.
    private mutating func spoilt() -> [UInt8] {
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

    private mutating func foreign() -> HostileRequest {
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

// MARK: - Keys, paths and methods

extension HostileDeck {
    private mutating func keys() -> HostileRequest {
        let (good, wrong) = (self.caller.key, HostileCaller.wrongKey)
        let two = ["x-api-key: \(wrong)\r\n", "api-key: \(wrong)\r\n", "authorization: Bearer \(wrong)\r\n"]
        switch self.number(in: 0..<8) {
        case 0: return self.chat("authorization: Bearer \(wrong)\r\n")
        case 1: return self.chat("authorization: Bearer \(good.dropLast())\r\n")
        case 2: return self.chat("authorization: Bearer \(good)x\r\n")
        case 3: return self.chat("authorization: Basic \(good)\r\n")
        case 4: return self.chat("cookie: key=\(good)\r\n")
        case 5: return self.chat("x-api-key: \(String(repeating: "k", count: self.number(in: 0..<9_000)))\r\n")
        case 6: return self.chat("authorization: Bearer \(good)\r\n" + self.one(of: two, or: two[0]))
        default: return self.chat(self.one(of: two, or: two[0]) + "x-goog-api-key: \(good)\r\n")
        }
    }

    /// A good request but for its `fields`.
    private func chat(_ fields: String) -> HostileRequest {
        let body = self.caller.body
        let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: \(self.caller.authority)\r\n\(fields)"
        return HostileRequest(.keys, "\(head)content-length: \(body.utf8.count)\r\n\r\n\(body)", .replies(1))
    }

    private mutating func paths() -> HostileRequest {
        let body = self.caller.body
        let rest = "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        let random = String(self.bytes(self.number(in: 1..<500)).map { Character(UnicodeScalar($0 % 26 + 97)) })
        switch self.number(in: 0..<10) {
        case 0: return HostileRequest(.paths, self.caller.head("POST /\(random) HTTP/1.1") + rest, .replies(1))
        case 1: return HostileRequest(.paths, self.caller.post(body, "content-encoding: gzip\r\n"), .replies(1))
        case 2..<5:
            let method = self.one(of: ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"], or: "PUT")
            return HostileRequest(
                .paths,
                self.caller.head("\(method) /v1/chat/completions HTTP/1.1") + rest,
                .replies(1)
            )
        default:
            let path = self.one(of: Self.unknown, or: "/")
            return HostileRequest(.paths, self.caller.head("POST \(path) HTTP/1.1") + rest, .replies(1))
        }
    }

    private static let unknown = [
        "/", "/v1", "/v1/chat/completions/", "/v1/chat", "//v1/chat/completions", "/v1//chat/completions",
        "/v1/chat/completions/../completions", "/./v1/chat/completions", "/v1/chat%2Fcompletions",
        "/V1/chat/completions",
        "/v1/chat/completions%00", "/v1/chat/completions;x=1", "/metrics", "/healthz", "/readyz", "/_sim/counts",
        "/etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/models/%", "/v1/models/%ff%fe", "/v1/models/",
        "http://127.0.0.1:1/", "http://127.0.0.1:1/_sim/counts", "/admin", "/.env", "/?/v1/chat/completions",
    ]
}
