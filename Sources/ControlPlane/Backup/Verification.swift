package import Domain
import Platform
package import Storage
import Wire

/// What `martlet-control verify` finds: what a database holds, and everything in it that does not hold.
package struct Verification: Sendable {
    package let summary: DatabaseSummary?
    /// A line each; empty if all is well.
    package let problems: [String]

    package var isGood: Bool { self.summary != nil && self.problems.isEmpty }

    /// Reads all of it, in one consistent state. Never throws: what cannot be read is a problem.
    package static func of(_ database: ReadOnlyDatabase) async -> Verification {
        do {
            return try await database.read { reading in
                var check = DatabaseCheck(reading)
                return Verification(summary: check.run(), problems: check.problems)
            }
        } catch {
            return Verification(summary: nil, problems: ["it cannot be read: \(error)"])
        }
    }
}

/// What a database holds, for people.
package struct DatabaseSummary: Hashable, Sendable {
    package let environment: ID<Domain.Environment>
    package let epoch: UInt64
    /// Of the newest snapshot; nil before the first.
    package let seq: UInt64?
    package let audit: AuditHead?
    package let byteCount: Int64
    /// Nil where it is no copy that `backup` made.
    package let backedUp: Timestamp?

    package var lines: [String] {
        [
            "environment  \(self.environment)", "epoch        \(self.epoch)",
            "snapshot     \(self.seq.map(String.init) ?? "none yet")",
            "audit        \(self.audit.map { "\($0.number) entries, head \($0.hash)" } ?? "empty")",
            "size         \(self.byteCount) bytes",
            "backed up    \(self.backedUp?.rfc3339 ?? "this is no backup")",
        ]
    }
}
