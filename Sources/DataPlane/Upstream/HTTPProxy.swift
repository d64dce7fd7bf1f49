internal import Domain
internal import Wire

/// A proxy that opens tunnels (`CONNECT`). Its description leaves the password out.
package struct HTTPProxy: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: Int
    /// The value of `proxy-authorization`. Never logged.
    let authorization: String?

    /// `http://[user:password@]host[:port]`, also without the scheme, as people write it into `HTTPS_PROXY`. User and
    /// password are percent-encoded; the port is 80 if none is given. Nil for anything else: a proxy that is itself
    /// spoken to over TLS or SOCKS is not known here.
    package init?(_ text: String) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
            rest = rest[scheme.upperBound...]
        }
        var authorization: String?
        if let at = rest.lastIndex(of: "@") {
            guard let value = Self.basic(rest[..<at]) else { return nil }
            authorization = value
            rest = rest[rest.index(after: at)...]
        }
        guard let url = BaseURL("http://\(rest)"), url.pathPrefix.isEmpty else { return nil }
        self.host = url.host
        self.port = url.port
        self.authorization = authorization
    }

    package var description: String { Endpoint(host: self.host, port: self.port, isTLS: false).authority }

    /// RFC 7617: the user's name cannot hold a colon.
    private static func basic(_ userinfo: Substring) -> String? {
        let parts = userinfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = parts.first.flatMap(PercentDecoding.bytes), !user.contains(UInt8(ascii: ":")) else {
            return nil
        }
        guard let password = parts.count > 1 ? PercentDecoding.bytes(parts[1]) : [] else { return nil }
        return "Basic \(Base64.encode(user + [UInt8(ascii: ":")] + password))"
    }
}
