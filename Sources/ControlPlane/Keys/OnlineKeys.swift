import Domain
package import Storage
package import Wire

/// The keys that a running control plane signs with. Held in memory only; in the database they lie sealed.
package struct OnlineKeys: Sendable {
    package let release: [SigningKey]
    package let freshness: [SigningKey]

    package init(release: [SigningKey], freshness: [SigningKey]) {
        self.release = release
        self.freshness = freshness
    }

    /// Opens what the database holds; throws `VaultFault` under a wrong master key.
    package init(_ sealed: [SealedSigningKey], vault: Vault) throws {
        func open(_ role: SealedSigningKey.Role) throws -> [SigningKey] {
            try sealed.filter { $0.role == role }.map { key in
                let label = Self.label(role, key.keyID)
                guard let opened = SigningKey(rawBytes: try vault.open(key.sealed, as: label)),
                    opened.keyID == key.keyID
                else { throw VaultFault.cannotOpen(label) }
                return opened
            }
        }
        self.init(release: try open(.release), freshness: try open(.freshness))
    }

    package static func seal(
        _ key: SigningKey,
        for role: SealedSigningKey.Role,
        vault: Vault
    ) throws -> SealedSigningKey {
        SealedSigningKey(
            keyID: key.keyID,
            role: role,
            sealed: try vault.seal(key.rawBytes, as: Self.label(role, key.keyID))
        )
    }

    private static func label(_ role: SealedSigningKey.Role, _ keyID: Digest) -> VaultLabel {
        VaultLabel(.signingKey, name: "\(role.rawValue) \(keyID)", version: 1)
    }
}
