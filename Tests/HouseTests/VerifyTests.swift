import Foundation
import GRDB
import Platform
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(5)))
    func `verify finds by signature, chain and pointer what somebody changed who took the seal away`() async throws {
        try await House.scoped(nodes: 0) { house in
            // Its manifest carries the audit log's head: without one, nobody has signed anything about the entries' end.
            try await house.admin(.post, "/snapshots", "{}")
            let backup = try await house.backUp()
            let copy = house.folder.file("changed.sqlite").path()
            for (change, status) in [("SELECT 1", 0)] + Self.changes.map({ ($0, 78) }) {
                if FileManager.default.fileExists(atPath: copy) { try FileManager.default.removeItem(atPath: copy) }
                try FileManager.default.copyItem(atPath: backup, toPath: copy)
                try Self.change(copy, by: change)
                #expect(try await house.control("verify", copy) == Int32(status), "\(change)")
            }
        }
    }

    private static let changes = [
        "UPDATE auditEntry SET actor = 'eve' WHERE number = 2",
        "DELETE FROM auditEntry WHERE number > 3",
        "UPDATE revision SET content = '{}' WHERE kind = 'routes'",
        "UPDATE item SET inForce = NULL, latest = latest - 1 WHERE kind = 'models'",
        "UPDATE blob SET bytes = zeroblob(length(bytes)) WHERE digest IN (SELECT envelope FROM manifest)",
        "UPDATE blob SET bytes = zeroblob(length(bytes)) WHERE digest IN (SELECT denyDigest FROM head)",
        "DELETE FROM blob WHERE digest IN (SELECT digest FROM manifestBlob)",
        "UPDATE manifest SET comment = 'all is well'",
        "UPDATE root SET envelope = zeroblob(length(envelope))",
        "UPDATE environment SET epoch = 5",
        "DELETE FROM signingKey WHERE role = 'release'",
    ]

    /// As somebody does who has the file and no keys: past the triggers, which stand again afterwards.
    private static func change(_ path: String, by sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            let triggers = try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
            try database.execute(sql: "DELETE FROM backupSeal")
            try database.execute(sql: sql)
            for trigger in triggers { try database.execute(sql: trigger["sql"]) }
        }
        try queue.close()
    }
}
