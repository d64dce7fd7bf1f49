package import Domain
package import Storage

/// The values of secrets: sealed by the master key, opened only to be sealed again for a node, or to be sent by this
/// process itself.
package struct SecretVault: SecretKeeper, SecretOpener {
    private let vault: Vault

    package init(_ vault: Vault) { self.vault = vault }

    package func seal(_ value: [UInt8], of name: Name<Secret>, version: UInt64) throws -> [UInt8] {
        try self.vault.seal(value, as: Self.label(name, version))
    }

    package func keep(
        _ sealed: [UInt8],
        of name: Name<Secret>,
        version: UInt64,
        in transaction: Transaction,
        by deed: Deed
    ) throws {
        try transaction.setSecret(SealedSecretValue(name: name, version: version, sealed: sealed), by: deed)
    }

    package func version(of name: Name<Secret>, in reading: Reading) throws -> UInt64? {
        let version = try reading.secretVersion(name)
        return version == 0 ? nil : version
    }

    package func open(_ value: SealedSecretValue) throws(VaultFault) -> [UInt8] {
        try self.vault.open(value.sealed, as: Self.label(value.name, value.version))
    }

    private static func label(_ name: Name<Secret>, _ version: UInt64) -> VaultLabel {
        VaultLabel(.secret, name: name.text, version: version)
    }
}
