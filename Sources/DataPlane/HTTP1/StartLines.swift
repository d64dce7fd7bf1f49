/// `METHOD target HTTP/1.x` (RFC 9112, 3), with single spaces.
struct RequestLine: Hashable {
    let method: String
    /// A path with its query, or a whole http or https URL, as it came; `*` with `OPTIONS`.
    let target: String
    let isHTTP10: Bool

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    init(_ line: String) throws(HTTP1Flaw) {
        let text = line.utf8
        guard let first = text.firstIndex(of: 0x20), let last = text.lastIndex(of: 0x20), first < last else {
            throw .startLine
        }
        switch line[line.index(after: last)...] {
        case "HTTP/1.1": self.isHTTP10 = false
        case "HTTP/1.0": self.isHTTP10 = true
        case let other: throw other.hasPrefix("HTTP/") ? .version : .startLine
        }
        self.method = String(line[..<first])
        guard Self.methods.contains(self.method) else { throw .method }
        self.target = String(line[line.index(after: first)..<last])
        guard Self.isTarget(self.target, of: self.method) else { throw .target }
    }

    private static func isTarget(_ target: String, of method: String) -> Bool {
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else { return false }
        if target.utf8.first == UInt8(ascii: "/") { return true }
        if target == "*" { return method == "OPTIONS" }
        for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
            let rest = target.utf8.dropFirst(scheme.utf8.count)
            let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            return !authority.isEmpty && authority.allSatisfy(\.isHostByte)
        }
        return false
    }
}

/// `HTTP/1.x status reason` (RFC 9112, 4). The reason is not read.
struct StatusLine: Hashable {
    let status: Int
    let isHTTP10: Bool

    init(_ line: String) throws(HTTP1Flaw) {
        let text = Array(line.utf8)
        guard text.count >= 12, text[8] == 0x20, text.count == 12 || text[12] == 0x20 else { throw .startLine }
        switch line.prefix(8) {
        case "HTTP/1.1": self.isHTTP10 = false
        case "HTTP/1.0": self.isHTTP10 = true
        default: throw .version
        }
        let digits = text[9..<12]
        guard digits.allSatisfy(\.isDigit) else { throw .startLine }
        self.status = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (100...599).contains(self.status) else { throw .startLine }
    }
}

extension UInt8 {
    /// What a host and its port are written with, addresses in brackets among them.
    var isHostByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "%"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
