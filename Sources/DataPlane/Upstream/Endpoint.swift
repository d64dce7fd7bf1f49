internal import Domain

/// Where connections lead that may stand in for each other: same host, same port, same kind of transport.
struct Endpoint: Hashable, Sendable {
    let host: String
    let port: Int
    let isTLS: Bool

    init(host: String, port: Int, isTLS: Bool) {
        self.host = host
        self.port = port
        self.isTLS = isTLS
    }

    init(_ url: BaseURL) {
        self.init(host: url.host, port: url.port, isTLS: url.isTLS)
    }

    /// An address is not a name: it cannot be asked for in a TLS hello, and its certificate is checked as an address.
    var isAddress: Bool { HostAddress(literal: self.host) != nil }

    /// As it stands in an URL.
    var authority: String {
        self.host.utf8.contains(UInt8(ascii: ":")) ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
