/// Keys that are none, and paths and methods that nobody serves.
extension HostileDeck {
    mutating func keys() -> HostileRequest {
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

    mutating func paths() -> HostileRequest {
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
