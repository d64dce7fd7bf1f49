/// Which providers are reached through which proxy. This machine itself never is.
///
/// Providers with TLS and without are both reached by `CONNECT`: one way through a proxy, which then sees neither
/// requests nor credentials of TLS ones, and a plain one's only as any router does.
package struct ProxyRules: Hashable, Sendable {
    let forTLS: HTTPProxy?
    let forPlain: HTTPProxy?
    let direct: [DirectHost]

    package static let none = ProxyRules(forTLS: nil, forPlain: nil, direct: [])

    package init(forTLS: HTTPProxy?, forPlain: HTTPProxy?, direct: [DirectHost]) {
        self.forTLS = forTLS
        self.forPlain = forPlain
        self.direct = direct
    }

    /// Nil where the connection is made directly.
    func proxy(for endpoint: Endpoint) -> HTTPProxy? {
        guard let proxy = endpoint.isTLS ? self.forTLS : self.forPlain else { return nil }
        let address = HostAddress(literal: endpoint.host)
        let isThisMachine =
            address?.isLoopback ?? (endpoint.host == "localhost" || endpoint.host.hasSuffix(".localhost"))
        guard !isThisMachine, !self.direct.contains(where: { $0.covers(endpoint, address) }) else { return nil }
        return proxy
    }
}

/// An entry of `NO_PROXY`: `*`, a name (which stands for its subdomains too), an address, or a range such as
/// `10.0.0.0/8`; a name or an IPv4 address may carry a port.
package struct DirectHost: Hashable, Sendable {
    private enum Covered: Hashable {
        case everything
        case domain(String)
        case range(HostAddress, bits: Int)
    }

    private let covered: Covered
    private let port: Int?

    /// Nil for what is none of these.
    package init?(_ text: String) {
        var host = text.lowercased()
        var port: Int?
        if host.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = host.firstIndex(of: ":") {
            guard let number = UInt16(host[host.index(after: colon)...]) else { return nil }
            port = Int(number)
            host = String(host[..<colon])
        }
        guard let covered = Self.read(host) else { return nil }
        self.covered = covered
        self.port = port
    }

    private static func read(_ host: String) -> Covered? {
        if host == "*" { return .everything }
        let parts = host.split(separator: "/", omittingEmptySubsequences: false)
        var literal = parts.first.map(String.init) ?? ""
        if literal.hasPrefix("["), literal.hasSuffix("]") { literal = String(literal.dropFirst().dropLast()) }
        if let address = HostAddress(literal: literal) {
            let bitsMax = address.bytes.count * 8
            guard parts.count <= 2, let bits = parts.count == 2 ? Int(parts[1]) : bitsMax, (0...bitsMax).contains(bits)
            else { return nil }
            return .range(address, bits: bits)
        }
        let name = host.hasPrefix("*.") ? host.dropFirst(2) : host.hasPrefix(".") ? host.dropFirst() : host[...]
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else { return nil }
        return .domain(String(name))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "-._".utf8.contains(byte)
    }

    func covers(_ endpoint: Endpoint, _ address: HostAddress?) -> Bool {
        if let port = self.port, port != endpoint.port { return false }
        switch self.covered {
        case .everything: return true
        case .domain(let name): return endpoint.host == name || endpoint.host.hasSuffix(".\(name)")
        case .range(let base, let bits):
            guard let address, address.isV6 == base.isV6 else { return false }
            return (0..<bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                return address.bytes[bit / 8] & mask == base.bytes[bit / 8] & mask
            }
        }
    }
}
