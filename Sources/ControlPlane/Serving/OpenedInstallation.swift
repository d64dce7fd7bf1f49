package import Domain
import Platform
package import Storage
package import Wire

/// An installation whose keys are at hand: what `serve` needs before anything else.
package struct OpenedInstallation: Sendable {
    package let installation: Installation
    package let trust: RootChain
    package let keys: OnlineKeys
    package let vault: Vault

    package var environment: ID<Domain.Environment> { self.installation.environment }

    /// Throws a `StartupFault` that says what to do where there is no installation or the master key is not its own.
    package static func open(_ database: Database, files: KeyFiles) async throws -> OpenedInstallation {
        let (installation, envelopes, sealed, isBackup) = try await database.read { reading in
            (
                try reading.installation(), try reading.rootEnvelopes(), try reading.signingKeys(),
                try reading.backupSeal() != nil
            )
        }
        // What it does not know would be allowed again, under numbers that nodes have seen already.
        guard !isBackup else {
            throw StartupFault(
                .configuration,
                "this database is a backup as it was made: `martlet-control restore FILE` makes one of it that can be served"
            )
        }
        guard let installation, let first = envelopes.first else {
            throw StartupFault(
                .configuration,
                "there is no installation in this database yet: run `martlet-control init` first"
            )
        }
        let vault = Vault(masterKey: try files.master(), environment: installation.environment)
        do {
            let pin = Digest.sha256(of: try Envelope.decode(first, expecting: .root).payload)
            return OpenedInstallation(
                installation: installation,
                trust: try RootChain(envelopes, pin: pin),
                keys: try OnlineKeys(sealed, vault: vault),
                vault: vault
            )
        } catch {
            throw StartupFault(.configuration, "the installation in this database cannot be opened: \(error)")
        }
    }
}
