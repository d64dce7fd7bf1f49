/// What is known of names' addresses, and when to ask for them anew: pure state.
///
/// The system's resolver gives no time to live, so the bounds here stand for one. What always holds: at most one
/// look-up is under way for a name, and no more than `namesMax` names are known. An old answer is better than none: it
/// is given at once while a new one is fetched, so that a dead resolver stops no traffic for `staleMilliseconds`.
struct AddressBook {
    struct Bounds: Hashable, Sendable {
        /// Snapshots name far fewer hosts; the one asked for longest ago makes room.
        var namesMax = 1_024
        /// Before this an answer is not asked for again, unless it is doubted.
        var freshMilliseconds: Int64 = 30_000
        /// Counted from the look-up that brought it, an answer is given so long and no longer.
        var staleMilliseconds: Int64 = 600_000
        /// After a look-up of any outcome the next one of that name waits so long; so long a failure is believed too.
        var pauseMilliseconds: Int64 = 2_000
    }

    enum Failure: Hashable, Sendable {
        /// The name is known not to exist, or to have no address: what was known of it holds no more.
        case absent
        /// Nobody could say.
        case unavailable
    }

    enum Answer: Hashable {
        case addresses([HostAddress])
        /// There is none now; the last look-up was a moment ago.
        case none
        /// A look-up is under way: wait for its end, then ask again.
        case pending
    }

    private struct Entry {
        var addresses: [HostAddress] = []
        /// When the look-up that brought them ended.
        var known: Tick?
        /// When the last look-up ended, whatever its outcome.
        var ended: Tick?
        var isLookedUp = false
        var isDoubted = false
        var asked: Tick
    }

    private let bounds: Bounds
    private var entries: [String: Entry] = [:]

    init(_ bounds: Bounds = Bounds()) { self.bounds = bounds }

    var count: Int { self.entries.count }

    /// What to answer now. With `looksUp` the caller begins a look-up, which ends in `found` or `failed`.
    mutating func ask(_ name: String, now: Tick) -> (answer: Answer, looksUp: Bool) {
        guard var entry = self.entries[name] ?? self.makeEntry(now: now) else { return (.none, false) }
        entry.asked = now
        let looksUp = !entry.isLookedUp && self.isDue(entry, now: now)
        if looksUp { entry.isLookedUp = true }
        self.entries[name] = entry
        return (self.answer(for: name, now: now), looksUp)
    }

    /// What is known now, without a word about look-ups.
    func answer(for name: String, now: Tick) -> Answer {
        guard let entry = self.entries[name] else { return .none }
        if self.isUsable(entry, now: now) { return .addresses(entry.addresses) }
        return entry.isLookedUp ? .pending : .none
    }

    /// A look-up has ended well; no address at all is `Failure.absent`.
    mutating func found(_ addresses: [HostAddress], of name: String, now: Tick) {
        guard !addresses.isEmpty else { return self.failed(.absent, of: name, now: now) }
        self.entries[name]?.addresses = addresses
        self.entries[name]?.known = now
        self.end(name, now: now)
    }

    mutating func failed(_ failure: Failure, of name: String, now: Tick) {
        switch failure {
        case .absent: self.entries[name]?.known = nil
        case .unavailable: break
        }
        self.end(name, now: now)
    }

    /// Nobody answered at these addresses: they may have moved, so the next who asks has them looked up.
    mutating func doubt(_ name: String) { self.entries[name]?.isDoubted = true }

    private mutating func end(_ name: String, now: Tick) {
        self.entries[name]?.ended = now
        self.entries[name]?.isLookedUp = false
        self.entries[name]?.isDoubted = false
    }

    private func isUsable(_ entry: Entry, now: Tick) -> Bool {
        guard let known = entry.known else { return false }
        return now < known.advanced(milliseconds: self.bounds.staleMilliseconds)
    }

    private func isDue(_ entry: Entry, now: Tick) -> Bool {
        guard let ended = entry.ended else { return true }
        guard now >= ended.advanced(milliseconds: self.bounds.pauseMilliseconds) else { return false }
        guard let known = entry.known, !entry.isDoubted else { return true }
        return now >= known.advanced(milliseconds: self.bounds.freshMilliseconds)
    }

    /// Nil where there is no room: every name is being looked up.
    private mutating func makeEntry(now: Tick) -> Entry? {
        if self.entries.count >= self.bounds.namesMax {
            let idle = self.entries.filter { !$0.value.isLookedUp }
            guard let oldest = idle.min(by: { $0.value.asked < $1.value.asked }) else { return nil }
            self.entries[oldest.key] = nil
        }
        return Entry(asked: now)
    }
}
