package import Logging
package import Platform
import Synchronization

/// What a node does when it is told that it is banned: it forgets its keys, credentials and leases, serves nothing more,
/// and drains as on SIGTERM. Its unsent usage stays, for whoever looks into it.
package final class Ban: Sendable {
    private let file: IdentityFile
    private let credentials: SealedCredentials
    private let holder: SnapshotHolder
    private let leases: Leases
    private let readiness: Readiness
    private let logger: Logger
    private let isExecuted = Atomic(false)

    package init(
        file: IdentityFile,
        credentials: SealedCredentials,
        holder: SnapshotHolder,
        leases: Leases,
        readiness: Readiness,
        logger: Logger
    ) {
        self.file = file
        self.credentials = credentials
        self.holder = holder
        self.leases = leases
        self.readiness = readiness
        self.logger = logger
    }

    package func execute() {
        guard !self.isExecuted.exchange(true, ordering: .acquiringAndReleasing) else { return }
        self.logger.error("this node is banned: keys and credentials are wiped, and it drains")
        self.holder.replace(with: nil)
        self.leases.forget()
        self.readiness.unmet("membership", because: "this node is banned")
        self.wipe("credentials", self.credentials.wipe)
        self.wipe("node key", self.file.wipe)
        Daemon.askToEnd()
    }

    /// What cannot be wiped keeps nothing else from being wiped.
    private func wipe(_ what: String, _ wipe: () throws -> Void) {
        do {
            try wipe()
        } catch {
            self.logger.error("the \(what) could not be wiped", metadata: ["reason": "\(error)"])
        }
    }
}
