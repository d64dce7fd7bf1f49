import Domain
import Platform
import Storage
import Wire

/// Where a restored installation goes on from: above all that nodes may have seen. A pure rule.
struct RestorePlan: Hashable, Sendable {
    /// Where nothing is known of what nodes have seen, numbers go on so far above the backup's that no installation can
    /// have come there since: it publishes at most once a second.
    static let numberLeap: UInt64 = 1_000_000
    /// The same for epochs, which other restores since the backup may have used: a node refuses an epoch it has passed.
    /// Roots allow 1,000 of them.
    static let epochLeap: UInt64 = 16

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
    init(backup: Marks, seen: [Marks], allowed epochs: ClosedRange<UInt64>) throws {
        let all = seen + [backup]
        let leap = seen.isEmpty ? Self.numberLeap : 0
        self.epoch = (all.map(\.epoch).max() ?? 0) + (seen.isEmpty ? Self.epochLeap : 1)
        self.last = Marks(
            epoch: self.epoch - 1,
            seq: (all.map(\.seq).max() ?? 0) + leap,
            headVersion: (all.map(\.headVersion).max() ?? 0) + leap,
            denyListNumber: (all.map(\.denyListNumber).max() ?? 0) + leap
        )
        guard epochs.contains(self.epoch) else {
            throw StartupFault(
                .configuration,
                "epoch \(self.epoch) is beyond what the newest root allows (\(epochs)): sign a new root first"
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
