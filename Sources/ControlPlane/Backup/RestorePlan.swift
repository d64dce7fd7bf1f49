import Domain
import Platform
import Storage
import Wire

/// Where a restored installation goes on from: above all that nodes may have seen. A pure rule.
struct RestorePlan: Hashable, Sendable {
    /// Where nothing is known of what nodes have seen, epochs go on so far above the backup's, because other restores since
    /// may have used the next ones: a node refuses an epoch that it has passed. Roots allow 1,000 of them.
    static let epochLeap: UInt64 = 16
    /// How far a node's own marks, which are not signed, may lie above what is: numbers go up to 2^63.
    static let markRiseMax: UInt64 = 1 << 40

    /// 2026-01-01T00:00:00Z.
    private static let numbersBegan = Timestamp(unixMilliseconds: 1_767_225_600_000)

    /// The number of tenths of a second until `now`. Two restores never begin at the same number, nor at one that an
    /// installation between them has used: none publishes ten times a second for long. So numbers name one thing each,
    /// even where two restores give the same epoch.
    private static func numbersBegin(at now: Timestamp) -> UInt64 {
        UInt64(max(0, now.milliseconds(since: self.numbersBegan) / 100))
    }

    /// Numbers that have been seen.
    struct Marks: Hashable, Sendable {
        var epoch: UInt64
        var seq: UInt64
        var headVersion: UInt64
        var denyListNumber: UInt64
    }

    let epoch: UInt64
    let last: Marks

    /// `seen` is empty where loss was accepted.
    init(backup: Marks, seen: [Marks], allowed epochs: ClosedRange<UInt64>, at now: Timestamp) throws {
        let all = seen + [backup]
        let begin = Self.numbersBegin(at: now)
        self.epoch = (all.map(\.epoch).max() ?? 0) + (seen.isEmpty ? Self.epochLeap : 1)
        self.last = Marks(
            epoch: self.epoch - 1,
            seq: max(all.map(\.seq).max() ?? 0, begin),
            headVersion: max(all.map(\.headVersion).max() ?? 0, begin),
            denyListNumber: max(all.map(\.denyListNumber).max() ?? 0, begin)
        )
        guard epochs.contains(self.epoch) else {
            throw StartupFault(
                .configuration,
                "epoch \(self.epoch) is beyond what the newest root allows (\(epochs)): this build makes no newer one"
            )
        }
    }
}

extension RestorePlan.Marks {
    /// What the backup itself knows of.
    init(_ reading: Reading, _ installation: Installation) throws {
        let head = try reading.head()
        self.init(
            epoch: max(installation.epoch, head?.epoch ?? 0),
            seq: try reading.nextSeq() - 1,
            headVersion: head?.version ?? 0,
            denyListNumber: head?.deny.number ?? 0
        )
    }
}
