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
}
