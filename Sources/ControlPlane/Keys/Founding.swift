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

    /// More people than most platform teams have.
    package static let approvalsMax = 16

    /// Refuses if anything of an installation is there already. The first principal is called `admin`; its token is
    /// in `keys/admin.token` and nowhere else. `approvalsRequired`: how many others must agree to what needs approval;
    /// 0: nobody.
    package func found(approvalsRequired: Int, random: @escaping @Sendable (Int) -> [UInt8]) async throws -> Founded {
        try await self.requireNothing()
        let environment = Self.newEnvironment(random)
        let now = self.timing.now()
        let (root, release, freshness) = (SigningKey.generate(), SigningKey.generate(), SigningKey.generate())
        let master = SymmetricKey(size: .bits256)
        let vault = Vault(masterKey: master, environment: environment)
        let sealed = [
            try OnlineKeys.seal(release, for: .release, vault: vault),
            try OnlineKeys.seal(freshness, for: .freshness, vault: vault),
        ]
        let envelope = Self.firstRoot(environment, root, release, freshness, at: now)
        let installation = Installation(environment: environment, epoch: 1, approvalsRequired: approvalsRequired)
        guard let admin = Name<Principal>("admin") else { preconditionFailure("admin is a name") }
        let files = self.files
        let made = MadeFiles()
        do {
            try files.create(root: root, master: master, noting: made)
            try await self.database.write { transaction in
                let deed = Deed(by: "system", at: now, reason: "martlet-control init")
                try transaction.found(installation, keys: sealed, rootEnvelope: envelope, by: deed)
                try files.createToken(try transaction.foundAdmin(admin, random: random, by: deed), noting: made)
            }
        } catch {
            try made.remove()
            throw error
        }
        return Founded(environment: environment, rootDigest: Digest.sha256(of: try Self.payload(envelope)))
    }

    private static func payload(_ envelope: [UInt8]) throws(SnapshotRefusal) -> [UInt8] {
        try Envelope.decode(envelope, expecting: .root).payload
    }

    private func requireNothing() async throws {
        if let there = try await self.database.read({ try $0.installation() }) {
            throw StartupFault(
                .configuration,
                "there is an installation in this database already (environment \(there.environment)): nothing was "
                    + "changed; start it with `martlet-control serve`, or give --database another path"
            )
        }
        try Self.requireNoKeys(self.files)
    }

    /// For a caller that would make a database first.
    package static func requireNoKeys(_ files: KeyFiles) throws {
        let present = try files.present()
        guard present.isEmpty else {
            throw StartupFault(
                .configuration,
                "there is an installation here already (\(present.joined(separator: ", "))): nothing was changed; start "
                    + "it with `martlet-control serve`, or give --keys and --database other places for a new one"
            )
        }
    }

    private static func newEnvironment(_ random: (Int) -> [UInt8]) -> ID<Domain.Environment> {
        guard let id = ID<Domain.Environment>("env-\(Hex.encode(random(12)))") else {
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

/// What `init` made.
package struct Founded: Hashable, Sendable {
    package let environment: ID<Domain.Environment>
    /// Of root 1: what nodes may be told to trust.
    package let rootDigest: Domain.Digest
}
