import Crypto
package import Domain
import Platform
package import Storage
import Wire

/// `martlet-control init`: makes an installation, once.
///
/// Key files first, each created and never overwritten; the database last, in one transaction. Whatever fails before
/// that commit takes the key files back, so that a second try finds nothing in its way.
package struct Founding: Sendable {
    /// Ten years: an expired root stops nodes from taking anything new, so it ends long after the next one is signed.
    package static let rootLifetimeMilliseconds: Int64 = 3_653 * 86_400_000

    private let database: Database
    private let files: KeyFiles
    private let timing: Timing

    package init(database: Database, files: KeyFiles, timing: Timing = .system) {
        self.database = database
        self.files = files
        self.timing = timing
    }

    /// Makes the first principal and its token, in the founding transaction, and returns the token's text.
    package typealias FirstPrincipal = @Sendable (Transaction, Deed) throws -> Void

    /// Refuses if anything of an installation is there already. `token` is the text that `firstPrincipal` makes good.
    package func found(
        solo: Bool,
        token: String,
        firstPrincipal: @escaping FirstPrincipal
    ) async throws -> ID<Domain.Environment> {
        try await self.requireNothing()
        let environment = Self.newEnvironment()
        let now = self.timing.now()
        let (root, release, freshness) = (SigningKey.generate(), SigningKey.generate(), SigningKey.generate())
        let master = SymmetricKey(size: .bits256)
        let vault = Vault(masterKey: master, environment: environment)
        let sealed = [
            try OnlineKeys.seal(release, for: .release, vault: vault),
            try OnlineKeys.seal(freshness, for: .freshness, vault: vault),
        ]
        let envelope = Self.firstRoot(environment, root, release, freshness, at: now)
        let installation = Installation(environment: environment, epoch: 1, approvalsRequired: solo ? 0 : 1)
        try self.files.create(root: root, master: master, token: token)
        do {
            try await self.database.write { transaction in
                let deed = Deed(by: "system", at: now, reason: "martlet-control init")
                try transaction.found(installation, keys: sealed, rootEnvelope: envelope, by: deed)
                try firstPrincipal(transaction, deed)
            }
        } catch {
            try self.files.removeAll()
            throw error
        }
        return environment
    }

    private func requireNothing() async throws {
        if let there = try await self.database.read({ try $0.installation() }) {
            throw StartupFault(
                .configuration,
                "there is an installation in this database already (environment \(there.environment)): nothing was "
                    + "changed; start it with `martlet-control serve`, or give --database another path"
            )
        }
        let present = try self.files.present()
        guard present.isEmpty else {
            throw StartupFault(
                .configuration,
                "\(present.joined(separator: ", ")) of another installation exists: nothing was changed; give --keys "
                    + "another directory, or remove the file if no database belongs to it any more"
            )
        }
    }

    private static func newEnvironment() -> ID<Domain.Environment> {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<12).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard let id = ID<Domain.Environment>("env-\(Hex.encode(bytes))") else {
            preconditionFailure("hexadecimal is an id")
        }
        return id
    }

    private static func firstRoot(
        _ environment: ID<Domain.Environment>,
        _ root: SigningKey,
        _ release: SigningKey,
        _ freshness: SigningKey,
        at now: Timestamp
    ) -> [UInt8] {
        // A root's expiry counts whole seconds.
        let expires = now.advanced(byMilliseconds: self.rootLifetimeMilliseconds).unixMilliseconds / 1_000 * 1_000
        let first = Root(
            environment: environment,
            version: 1,
            epochMin: 1,
            expires: Timestamp(unixMilliseconds: expires),
            keys: [root.verifyingKey, release.verifyingKey, freshness.verifyingKey],
            root: Root.RoleKeys([root.keyID]),
            release: Root.RoleKeys([release.keyID]),
            freshness: Root.RoleKeys([freshness.keyID])
        )
        return Envelope.signed(first.encoded(), type: .root, by: [root]).encoded()
    }
}
