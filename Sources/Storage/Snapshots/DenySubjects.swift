import GRDB

extension Reading {
    /// Names of things that were taken out of force by hand (stopped, revoked, archived) and are not back, the latest
    /// first, at most `limit`: what a deny list is made of. A proposal to bring one back does not take it off.
    package func latestTakenOutOfForce(_ kind: Kind, limit: Int) throws -> [String] {
        try String.fetchAll(
            self.db,
            sql: """
                SELECT item.name FROM item JOIN revision ON revision.kind = item.kind AND revision.name = item.name
                WHERE item.kind = ? AND item.inForce IS NULL AND revision.state IN ('stopped', 'revoked', 'archived')
                GROUP BY item.name ORDER BY max(revision.created) DESC, item.name LIMIT ?
                """,
            arguments: [kind.rawValue, limit]
        )
    }

    /// The number of the newest audit entry on those that `latestTakenOutOfForce` leaves out at this limit; nil if it
    /// leaves none out. A snapshot that was compiled at or after that entry holds none of them.
    package func lastEntryOnForgotten(_ kind: Kind, limit: Int) throws -> Int64? {
        try Int64.fetchOne(
            self.db,
            sql: """
                SELECT max(auditEntry.number) FROM (
                    SELECT item.name AS name FROM item
                    JOIN revision ON revision.kind = item.kind AND revision.name = item.name
                    WHERE item.kind = ? AND item.inForce IS NULL
                    AND revision.state IN ('stopped', 'revoked', 'archived')
                    GROUP BY item.name ORDER BY max(revision.created) DESC, item.name LIMIT -1 OFFSET ?
                ) AS forgotten JOIN auditEntry ON auditEntry.subject = ? || '/' || forgotten.name
                """,
            arguments: [kind.rawValue, limit, kind.singular]
        )
    }

    /// The first publication that was compiled at or after an audit entry; nil if there is none yet.
    package func firstPublication(sinceEntry number: Int64) throws -> UInt64? {
        try Int64.fetchOne(
            self.db,
            sql: "SELECT min(seq) FROM manifest WHERE auditNumber >= ?",
            arguments: [number]
        ).map { UInt64(clamping: $0) }
    }
}
