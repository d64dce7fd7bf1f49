import Domain
import Logging
import ServiceLifecycle
import Storage

/// Keeps what snapshots need to know of issuers whose tokens nodes take: their public keys, fetched again and again,
/// and kept in the database, so that a silent issuer and a restart take nobody's access away. A key that its issuer
/// withdraws is off the nodes within `age` and a publication.
package final class IssuerKeyKeeper: Service {
    /// How often it is looked whether a key set is due; a change of the catalogue rings sooner.
    private static let interval = Duration.seconds(30)
    /// Keys that were fetched so long ago are fetched again.
    private static let ageMilliseconds: Int64 = 5 * 60_000

    private let database: Database
    private let keys: IssuerKeys
    private let changes: any ChangeListener
    private let timing: Timing
    private let logger: Logger
    private let bell = Bell()

    init(
        database: Database,
        keys: IssuerKeys,
        changes: any ChangeListener,
        timing: Timing,
        logger: Logger
    ) {
        self.database = database
        self.keys = keys
        self.changes = changes
        self.timing = timing
        self.logger = logger
    }

    package func run() async throws {
        try await untilGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        self.bell.ring()
                        try await self.timing.sleep(Self.interval)
                    }
                }
                group.addTask {
                    for await _ in self.bell.rings { await self.refreshDue() }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Fetches what is due. Whatever fails is tried the next time; what is known stays.
    package func refreshDue() async {
        do {
            let issuers = try await self.database.read { reading in
                try reading.inForce(.issuers).map { try IssuerContent.read($0) }.filter { !$0.applications.isEmpty }
            }
            for issuer in issuers { try await self.refresh(issuer) }
            let sources = Set(issuers.map(\.source.text))
            try await self.database.write { try $0.forgetIssuerKeys(exceptFrom: sources) }
        } catch is CancellationError {
            return  // Shutting down.
        } catch {
            self.logger.error("issuers' keys not kept", metadata: ["error": "\(error)"])
        }
    }

    private func refresh(_ issuer: IssuerContent) async throws {
        let now = self.timing.now()
        let fetched: PublicKeys
        do throws(SignInFault) {
            fetched = try await self.keys.keys(of: issuer, within: Self.ageMilliseconds, at: now)
        } catch {
            return  // IssuerKeys has logged why.
        }
        let isNew = try await self.database.write { transaction in
            try transaction.keepIssuerKeys(
                fetched.canonical,
                from: issuer.source.text,
                of: issuer.name.text,
                detail: JSON.object(["keys": .array(fetched.keys.map { .string($0.id ?? "") })]).canonical,
                by: Deed(by: "system", at: now)
            )
        }
        if isNew { self.changes.contentChanged() }
    }
}

extension IssuerKeyKeeper: ChangeListener {
    /// There may be a new issuer.
    package func contentChanged() { self.bell.ring() }
    package func denyListChanged() {}
}
