import Domain

/// What an issuer says of itself (OpenID Connect Discovery 1.0, section 3).
struct IssuerDocument: Sendable {
    private let members: JSON
    private let place: String
    private let isHere: Bool
    private let ownPorts: Set<Int>

    init(_ members: JSON, place: String, issuer: String, ownPorts: Set<Int>) {
        self.members = members
        self.place = place
        self.isHere = BaseURL(issuer).map(AddressRules.isLoopback) ?? false
        self.ownPorts = ownPorts
    }

    /// Whether its answers to a browser say whose they are (RFC 9207, section 3).
    var namesItself: Bool { self.members["authorization_response_iss_parameter_supported"] == true }

    /// An address that it names and that may be asked, or that people may be sent to.
    func address(_ name: String) throws(SignInFault) -> Address {
        guard let address = self.members[name]?.string.flatMap(Address.init), self.mayAsk(address.base) else {
            throw .silent("\(self.place) names no \(name) that may be asked")
        }
        return address
    }

    /// An issuer elsewhere sends nobody to this machine, and none to the control plane's own ports.
    private func mayAsk(_ url: BaseURL) -> Bool {
        AddressRules.isAuthentic(url) && (self.isHere || !AddressRules.leadsHere(url))
            && AddressRules.refusal(of: url, ownPorts: self.ownPorts) == nil
    }

    /// `https://host[:port][/path][?query]`.
    struct Address: Sendable {
        let text: String
        /// Without the query.
        let base: BaseURL

        init?(_ text: String) {
            let path = text.prefix { $0 != "?" }
            let isPlain = text.dropFirst(path.count).utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#")
            }
            guard isPlain, let base = BaseURL(String(path)) else { return nil }
            self.text = text
            self.base = base
        }

        /// With more of a query: its own stays (RFC 6749, 3.1).
        func adding(_ query: String) -> String { self.text + (self.text.contains("?") ? "&" : "?") + query }
    }
}
