internal import Glibc
internal import NIOCore

/// An IPv4 or IPv6 address without a port: 4 or 16 bytes in network order.
struct HostAddress: Hashable, Sendable {
    let bytes: [UInt8]

    /// Nil unless there are 4 or 16 of them.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `text` is four decimal numbers or an IPv6 address without brackets and zone.
    init?(literal text: String) {
        let isV6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
        let isRead = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe inet_pton(isV6 ? AF_INET6 : AF_INET, text, buffer.baseAddress) == 1
        }
        guard isRead else { return nil }
        self.bytes = bytes
    }

    var isV6: Bool { self.bytes.count == 16 }

    /// Clouds keep their machines' own credentials at such addresses.
    var isLinkLocal: Bool {
        if let inner = self.embedded4 { return inner.isLinkLocal }
        if self.isV6 { return self.bytes[0] == 0xFE && self.bytes[1] & 0xC0 == 0x80 }
        return self.bytes[0] == 169 && self.bytes[1] == 254
    }

    var isLoopback: Bool {
        if let inner = self.embedded4 { return inner.isLoopback }
        return self.isV6 ? self.bytes.dropLast().allSatisfy { $0 == 0 } && self.bytes[15] == 1 : self.bytes[0] == 127
    }

    /// Whether a provider may have it as an answer to its name. Filters write `0.0.0.0` into answers, and a connection
    /// to that reaches this machine.
    var isConnectable: Bool {
        if self.isLinkLocal { return false }
        if let inner = self.embedded4 { return inner.isConnectable }
        if self.isV6 { return self.bytes[0] != 0xFF && !self.bytes.allSatisfy { $0 == 0 } }
        return self.bytes[0] != 0 && self.bytes[0] < 224
    }

    /// The IPv4 address within `::ffff:a.b.c.d`, `::a.b.c.d` and NAT64's `64:ff9b::a.b.c.d`: there the packets go.
    private var embedded4: HostAddress? {
        guard self.isV6 else { return nil }
        let isMapped = self.bytes.prefix(10).allSatisfy { $0 == 0 } && self.bytes[10] == 0xFF && self.bytes[11] == 0xFF
        let isTranslated =
            self.bytes.prefix(4).elementsEqual([0, 0x64, 0xFF, 0x9B]) && self.bytes[4..<12].allSatisfy { $0 == 0 }
        let isCompatible = self.bytes.prefix(12).allSatisfy { $0 == 0 } && self.bytes[12] != 0
        guard isMapped || isTranslated || isCompatible else { return nil }
        return HostAddress(Array(self.bytes.suffix(4)))
    }

    func socketAddress(port: Int) throws -> SocketAddress {
        try SocketAddress(packedIPAddress: ByteBuffer(bytes: self.bytes), port: port)
    }
}
