/// `METHOD target HTTP/1.x` (RFC 9112, 3), with single spaces.
struct RequestLine: Hashable {
    let method: String
    /// A path with its query, or a whole http or https URL, as it came; `*` with `OPTIONS`.
    let target: String
    let isHTTP10: Bool

    private static let methods = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]

    init(_ line: Span<UInt8>) throws(HTTP1Flaw) {
        let first = line.firstSpace
        var last = line.count - 1
        while last > first, line[last] != 0x20 { last -= 1 }
        guard first < last else { throw .startLine }
        let version = line.extracting((last + 1)...)
        if version.equals("HTTP/1.1") {
            self.isHTTP10 = false
        } else {
            guard version.equals("HTTP/1.0") else { throw version.starts(with: "HTTP/") ? .version : .startLine }
            self.isHTTP10 = true
        }
        guard let method = Self.methods.first(where: { line.extracting(..<first).equals($0) }) else { throw .method }
        let target = line.extracting((first + 1)..<last)
        guard Self.isTarget(target, of: method) else { throw .target }
        self.method = method
        self.target = target.text
    }

    private static func isTarget(_ target: Span<UInt8>, of method: String) -> Bool {
        guard target.count > 0 else { return false }
        for place in target.indices
        where target[place] < 0x21 || target[place] > 0x7E || target[place] == UInt8(ascii: "#") { return false }
        if target[0] == UInt8(ascii: "/") { return true }
        if target.equals("*") { return method == "OPTIONS" }
        for scheme in ["http://", "https://"] where target.starts(with: scheme) {
            return self.hasAuthority(target.extracting(scheme.utf8.count...))
        }
        return false
    }

    private static func hasAuthority(_ rest: Span<UInt8>) -> Bool {
        for place in rest.indices {
            if rest[place] == UInt8(ascii: "/") || rest[place] == UInt8(ascii: "?") { return place > 0 }
            guard rest[place].isHostByte else { return false }
        }
        return rest.count > 0
    }
}

/// `HTTP/1.x status reason` (RFC 9112, 4). The reason is not read.
struct StatusLine: Hashable {
    let status: Int
    let isHTTP10: Bool

    init(_ line: Span<UInt8>) throws(HTTP1Flaw) {
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20 else { throw .startLine }
        let version = line.extracting(..<8)
        self.isHTTP10 = version.equals("HTTP/1.0")
        guard self.isHTTP10 || version.equals("HTTP/1.1") else { throw .version }
        var status = 0
        for place in 9..<12 {
            guard line[place].isDigit else { throw .startLine }
            status = status * 10 + Int(line[place] - 0x30)
        }
        guard (100...599).contains(status) else { throw .startLine }
        // HTTP/1.0 has no interim replies (RFC 9110, 15.2): readers differ on whether another one follows.
        guard status >= 200 || !self.isHTTP10 else { throw .startLine }
        self.status = status
    }
}

extension Span<UInt8> {
    /// `count` if there is none.
    fileprivate var firstSpace: Int {
        var place = 0
        while place < self.count, self[place] != 0x20 { place += 1 }
        return place
    }

    fileprivate func equals(_ text: String) -> Bool { self.count == text.utf8.count && self.starts(with: text) }

    fileprivate func starts(with text: String) -> Bool {
        guard self.count >= text.utf8.count else { return false }
        var place = 0
        for byte in text.utf8 {
            guard self[place] == byte else { return false }
            place += 1
        }
        return true
    }

    /// Of bytes that are ASCII.
    fileprivate var text: String {
        unsafe String(unsafeUninitializedCapacity: self.count) { target in
            for place in self.indices { unsafe target[place] = self[place] }
            return self.count
        }
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
