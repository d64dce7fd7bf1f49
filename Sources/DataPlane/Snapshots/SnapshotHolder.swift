package import Domain
import Synchronization

/// The one place where the snapshot in force hangs. Read once per exchange, then passed down.
package final class SnapshotHolder: Sendable {
    private let held: Mutex<Snapshot?>

    package init(_ snapshot: Snapshot? = nil) { self.held = Mutex(snapshot) }

    /// Nil until a first snapshot has been verified: the node is not ready.
    package func current() -> Snapshot? { self.held.withLock { $0 } }

    /// Nil withdraws the snapshot, as on a ban.
    package func replace(with snapshot: Snapshot?) { self.held.withLock { $0 = snapshot } }
}
