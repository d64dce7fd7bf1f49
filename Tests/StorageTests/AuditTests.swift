import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct AuditTests {
    private func filled(_ place: Place, entries: Int = 10) async throws -> TestDatabase {
        let test = try TestDatabase(place)
        try await test.database.write { transaction in
            for number in 1...entries {
                try transaction.audit(
                    "thing.done",
                    "thing/\(number)",
                    after: testHash([1]),
                    by: .fixture(reason: "why")
                )
            }
        }
        return test
    }

    @Test(arguments: Place.allCases)
    func `the chain holds from its first entry on`(_ place: Place) async throws {
        let test = try await self.filled(place)
        let (verdict, head, entries) = try await test.database.read {
            (try $0.verifyAudit(), try $0.auditHead(), try $0.auditEntries(limit: 100))
        }
        #expect(verdict == .intact(head))
        #expect(entries.map(\.number) == Array(1...10))
        #expect(entries[0].previous.bytes == AuditEntry.firstPrevious)
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.hash == $1.previous })
    }

    /// Each is an SQL statement that somebody with the file could run, and the first entry that betrays it.
    static let tamperings: [(sql: String, verdict: AuditVerdict)] = [
        ("UPDATE auditEntry SET actor = 'eve' WHERE number = 4", .broken(at: 4, .altered)),
        ("UPDATE auditEntry SET time = 0 WHERE number = 10", .broken(at: 10, .altered)),
        ("UPDATE auditEntry SET reason = '' WHERE number = 1", .broken(at: 1, .altered)),
        ("UPDATE auditEntry SET detail = '{\"a\":1}' WHERE number = 2", .broken(at: 2, .altered)),
        ("UPDATE auditEntry SET after = NULL WHERE number = 3", .broken(at: 3, .altered)),
        ("UPDATE auditEntry SET before = after, after = NULL WHERE number = 3", .broken(at: 3, .altered)),
        ("UPDATE auditEntry SET action = 'thing', subject = '.donething/5' WHERE number = 5", .broken(at: 5, .altered)),
        ("DELETE FROM auditEntry WHERE number = 6", .broken(at: 6, .missing)),
        ("DELETE FROM auditEntry WHERE number = 1", .broken(at: 1, .missing)),
        ("UPDATE auditEntry SET previous = zeroblob(32) WHERE number = 7", .broken(at: 7, .unlinked)),
        ("UPDATE auditEntry SET hash = zeroblob(32) WHERE number = 8", .broken(at: 8, .altered)),
    ]

    @Test func `every way of tampering with the file is found at its first entry`() async throws {
        for (sql, verdict) in Self.tamperings {
            let test = try await self.filled(.file)
            try test.database.close()
            try self.run(Self.dropTriggers + sql, on: test.path)
            let again = try Database.open(path: test.path, hash: testHash)
            let found = try await again.read { try $0.verifyAudit() }
            #expect(found == verdict, "\(sql)")
            try again.close()
        }
    }

    @Test func `a tail that was cut off, or a chain that was made anew, is found by a head published before`()
        async throws
    {
        let test = try await self.filled(.file)
        let head = try #require(try await test.database.read { try $0.auditHead() })
        try test.database.close()
        try self.run(Self.dropTriggers + "DELETE FROM auditEntry WHERE number > 7", on: test.path)
        let again = try Database.open(path: test.path, hash: testHash)
        let cut = try await again.read { (try $0.verifyAudit(), try $0.verifyAudit(witnesses: [head])) }
        #expect(cut.0 != cut.1)
        #expect(cut.1 == .broken(at: 8, .missing))
        try await again.write { transaction in
            for number in 8...10 { try transaction.audit("thing.forged", "thing/\(number)", by: .fixture()) }
        }
        let replaced = try await again.read { try $0.verifyAudit(witnesses: [head]) }
        #expect(replaced == .broken(at: 10, .replaced))
        try again.close()
    }

    @Test func `the database itself refuses to change or remove an entry, a revision or a vote`() async throws {
        let test = try await self.filled(.file)
        try await test.database.write { _ = try $0.write("assistant") }
        try test.database.close()
        let statements = [
            "UPDATE auditEntry SET actor = 'eve'", "DELETE FROM auditEntry",
            "INSERT OR REPLACE INTO auditEntry SELECT * FROM auditEntry WHERE number = 1",
            "UPDATE revision SET author = 'eve'", "DELETE FROM revision",
        ]
        for statement in statements {
            #expect(throws: SQLiteRefusal.self, "\(statement)") { try self.run(statement, on: test.path) }
        }
    }

    private static let dropTriggers = """
        DROP TRIGGER auditEntryIsNeverUpdated; DROP TRIGGER auditEntryIsNeverDeleted; DROP TRIGGER auditEntryIsDense;
        """

    private struct SQLiteRefusal: Error {
        let text: String
    }

    /// As somebody would who has the file: past this module.
    private func run(_ sql: String, on path: String) throws {
        if let text = RawSQLite.run(sql, on: path) { throw SQLiteRefusal(text: text) }
    }
}
