import Domain
import Glibc

/// Which addresses a provider or a webhook may not have: link-local ones (where clouds keep their machines' own
/// credentials) and the control plane's own ports. Loopback is allowed: local models are there.
enum AddressRules {
    /// Nil if the address is allowed. A host name is judged as it is spelt, not by what it resolves to: whoever writes
    /// names here is trusted with that.
    static func refusal(of url: BaseURL, ownPorts: Set<Int>) -> String? {
        let linkLocal = "must not be a link-local address"
        if let address = self.address6(url.host) {
            if let mapped = self.mapped4(address) {
                return self.refusal(of4: mapped, port: url.port, ownPorts: ownPorts)
            }
            if address[0] == 0xFE, address[1] & 0xC0 == 0x80 { return linkLocal }
            let isOwn = address.dropLast().allSatisfy { $0 == 0 } && address[15] <= 1
            return isOwn && ownPorts.contains(url.port) ? self.ownPort : nil
        }
        if url.host.utf8.contains(UInt8(ascii: ":")) { return "must be a host name or a plain IP address" }
        if let address = self.address4(url.host) {
            return self.refusal(of4: address, port: url.port, ownPorts: ownPorts)
        }
        // `2852039166`, `0xa9fea9fe` and `169.254.43518` are addresses to some resolvers.
        if self.endsInNumber(url.host) { return "must be a host name or a plain IP address" }
        let name = url.host.hasSuffix(".") ? String(url.host.dropLast()) : url.host
        let isOwn = name == "localhost" || name.hasSuffix(".localhost")
        return isOwn && ownPorts.contains(url.port) ? self.ownPort : nil
    }

    /// Whether what comes from there can be believed: TLS says who it is, or it is this machine.
    static func isAuthentic(_ url: BaseURL) -> Bool { url.isTLS || self.isLoopback(url) }

    /// Whether it is this machine and nothing else.
    static func isLoopback(_ url: BaseURL) -> Bool {
        url.host == "localhost" || url.host == "::1" || self.address4(url.host)?.first == 127
    }

    /// Whether what is sent there reaches this machine, however it is spelt: 0.0.0.0 does too.
    static func leadsHere(_ url: BaseURL) -> Bool {
        if url.host == "localhost" || url.host.hasSuffix(".localhost") { return true }
        if let address = self.address4(url.host) { return self.leadsHere(address) }
        guard let address = self.address6(url.host) else { return false }
        if let mapped = self.mapped4(address) { return self.leadsHere(mapped) }
        return address.dropLast().allSatisfy { $0 == 0 } && address[15] <= 1
    }

    private static func leadsHere(_ address: [UInt8]) -> Bool { address[0] == 127 || address.allSatisfy { $0 == 0 } }

    private static let ownPort = "must not be one of the control plane's own ports"

    private static func refusal(of4 address: [UInt8], port: Int, ownPorts: Set<Int>) -> String? {
        if address[0] == 169, address[1] == 254 { return "must not be a link-local address" }
        let isOwn = address[0] == 127 || address.allSatisfy { $0 == 0 }
        return isOwn && ownPorts.contains(port) ? self.ownPort : nil
    }

    private static func address4(_ host: String) -> [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: [UInt8] = []
        for part in parts {
            guard let byte = UInt8(part), String(byte) == part else { return nil }
            address.append(byte)
        }
        return address
    }

    private static func address6(_ host: String) -> [UInt8]? {
        var address = [UInt8](repeating: 0, count: 16)
        let isRead = unsafe address.withUnsafeMutableBytes { buffer in
            unsafe inet_pton(AF_INET6, host, buffer.baseAddress) == 1
        }
        return isRead ? address : nil
    }

    /// The IPv4 address within `::ffff:a.b.c.d`, `::a.b.c.d` and NAT64's `64:ff9b::a.b.c.d`.
    private static func mapped4(_ address: [UInt8]) -> [UInt8]? {
        let zeroes = [UInt8](repeating: 0, count: 10)
        let prefixes = [zeroes + [0xFF, 0xFF], [0, 0x64, 0xFF, 0x9B] + Array(repeating: 0, count: 8)]
        if prefixes.contains(Array(address.prefix(12))) { return Array(address.suffix(4)) }
        let isCompatible = address.prefix(12).allSatisfy { $0 == 0 } && address[12] != 0
        return isCompatible ? Array(address.suffix(4)) : nil
    }

    private static func endsInNumber(_ host: String) -> Bool {
        guard let last = host.split(separator: ".").last else { return true }
        if last.utf8.allSatisfy((UInt8(0x30)...0x39).contains) { return true }
        return last.hasPrefix("0x") && last.dropFirst(2).utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }
}
