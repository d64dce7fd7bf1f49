import Domain
import GRDB

/// What a change expects of the thing that it changes.
package enum Expectation: Hashable, Sendable {
    /// There is none of that name, or it was archived.
    case absent
    /// The newest revision is this one: nobody wrote in between.
    case revision(Int64)
    /// There is one, at whatever revision.
    case present
    /// Whatever there is.
    case anything
}

extension Transaction {
    /// Adds the next revision of a thing and its audit entry, and moves what is in force as its state says.
    ///
    /// `detail` is canonical JSON for the audit entry, and never holds a secret. Throws `StorageFault` `.exists`,
    /// `.notFound` or `.staleRevision` if the expectation does not hold, `.wrongState` for what was ever revoked.
    @discardableResult
    package func revise(
        _ kind: Kind,
        _ name: String,
        to content: String,
        state: Revision.State,
        expecting expectation: Expectation,
        action: String? = nil,
        detail: String = "{}",
        by deed: Deed
    ) throws -> Revision {
        let before = try self.reading.latest(kind, name)
        try Self.check(expectation, against: before)
        if state.effect != .endsForce { try self.refuseIfRevoked(kind, name) }
        let revision = Revision(
            kind: kind,
            name: name,
            revision: (before?.revision ?? 0) + 1,
            content: content,
            author: deed.actor,
            state: state,
            created: deed.at
        )
        try self.insert(revision)
        try self.point(to: revision)
        try self.audit(
            "\(kind.singular).\(action ?? state.rawValue)",
            "\(kind.singular)/\(name)",
            before: before.map { self.hash(Array($0.content.utf8)) },
            after: self.hash(Array(content.utf8)),
            detail: detail,
            by: deed
        )
        return revision
    }

    /// The same content in another state.
    @discardableResult
    package func move(
        _ revision: Revision,
        to state: Revision.State,
        expecting expectation: Expectation = .present,
        action: String? = nil,
        detail: String = "{}",
        by deed: Deed
    ) throws -> Revision {
        try self.revise(
            revision.kind,
            revision.name,
            to: revision.content,
            state: state,
            expecting: expectation,
            action: action,
            detail: detail,
            by: deed
        )
    }

    private static func check(_ expectation: Expectation, against latest: Revision?) throws {
        let isPresent = latest.map { $0.state != .archived } ?? false
        switch expectation {
        case .anything: return
        case .absent: if isPresent { throw StorageFault.exists }
        case .present: if !isPresent { throw StorageFault.notFound }
        case .revision(let revision):
            guard let latest, isPresent else { throw StorageFault.notFound }
            guard latest.revision == revision else { throw StorageFault.staleRevision(latest: latest.revision) }
        }
    }

    /// Revoked is revoked for good: no write, and no way round by archiving first, brings it back.
    private func refuseIfRevoked(_ kind: Kind, _ name: String) throws {
        let isRevoked = try Bool.fetchOne(
            self.db,
            sql: "SELECT EXISTS (SELECT 1 FROM revision WHERE kind = ? AND name = ? AND state = 'revoked')",
            arguments: [kind.rawValue, name]
        )
        guard isRevoked != true else {
            throw StorageFault.wrongState("the \(kind.singular) \(name) is revoked for good: make a new one")
        }
    }

    private func insert(_ revision: Revision) throws {
        try self.db.execute(
            sql: """
                INSERT INTO revision (kind, name, revision, content, author, state, created)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                revision.kind.rawValue, revision.name, revision.revision, revision.content, revision.author,
                revision.state.rawValue, revision.created.column,
            ]
        )
    }

    private func point(to revision: Revision) throws {
        let inForce: String =
            switch revision.state.effect {
            case .comesIntoForce: "excluded.latest"
            case .endsForce: "NULL"
            case .none: "inForce"
            }
        try self.db.execute(
            sql: """
                INSERT INTO item (kind, name, latest, inForce, isArchived) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (kind, name) DO UPDATE
                SET latest = excluded.latest, isArchived = excluded.isArchived, inForce = \(inForce)
                """,
            arguments: [
                revision.kind.rawValue, revision.name, revision.revision,
                revision.state.effect == .comesIntoForce ? revision.revision : nil,
                revision.state == .archived,
            ]
        )
    }
}

extension Reading {
    /// The newest revision, whatever its state.
    package func latest(_ kind: Kind, _ name: String) throws -> Revision? { try self.item(kind, name)?.latest }

    /// The thing of that name, archived or not.
    package func item(_ kind: Kind, _ name: String) throws -> Item? {
        let items = try self.items(
            "kind = ? AND name = ?",
            [kind.rawValue, name]
        )
        return items.first
    }

    /// Things that are not archived, by name, after `after`, at most `limit`.
    package func items(of kind: Kind, after: String? = nil, limit: Int) throws -> [Item] {
        try self.items(
            "kind = ? AND isArchived = 0 AND name > ? ORDER BY name LIMIT ?",
            [kind.rawValue, after ?? "", limit]
        )
    }

    /// The same without their contents: of those only how many elements the list `counted` has, and the member `shown` as
    /// it is in force. SQLite looks for them; nothing else of a content is read.
    package func outlines(
        of kind: Kind,
        counting counted: String,
        showing shown: String,
        after: String?,
        limit: Int
    ) throws -> [Outline] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT latest.name, latest.revision, latest.state, latest.author, latest.created,
                    coalesce(json_array_length(latest.content, ?4), 0) AS count,
                    json_extract(inForce.content, ?5) AS shown
                FROM item JOIN revision AS latest
                ON latest.kind = item.kind AND latest.name = item.name AND latest.revision = item.latest
                LEFT JOIN revision AS inForce
                ON inForce.kind = item.kind AND inForce.name = item.name AND inForce.revision = item.inForce
                WHERE item.kind = ?1 AND item.isArchived = 0 AND item.name > ?2 ORDER BY item.name LIMIT ?3
                """,
            arguments: [kind.rawValue, after ?? "", limit, "$.\(counted)", "$.\(shown)"]
        )
        return try rows.map(Outline.init)
    }

    /// The same of those that `isWanted`, by their newest revision; read a page at a time.
    package func items(
        of kind: Kind,
        after: String?,
        limit: Int,
        _ isWanted: (Revision) throws -> Bool
    ) throws -> [Item] {
        let pageSize = 500
        var (wanted, last): ([Item], String?) = ([], after)
        while wanted.count < limit {
            let page = try self.items(of: kind, after: last, limit: pageSize)
            wanted += try page.filter { try isWanted($0.latest) }
            guard page.count == pageSize else { break }
            last = page.last?.latest.name
        }
        return Array(wanted.prefix(limit))
    }

    /// How many there are that are not archived.
    package func count(of kind: Kind) throws -> Int {
        let sql = "SELECT count(*) FROM item WHERE kind = ? AND isArchived = 0"
        return try Int.fetchOne(self.db, sql: sql, arguments: [kind.rawValue]) ?? 0
    }

    /// Everything of one kind that is in force, by name: what a snapshot is compiled from.
    package func inForce(_ kind: Kind) throws -> [Revision] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT revision.* FROM item JOIN revision
                ON revision.kind = item.kind AND revision.name = item.name AND revision.revision = item.inForce
                WHERE item.kind = ? ORDER BY item.name
                """,
            arguments: [kind.rawValue]
        )
        return try rows.map(Revision.init)
    }

    /// Names of things that were taken out of force by hand (stopped, revoked, archived) and are not back: what a deny
    /// list is made of. A proposal to bring one back does not take it off.
    package func takenOutOfForce(_ kind: Kind) throws -> [String] {
        try String.fetchAll(
            self.db,
            sql: """
                SELECT item.name FROM item WHERE item.kind = ? AND item.inForce IS NULL AND EXISTS (
                    SELECT 1 FROM revision WHERE revision.kind = item.kind AND revision.name = item.name
                    AND revision.state IN ('stopped', 'revoked', 'archived')
                ) ORDER BY item.name
                """,
            arguments: [kind.rawValue]
        )
    }

    /// The revisions of one thing that came into force, oldest first; the last of them may be out of force by now.
    package func approvals(of kind: Kind, _ name: String) throws -> [Revision] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT * FROM revision WHERE kind = ? AND name = ? AND state IN ('approved', 'deprecated')
                ORDER BY revision
                """,
            arguments: [kind.rawValue, name]
        )
        return try rows.map(Revision.init)
    }

    /// The revision that came into force last, though it may be out of force by now; nil if none ever did.
    package func lastApproved(_ kind: Kind, _ name: String) throws -> Revision? {
        let row = try Row.fetchOne(
            self.db,
            sql: """
                SELECT * FROM revision WHERE kind = ? AND name = ? AND state IN ('approved', 'deprecated')
                ORDER BY revision DESC LIMIT 1
                """,
            arguments: [kind.rawValue, name]
        )
        return try row.map(Revision.init)
    }

    /// All revisions of one thing, newest first, before `before`, at most `limit`.
    package func history(of kind: Kind, _ name: String, before: Int64? = nil, limit: Int) throws -> [Revision] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT * FROM revision WHERE kind = ? AND name = ? AND revision < ? ORDER BY revision DESC LIMIT ?
                """,
            arguments: [kind.rawValue, name, before ?? .max, limit]
        )
        return try rows.map(Revision.init)
    }

    /// The revisions in which the content's list of this name grew, oldest first. SQLite counts it: nobody else reads what
    /// stands in it.
    package func growth(of list: String, in kind: Kind, _ name: String) throws -> [Growth] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT count, min(revision), author, created FROM (
                    SELECT json_array_length(content, ?3) AS count, revision, author, created
                    FROM revision WHERE kind = ?1 AND name = ?2
                ) WHERE count > 0 GROUP BY count ORDER BY count
                """,
            arguments: [kind.rawValue, name, "$.\(list)"]
        )
        return rows.map { Growth(count: $0["count"], author: $0["author"], created: $0.timestamp("created")) }
    }

    package func revision(_ kind: Kind, _ name: String, _ revision: Int64) throws -> Revision? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM revision WHERE kind = ? AND name = ? AND revision = ?",
            arguments: [kind.rawValue, name, revision]
        )
        return try row.map(Revision.init)
    }

    private func items(_ condition: String, _ arguments: StatementArguments) throws -> [Item] {
        let rows = try Row.fetchAll(self.db, sql: "SELECT * FROM item WHERE \(condition)", arguments: arguments)
        return try rows.map { row in
            let kind: Kind = try row.choice("kind")
            let name: String = row["name"]
            let inForce: Int64? = row["inForce"]
            guard let latest = try self.revision(kind, name, row["latest"]) else {
                throw StorageFault.corrupt("\(kind.singular) \(name) has no newest revision")
            }
            return Item(latest: latest, inForce: try inForce.flatMap { try self.revision(kind, name, $0) })
        }
    }
}

extension Revision {
    init(_ row: Row) throws {
        self.init(
            kind: try row.choice("kind"),
            name: row["name"],
            revision: row["revision"],
            content: row["content"],
            author: row["author"],
            state: try row.choice("state"),
            created: row.timestamp("created")
        )
    }
}
