import Domain
package import Storage

extension Publisher: SnapshotKeeper {
    private static let witnessesMax = 10_000

    package func snapshots(before sequence: UInt64?, limit: Int) async throws -> [SnapshotSummary] {
        try await self.database.read { reading in
            let current = try reading.head()?.stable?.seq
            return try reading.publications(before: sequence, limit: limit).map {
                try SnapshotSummary($0, in: reading, current: current)
            }
        }
    }

    package func snapshot(_ sequence: UInt64) async throws -> SnapshotSummary? {
        try await self.database.read { reading in
            let current = try reading.head()?.stable?.seq
            return try reading.publication(sequence).map { try SnapshotSummary($0, in: reading, current: current) }
        }
    }

    package func publish(by deed: Deed) async throws -> SnapshotSummary {
        try await self.summary(of: try await self.publishAnyway(by: deed))
    }

    package func rollback(to sequence: UInt64, by deed: Deed) async throws -> SnapshotSummary? {
        guard let publication = try await self.publishAgain(sequence, by: deed) else { return nil }
        return try await self.summary(of: publication)
    }

    package func auditWitnesses() async throws -> [AuditHead] {
        try await self.database.read { reading in
            try reading.publications(limit: Self.witnessesMax).map(\.audit).filter { $0.number > 0 }
        }
    }

    /// The failure of the last try, else what was left out of the snapshot or left as it was; and whether publishing is
    /// held.
    package func lastFault() async -> String? {
        let report = self.report()
        var faults = report.failure.map { [$0] } ?? report.problems.map(\.description)
        if let held = report.held {
            faults.append(
                "held since the rollback to snapshot \(held): only teams, roles and keys go out until you publish"
            )
        }
        return faults.isEmpty ? nil : faults.joined(separator: "; ")
    }

    private func summary(of publication: Publication) async throws -> SnapshotSummary {
        try await self.database.read { reading in
            try SnapshotSummary(publication, in: reading, current: try reading.head()?.stable?.seq)
        }
    }
}

extension SnapshotSummary {
    fileprivate init(_ publication: Publication, in reading: Reading, current: UInt64?) throws {
        self.init(
            sequence: publication.seq,
            epoch: publication.epoch,
            headVersion: try reading.headVersion(carrying: publication.seq) ?? 0,
            published: publication.published,
            author: publication.author,
            comment: publication.comment,
            digest: publication.envelope.digest,
            auditHead: publication.audit.number > 0 ? publication.audit : nil,
            counts: publication.counts,
            isCurrent: publication.seq == current
        )
    }
}
