import Foundation
import GRDB

/// Whether a file is of this build's making.
package enum SchemaState: Hashable, Sendable {
    /// With the steps that this build would add.
    case known(behind: Int)
    /// A step that this build does not know.
    case newer(String)
    /// What stands in the file is not what its steps make: the first thing that differs.
    case altered(String)
}

extension Reading {
    /// What SQLite itself finds wrong: pages, indexes, constraints, references. Empty if nothing.
    package func fileFaults() throws -> [String] {
        let pages = try String.fetchAll(self.db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        let references = try Row.fetchAll(self.db, sql: "PRAGMA foreign_key_check").prefix(20).map { row in
            "a row of \(row[0] as String? ?? "?") refers to a row of \(row[2] as String? ?? "?") that is not there"
        }
        return pages + references + (try self.isCutShort() ? ["its last page is not whole"] : [])
    }

    /// SQLite fills up a last page that ends too early, so that what is cut off may not be missed.
    private func isCutShort() throws -> Bool {
        let file = try Row.fetchOne(self.db, sql: "PRAGMA database_list")?["file"] as String?
        guard let file, !file.isEmpty else { return false }
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
        let page = try Int64.fetchOne(self.db, sql: "PRAGMA page_size") ?? 1
        return (size?.int64Value ?? 0) % max(page, 1) != 0
    }

    /// Compares the schema, to the letter, with the one that the same steps make in an empty database.
    package func schemaState() throws -> SchemaState {
        let migrations = Migrations.all
        let applied = try migrations.appliedIdentifiers(self.db)
        if let unknown = applied.sorted().first(where: { !migrations.migrations.contains($0) }) {
            return .newer(unknown)
        }
        let inOrder = migrations.migrations.filter(applied.contains)
        guard let last = inOrder.last, migrations.migrations.prefix(inOrder.count).elementsEqual(inOrder) else {
            return .altered("the steps that made it are not whole")
        }
        let fresh = try DatabaseQueue()
        try migrations.migrate(fresh, upTo: last)
        let expected = try fresh.read { try Self.schema(of: $0) }
        let found = try Self.schema(of: self.db)
        if let difference = expected.symmetricDifference(found).sorted().first { return .altered(difference) }
        return .known(behind: migrations.migrations.count - inOrder.count)
    }

    private static func schema(of db: GRDB.Database) throws -> Set<String> {
        let rows = try Row.fetchAll(
            db,
            sql:
                "SELECT type, name, tbl_name, coalesce(sql, '') AS sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
        )
        return Set(
            rows.map {
                "\($0["type"] as String) \($0["name"] as String) on \($0["tbl_name"] as String): \($0["sql"] as String)"
            }
        )
    }

    /// Things whose pointers are not at their own newest revision. Empty if none.
    package func danglingItems() throws -> [String] {
        try String.fetchAll(
            self.db,
            sql: """
                SELECT kind || '/' || name FROM item WHERE latest IS NOT (
                    SELECT max(revision) FROM revision WHERE revision.kind = item.kind AND revision.name = item.name
                ) UNION SELECT DISTINCT kind || '/' || name FROM revision WHERE NOT EXISTS (
                    SELECT 1 FROM item WHERE item.kind = revision.kind AND item.name = revision.name
                ) ORDER BY 1 LIMIT 20
                """
        )
    }

    /// Calls `body` with every revision there is, one after another.
    package func forEachRevision(_ body: (Revision) throws -> Void) throws {
        let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM revision ORDER BY kind, name, revision")
        while let row = try rows.next() { try body(try Revision(row)) }
    }
}
