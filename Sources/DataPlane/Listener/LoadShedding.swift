/// Whether an event loop that is late turns requests away, and how many of them, as pure state.
///
/// A loop that has more to do than time answers later and later, until every caller has given up on an answer that is
/// still being worked on. How late it is tells of that before any count does: below `lateMilliseconds` all are served,
/// beyond `collapsedMilliseconds` none, and between them the share grows evenly. One late look is not enough: the whole
/// machine may have stood still for a moment.
struct LoadShedding {
    /// As late as a busy loop may be: a caller waits about twice that long.
    static let lateMilliseconds: Int64 = 250
    static let collapsedMilliseconds: Int64 = 1_000

    /// Of a thousand requests.
    private var shedPerMille: Int64 = 0
    /// Thousandths of a request that are owed to the share: it is kept exactly, without chance.
    private var owed: Int64 = 0
    private var lastLateness: Int64 = 0

    /// The loop was looked at so long after the time for it had come.
    mutating func looked(lateByMilliseconds milliseconds: Int64) {
        let lateness = min(milliseconds, self.lastLateness, Self.collapsedMilliseconds)
        let beyond = max(lateness - Self.lateMilliseconds, 0)
        self.shedPerMille = beyond * 1_000 / (Self.collapsedMilliseconds - Self.lateMilliseconds)
        self.lastLateness = milliseconds
    }

    /// Whether the next request is turned away.
    mutating func turnsAway() -> Bool {
        self.owed += self.shedPerMille
        guard self.owed >= 1_000 else { return false }
        self.owed -= 1_000
        return true
    }
}
