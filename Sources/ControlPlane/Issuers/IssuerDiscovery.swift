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
        let base = issuer.identifier.hasSuffix("/") ? String(issuer.identifier.dropLast()) : issuer.identifier
        let place = "\(base)/.well-known/openid-configuration"
        let bytes = try await self.fetch(place)
        // What is no JSON says nothing of an issuer, and the sentence below is true of it.
        guard let members = try? JSON.parse(bytes),
            members["issuer"]?.string?.hasSameBytes(as: issuer.identifier) == true
        else {
            throw .silent("\(place) does not say that it is \(issuer.identifier)")
        }
        return IssuerDocument(members, place: place, issuer: issuer.identifier, ownPorts: self.ownPorts)
    }

    private func fetch(_ url: String) async throws(SignInFault) -> [UInt8] {
        do {
            return try await self.fetcher.fetch(url)
        } catch {
            throw .silent("\(url): \(error)")
        }
    }
}
