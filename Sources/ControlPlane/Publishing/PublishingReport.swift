package import Domain

/// How publishing goes: what people look at when a change does not arrive.
package struct PublishingReport: Hashable, Sendable {
    /// When the newest snapshot of this process's life was published.
    package var published: Timestamp?
    /// Snapshots published by this process.
    package var publishes: UInt64 = 0
    /// Why the last try failed as a whole; what was last good is in force. Nil if it did not fail.
    package var failure: String?
    /// What was left out or left as it was, and why.
    package var problems: [CompileProblem] = []
    /// The snapshot that somebody went back to: changes of behaviour wait until somebody publishes, so that neither an
    /// unrelated change nor a restart undoes the rollback. Teams, roles and keys go out all the same. As the newest
    /// publication in the database says, so it outlives the process.
    package var held: UInt64?

    package init() {}
}

/// A wake-up that is never lost and never queued twice.
final class Bell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (self.rings, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func ring() { self.continuation.yield() }
}
