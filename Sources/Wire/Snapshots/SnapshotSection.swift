/// One content-addressed part of a snapshot.
package struct SnapshotSection: Hashable, Sendable {
    package let kind: String
    package let shard: Int
    package let isCritical: Bool
    package let bytes: [UInt8]

    package init(kind: String, shard: Int, isCritical: Bool, bytes: [UInt8]) {
        self.kind = kind
        self.shard = shard
        self.isCritical = isCritical
        self.bytes = bytes
    }

    /// How a manifest names it.
    package var reference: Manifest.SectionRef {
        Manifest.SectionRef(
            kind: self.kind,
            shard: self.shard,
            blob: BlobRef(of: self.bytes),
            isCritical: self.isCritical
        )
    }
}

/// The kinds that this build reads.
package enum SectionKind: String, Hashable, Sendable, CaseIterable {
    case catalog, routes, access, keys
    /// Absent where there are none, and in snapshots from before there were any: what is not there is not found.
    case prompts, issuers
    /// The same, and critical: who does not know them cannot keep them.
    case budgets, limits

    /// Of every kind there is all: one shard, or for keys and prompts shards 0 ..< n, n a power of two. A kind that this
    /// build does not know is left alone unless it is critical.
    package static func require(_ sections: [Manifest.SectionRef]) throws(SnapshotRefusal) {
        for section in sections where section.isCritical && SectionKind(rawValue: section.kind) == nil {
            throw SnapshotRefusal(
                .decode,
                .unknownCritical,
                "the section \(section.kind) is critical and this build does not know it: upgrade the node"
            )
        }
        for kind in self.allCases {
            let shards = sections.filter { $0.kind == kind.rawValue }.map(\.shard).sorted()
            guard shards == Array(0..<shards.count), kind.allows(shards: shards.count) else {
                throw SnapshotRefusal(
                    .decode,
                    .payloadInvalid,
                    "the shards of the section \(kind.rawValue) are not whole"
                )
            }
        }
    }

    /// Whether every snapshot has it: an absent one must never mean "nothing is forbidden".
    package var isRequired: Bool {
        switch self {
        case .catalog, .routes, .access, .keys: true
        case .prompts, .issuers, .budgets, .limits: false
        }
    }

    func allows(shards: Int) -> Bool {
        switch self {
        case .catalog, .routes, .access: shards == 1
        case .issuers, .budgets, .limits: shards <= 1
        case .keys: shards <= KeyTable.shardsMax && shards.nonzeroBitCount == 1
        case .prompts: shards <= PromptsCodec.shardsMax && shards.nonzeroBitCount <= 1
        }
    }
}
