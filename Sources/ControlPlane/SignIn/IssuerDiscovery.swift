import Domain

/// Asks issuers what they publish. Every rule about whom one asks for that is here.
struct IssuerDiscovery: Sendable {
    private let fetcher: any IssuerFetcher
    private let ownPorts: Set<Int>

    init(_ fetcher: any IssuerFetcher, ownPorts: Set<Int>) {
        self.fetcher = fetcher
        self.ownPorts = ownPorts
    }

    func keys(of issuer: IssuerContent) async throws(SignInFault) -> PublicKeys {
        let url: String =
            if let given = issuer.keysURL {
                given
            } else {
                try await self.document(of: issuer).address("jwks_uri").text
            }
        guard let keys = PublicKeys(try await self.fetch(url)) else { throw .silent("\(url) gave no key set") }
        return keys
    }

    /// OpenID Connect Discovery 1.0, section 4: the document must say that it is this issuer's.
    func document(of issuer: IssuerContent) async throws(SignInFault) -> IssuerDocument {
        let base = issuer.issuer.hasSuffix("/") ? String(issuer.issuer.dropLast()) : issuer.issuer
        let place = "\(base)/.well-known/openid-configuration"
        let bytes = try await self.fetch(place)
        // What is no JSON says nothing of an issuer, and the sentence below is true of it.
        guard let members = try? JSON.parse(bytes), members["issuer"]?.string == issuer.issuer else {
            throw .silent("\(place) does not say that it is \(issuer.issuer)")
        }
        return IssuerDocument(members, place: place, issuer: issuer.issuer, ownPorts: self.ownPorts)
    }

    private func fetch(_ url: String) async throws(SignInFault) -> [UInt8] {
        do {
            return try await self.fetcher.fetch(url)
        } catch {
            throw .silent("\(url): \(error)")
        }
    }
}

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
        AddressRules.isAuthentic(url) && (self.isHere || !AddressRules.isLoopback(url))
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
