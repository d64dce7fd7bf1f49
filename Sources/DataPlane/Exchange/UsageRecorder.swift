package import Domain

/// Where an exchange leaves its usage. Called on the event loop: every call is synchronous and does no system call
/// that can wait.
package protocol UsageRecorder: Sendable {
    /// Notes that an attempt is about to go upstream. When it returns the note survives the death of the process.
    /// `event` is what will be counted if nothing more is ever known: outcome `lost`, unconfirmed.
    func begin(_ event: UsageEvent, onLoop loop: Int) -> AttemptMark

    /// Whether what `begin` notes now would survive, and what follows could be written down. Where not, nothing may be spent
    /// of a hard budget: nobody would know of it.
    func isProving(onLoop loop: Int) -> Bool

    /// The attempt goes on and may cost more: `event` is what will be counted if nothing more is ever known.
    func grow(_ mark: AttemptMark, _ event: UsageEvent)

    /// The attempt has ended; `event` replaces what `begin` noted.
    func end(_ mark: AttemptMark, _ event: UsageEvent)

    /// An exchange that was denied: no attempt was begun.
    func deny(_ event: UsageEvent)
}

/// Ties the end of an attempt to its beginning: the slot of its INTENT in the loop's file. `slot` is nil where the
/// recorder could not write one (no room, disk gone).
package struct AttemptMark: Hashable, Sendable {
    package let loop: Int
    package let slot: Int?

    package init(loop: Int, slot: Int?) {
        self.loop = loop
        self.slot = slot
    }
}
