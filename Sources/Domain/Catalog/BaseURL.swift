/// The part of a provider's addresses that its requests share: `https://api.openai.com/v1`.
///
/// Scheme, host, port and path prefix; no user, query or fragment. The host is lower-case ASCII and has one
/// spelling: a name, four decimal numbers or an IPv6 address in brackets, so that a host can be compared as text
/// with those that a secret may be sent to.
package struct BaseURL: Hashable, Sendable {
    package let isTLS: Bool
    package let host: String
    package let port: Int
    /// Begins with `/` unless empty; never ends with one.
    package let pathPrefix: String
    /// What goes into a `host` header: the port only where it is not the scheme's own. Written once: each request has it.
    package let hostHeader: String

    /// Nil unless `text` is `http(s)://host[:port][/path]` in printable ASCII without blanks or quotes, and without
    /// a path segment `.` or `..`, however it is escaped.
    package init?(_ text: String) {
        let schemes = [("https://", true, 443), ("http://", false, 80)]
        guard let (scheme, isTLS, defaultPort) = schemes.first(where: { text.hasPrefix($0.0) }),
            text.utf8.count <= 2_048, text.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path.removeLast() }
        guard !path.split(separator: "/").contains(where: Self.isDots), let (host, port) = Self.split(authority)
        else { return nil }
        self.isTLS = isTLS
        self.host = host.lowercased()
        self.port = port ?? defaultPort
        self.pathPrefix = String(path)
        let bracketed = self.host.utf8.contains(UInt8(ascii: ":")) ? "[\(self.host)]" : self.host
        self.hostHeader = self.port == defaultPort ? bracketed : "\(bracketed):\(self.port)"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"<>\\^`{|}?#@".utf8.contains(byte)
    }

    /// `.` or `..`, with each dot plain or as `%2e`.
    private static func isDots(_ segment: Substring) -> Bool {
        var rest = segment.lowercased()[...]
        var dots = 0
        while !rest.isEmpty, dots < 3 {
            guard let dot = [".", "%2e"].first(where: { rest.hasPrefix($0) }) else { return false }
            rest.removeFirst(dot.count)
            dots += 1
        }
        return dots == 1 || dots == 2
    }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`. A host that is an IPv6 address loses its brackets.
    private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
            guard HostGrammar.isIPv6(host) else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority.dropFirst(host.count)
            guard HostGrammar.isName(host) || HostGrammar.isIPv4(host) else { return nil }
        }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(HostGrammar.isDigit),
            let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }
}

extension BaseURL: CustomStringConvertible {
    package var description: String { "\(self.isTLS ? "https" : "http")://\(self.hostHeader)\(self.pathPrefix)" }
}
