import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct DatabaseFileTests {
    @Test func `a second opener of the same file is refused until the first is done`() async throws {
        let test = try TestDatabase(.file)
        #expect(throws: StorageFault.alreadyOpen(path: test.path)) {
            try Database.open(path: test.path, hash: testHash)
        }
        try test.database.close()
        let again = try Database.open(path: test.path, hash: testHash)
        try again.close()
    }

    @Test func `the file and its side files are the owner's alone`() async throws {
        let test = try TestDatabase(.file)
        try await test.database.write { _ = try $0.write("assistant") }
        let names = try FileManager.default.contentsOfDirectory(atPath: test.folder.path)
        #expect(names.contains("control.sqlite-wal"))
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(test.folder.path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `what was written is there after the file is opened again`() async throws {
        let test = try TestDatabase(.file)
        let written = try await test.database.write { try $0.write("assistant", "{\"a\":1}") }
        try test.database.close()
        let again = try Database.open(path: test.path, hash: testHash)
        #expect(try await again.read { try $0.latest(.routes, "assistant") } == written)
        #expect(try await again.read { try $0.verifyAudit() } != .intact(nil))
        try again.close()
    }

    @Test func `a directory that is not there is named, not made`() {
        #expect(throws: StorageFault.file(path: "/nowhere/at/all.lock", errno: 2)) {
            try Database.open(path: "/nowhere/at/all", hash: testHash)
        }
    }

    @Test func `every write that was acknowledged outlives kill -9, and the audit chain holds`() async throws {
        let test = try TestDatabase(.file)
        try test.database.close()
        let path = test.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let database = try Database.open(path: path, hash: testHash)
            let log = try #require(FileHandle(forWritingAtPath: path + ".lock"))
            try await withThrowingTaskGroup { group in
                for number in 0..<400 {
                    group.addTask {
                        try await database.write { _ = try $0.write("r\(number)") }
                        // One byte says that one write was acknowledged; appended, so the length is their number.
                        try log.write(contentsOf: Data([1]))
                        if number == 300 { kill(getpid(), SIGKILL) }
                    }
                }
                try await group.waitForAll()
            }
        }
        let acknowledged = try Data(contentsOf: URL(filePath: path + ".lock")).count
        let database = try Database.open(path: path, hash: testHash)
        let written = try await database.read { try $0.items(of: .routes, limit: 1_000).count }
        #expect(acknowledged > 0)
        #expect(written >= acknowledged)
        let verdict = try await database.read { try $0.verifyAudit() }
        guard case .intact(let head) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(head?.number == Int64(written))
        try database.close()
    }
}
