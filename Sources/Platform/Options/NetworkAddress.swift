/// A host and a port to listen at: `127.0.0.1:8480`, `[::1]:8480`, `localhost:0`. Port 0 asks for any free one.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil if it is not `host:port`. An IPv6 host stands in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits),
            (0...65_535).contains(port)
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            self.init(host: String(host.dropFirst().dropLast()), port: port)
        } else {
            guard !host.isEmpty, !host.contains(where: { "[]:/ ".contains($0) }) else { return nil }
            self.init(host: String(host), port: port)
        }
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    /// Only this machine can reach it.
    package var isLoopback: Bool {
        if self.host == "localhost" || self.host == "::1" { return true }
        let parts = self.host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts.allSatisfy { $0 != nil } && parts[0] == 127
    }

    /// Refuses plain HTTP that others than this machine could read, unless it was asked for by name.
    package func checkPlaintext(option: String, hasTLS: Bool, insecurePlaintext: Bool) throws(StartupFault) {
        guard !hasTLS, !insecurePlaintext, !self.isLoopback else { return }
        throw StartupFault(
            .configuration,
            "--\(option) \(self) is reachable from other machines: give --tls-certificate and --tls-key, "
                + "or --insecure-plaintext if something before it does TLS"
        )
    }
}
