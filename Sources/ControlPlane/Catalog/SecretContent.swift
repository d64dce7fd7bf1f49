package import Domain
package import Storage

/// The name of a credential, a provider's or that of our client at an issuer, and the hosts that it may be sent to. Its
/// value never stands here.
package struct SecretContent: CatalogContent {
    package static var kind: Kind { .secrets }

    package let name: Name<Secret>
    /// Lower-case host names or addresses, without ports.
    package let hosts: [String]

    package var title: String { self.name.text }

    private static let hostLengthMax = 253

    package init?(_ form: inout Form) {
        let name: Name<Secret>? = form.name("name")
        let hosts = form.list("hosts", isRequired: true, "must be a host name without scheme, port or path") { text in
            text.utf8.count <= Self.hostLengthMax ? Self.host(text) : nil
        }
        if hosts?.isEmpty == true { form.add("hosts", "must name at least one host") }
        guard let name, let hosts, form.isGood else { return nil }
        self.name = name
        self.hosts = hosts
    }

    private static func host(_ text: String) -> String? {
        let isAddress = text.utf8.contains(UInt8(ascii: ":"))
        guard let url = BaseURL(isAddress ? "https://[\(text)]" : "https://\(text)"), url.pathPrefix.isEmpty,
            url.port == 443, url.host.utf8.count == text.utf8.count
        else { return nil }
        return url.host
    }

    package var json: JSON {
        .object(["name": .string(self.name.text), "hosts": .array(self.hosts.map(JSON.string))])
    }

    /// A value is for the hosts that were named when it was set: only who knows it sends it to others. Else an author
    /// could have it sent to a host of their own.
    package func follow(_ written: SecretContent?, in transaction: Transaction, by deed: Deed) throws {
        guard !Set(self.hosts).isSubset(of: written?.hosts ?? []) else { return }
        try transaction.dropSecretValue(self.name, by: deed)
    }

    /// The next one of its name begins without a value.
    package static func followArchiving(of name: String, in transaction: Transaction, by deed: Deed) throws {
        guard let secret = Name<Secret>(name) else { return }
        try transaction.dropSecretValue(secret, by: deed)
    }

    /// A host may not be taken away while a provider sends the secret there, or will once it is approved.
    package func problems(beside surroundings: Surroundings) throws -> [FieldProblem] {
        let providers = try surroundings.reading.items(of: .providers, limit: .max).flatMap(\.standing)
        return try providers.map { try Provider.read($0) }.filter {
            $0.credential == .secret(self.name) && !self.hosts.contains($0.baseURL.host)
        }.map { FieldProblem(at: "/hosts", "must keep \($0.baseURL.host), where the provider \($0.name) sends it") }
    }
}
