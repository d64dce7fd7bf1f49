import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct BackupTests {
    private func sealed(_ test: TestDatabase) throws -> String {
        let path = "\(test.folder.path)/copy.sqlite"
        let database = try ReadOnlyDatabase.open(path: test.path, hash: testHash)
        try database.copy(to: path)
        try database.close()
        try Database.seal(copy: path, made: Timestamp(unixMilliseconds: 7_000), hash: testHash)
        return path
    }

    private func read<Value: Sendable>(
        _ path: String,
        _ body: @Sendable (Reading) throws -> Value
    ) async throws -> Value {
        let database = try ReadOnlyDatabase.open(path: path, hash: testHash)
        let value = try await database.read(body)
        try database.close()
        return value
    }

    @Test func `a copy holds what was committed, while the writer goes on`() async throws {
        let test = try TestDatabase(.file)
        let written = try await test.database.write { try $0.write("assistant", "{\"a\":1}") }
        let path = try self.sealed(test)
        try await test.database.write { _ = try $0.write("later") }
        let (found, later, seal) = try await self.read(path) { reading in
            (
                try reading.latest(.routes, "assistant"), try reading.latest(.routes, "later"),
                try reading.backupSeal()
            )
        }
        #expect(found == written && later == nil)
        #expect(seal?.made.unixMilliseconds == 7_000)
    }

    @Test func `the seal is broken by any row that is added, changed or gone`() async throws {
        let test = try TestDatabase(.file)
        try await test.database.write { _ = try $0.write("assistant") }
        let changes = [
            "INSERT INTO usageValue VALUES (1, 'user', 'ann', 1)", "UPDATE item SET isArchived = 1",
            "DELETE FROM grdb_migrations WHERE identifier LIKE '%usage%'",
            "INSERT INTO joinToken VALUES ('t', zeroblob(32), 'p', 0, 1, 'ann', 1, 2)",
        ]
        let path = try self.sealed(test)
        let seal = try await self.read(path) { try $0.backupSeal() }
        #expect(try await self.read(path) { try $0.contentDigest() } == seal?.digest)
        for change in changes {
            try FileManager.default.removeItem(atPath: path)
            _ = try self.sealed(test)
            #expect(RawSQLite.run(change, on: path) == nil)
            #expect(try await self.read(path) { try $0.contentDigest() } != seal?.digest, "\(change)")
        }
    }

    @Test func `two values next to each other are not taken for two others`() async throws {
        let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
            for (a, b) in [("ab", "c"), ("a", "bc"), ("", "abc")] {
                group.addTask {
                    let test = try TestDatabase(.file)
                    try test.database.close()
                    let sql = "INSERT INTO usageValue VALUES (1, '\(a)', '\(b)', 1)"
                    #expect(RawSQLite.run(sql, on: test.path) == nil)
                    return try await self.read(test.path) { try $0.contentDigest() }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(digests).count == 3)
    }

    @Test func `a schema that its steps did not make is told from one that they did`() async throws {
        let test = try TestDatabase(.file)
        try test.database.close()
        #expect(try await self.read(test.path) { try $0.schemaState() } == .known(behind: 0))
        #expect(RawSQLite.run("DROP TRIGGER auditEntryIsNeverUpdated", on: test.path) == nil)
        let altered = try await self.read(test.path) { try $0.schemaState() }
        guard case .altered(let what) = altered else {
            Issue.record("\(altered)")
            return
        }
        #expect(what.contains("auditEntryIsNeverUpdated"))
        let newer = "INSERT INTO grdb_migrations VALUES ('2999-01-01 dreams')"
        #expect(RawSQLite.run(newer, on: test.path) == nil)
        #expect(try await self.read(test.path) { try $0.schemaState() } == .newer("2999-01-01 dreams"))
    }

    @Test func `a pointer that does not stand at the newest revision is found`() async throws {
        let test = try TestDatabase(.file)
        try await test.database.write { transaction in
            _ = try transaction.write("assistant")
            _ = try transaction.write("assistant", "{\"a\":2}")
        }
        try test.database.close()
        #expect(try await self.read(test.path) { try $0.danglingItems() }.isEmpty)
        #expect(RawSQLite.run("UPDATE item SET latest = 1, inForce = 1", on: test.path) == nil)
        #expect(try await self.read(test.path) { try $0.danglingItems() } == ["routes/assistant"])
    }

    @Test func `a number that was published before a restore is never given again`() async throws {
        let test = try TestDatabase()
        let environment = try #require(ID<Environment>("env-1"))
        let hash = testHash([1])
        let deny = HeadReferences.Deny(number: 9, blob: BlobReference(digest: hash, size: 1), content: hash)
        func restore(epoch: UInt64) async throws {
            try await test.database.write { transaction in
                try transaction.restore(
                    Restoration(epoch: epoch, lastSeq: 41, lastHeadVersion: 7, manifest: nil),
                    deny: deny,
                    bytes: [1],
                    rootVersion: 1,
                    detail: "{}",
                    by: .fixture(by: "system")
                )
            }
        }
        await #expect(throws: StorageFault.notFound) { try await restore(epoch: 2) }
        try await test.database.write { transaction in
            let installation = Installation(environment: environment, epoch: 1, approvalsRequired: 1)
            try transaction.found(installation, keys: [], rootEnvelope: [1], by: .fixture())
        }
        #expect(try await test.database.read { try $0.nextSeq() } == 1)
        await #expect(throws: StorageFault.self) { try await restore(epoch: 1) }
        try await restore(epoch: 2)
        let (next, head) = try await test.database.read { (try $0.nextSeq(), try $0.head()) }
        #expect(next == 42)
        #expect(head?.epoch == 2 && head?.version == 8 && head?.deny.number == 9 && head?.stable == nil)
        await #expect(throws: StorageFault.self) { try await restore(epoch: 2) }
    }
}
