/// Where snapshots may come from, in order of preference, and when each may be asked again.
///
/// Full jitter: after n failures in a row a source is asked again after a random time of up to 0.5 s × 2ⁿ, at most
/// 30 s. *Why not a fixed wait*: ten thousand nodes that lost a control plane at one moment would come back at one
/// moment.
package struct SourceList: Hashable, Sendable {
    static let ceilingMin: Int64 = 500
    static let ceilingMax: Int64 = 30_000
    /// Below this, waiting would be a busy loop.
    static let waitMin: Int64 = 50
    /// A source that asks for more patience than this is asked earlier: it may have meant seconds.
    static let patienceMax: Int64 = 600_000

    private struct Source: Hashable {
        var failures = 0
        /// On the steady clock, in milliseconds.
        var notBefore: Int64 = .min
    }

    private var sources: [Source]

    package init(count: Int) {
        precondition(count > 0, "a node has at least one source")
        self.sources = Array(repeating: Source(), count: count)
    }

    enum Turn: Hashable {
        case ask(Int)
        case wait(milliseconds: Int64)
    }

    /// The first source that may be asked now, or how long to wait for one.
    func turn(at steady: Int64) -> Turn {
        if let ready = self.sources.firstIndex(where: { $0.notBefore <= steady }) { return .ask(ready) }
        let earliest = self.sources.map(\.notBefore).min() ?? steady
        return .wait(milliseconds: max(Self.waitMin, earliest - steady))
    }

    mutating func succeeded(_ source: Int) { self.sources[source] = Source() }

    /// `draw` is a random number from 0 up to 1; `retryAfter` is what the source asked for, in milliseconds, and is
    /// obeyed where it is longer.
    mutating func failed(_ source: Int, at steady: Int64, draw: Double, retryAfter: Int64?, spread: Int64 = 0) {
        let failures = min(self.sources[source].failures + 1, 16)
        let ceiling = max(min(Self.ceilingMax, Self.ceilingMin << failures), spread)
        let jitter = max(Self.waitMin, Int64(draw * Double(ceiling)))
        let patience = min(max(0, retryAfter ?? 0), Self.patienceMax)
        self.sources[source] = Source(failures: failures, notBefore: steady + max(jitter, patience))
    }
}
