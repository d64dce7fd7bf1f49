package import Domain
package import Logging
package import Storage
package import Wire

/// Gives each node the provider credentials that its snapshot uses, sealed so that nobody else can read them.
package struct SecretDelivery: Sendable {
    private let database: Database
    private let environment: ID<Domain.Environment>
    private let vault: SecretVault
    private let logger: Logger

    package init(database: Database, environment: ID<Domain.Environment>, vault: SecretVault, logger: Logger) {
        self.database = database
        self.environment = environment
        self.vault = vault
        self.logger = logger
    }

    /// One for each secret that a provider in force uses and that has a value, in order of name. A node may be a
    /// snapshot behind; it asks again when its snapshot names a secret that it does not have.
    package func sealed(to node: EnrolledNode) async throws -> SealedSecrets {
        guard let key = SealingKey.Public(node.x25519) else {
            throw NodeRefusal(.malformed, "the X25519 key that this node enrolled with cannot be used: enrol it anew")
        }
        let values = try await self.database.read { reading in
            let names = try reading.inForce(.providers).map { try Provider.read($0) }.compactMap(Self.secret)
            return try Set(names).sorted().compactMap { name -> (SealedSecretValue, [String])? in
                guard let value = try reading.secretValue(name), let item = try reading.item(.secrets, name.text),
                    let inForce = item.inForce
                else { return nil }
                return (value, try SecretContent.read(inForce).hosts)
            }
        }
        return SealedSecrets(
            try values.compactMap { value, hosts in
                guard let opened = self.opened(value) else { return nil }
                return try SealedSecret.seal(
                    opened,
                    name: value.name,
                    version: value.version,
                    hosts: hosts,
                    environment: self.environment,
                    node: node.id,
                    to: key
                )
            }
        )
    }

    /// Nil for a value that the master key does not open: the node goes without it, and has all the others.
    private func opened(_ value: SealedSecretValue) -> [UInt8]? {
        do {
            return try self.vault.open(value)
        } catch {
            self.logger.error(
                "a secret cannot be opened, and no node gets it: set it again",
                metadata: ["secret.name": "\(value.name)", "error": "\(error)"]
            )
            return nil
        }
    }

    private static func secret(of provider: Provider) -> Name<Secret>? {
        guard case .secret(let name) = provider.credential else { return nil }
        return name
    }
}
