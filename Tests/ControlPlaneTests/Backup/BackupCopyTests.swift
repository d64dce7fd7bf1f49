import ControlPlane
import Domain
import Foundation
import Platform
import Storage
import TestSupport
import Testing
import Wire

@Suite struct BackupCopyTests {
    @Test func `a backup that is made while writes go on is one state, whole and verified`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<25 {
                        let key = "key-\(writer)-\(number)"
                        try await control.writeKey(key, digest: .sha256(Array(key.utf8)))
                    }
                }
            }
            for number in 0..<3 { group.addTask { try await control.backUp(to: "backup-\(number)") } }
            try await group.waitForAll()
        }
        for number in 0..<3 {
            let path = "\(control.folder.path)/backup-\(number)"
            let found = try await verification(of: path)
            #expect(found.problems.isEmpty)
            #expect(found.summary?.environment == control.opened.environment)
            #expect(found.summary?.seq == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            // A key and its text are written in one transaction: a copy has both or neither.
            let copy = try ReadOnlyDatabase.open(path: path, hash: { .sha256($0) })
            let (keys, texts) = try await copy.read { reading in
                (try reading.inForce(.keys).count, try reading.keyDigests(at: .init(unixMilliseconds: 0)).count)
            }
            #expect(keys == texts)
            try copy.close()
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: control.folder.path)
        #expect(!left.contains { $0.contains(".martlet-") })
    }

    @Test func `a file that is there is not overwritten`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let path = try await control.backUp()
        let before = try DurableFile.read(path, bytesMax: 1 << 24)
        await #expect(throws: StartupFault.self) { try await control.backUp() }
        #expect(try DurableFile.read(path, bytesMax: 1 << 24) == before)
    }

    @Test func `what a killed backup left is removed by the next one into its folder`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let killed = try UnfinishedFile(of: "\(control.folder.path)/backup.sqlite").path
        for side in ["", "-journal"] { try DurableFile.write([1, 2, 3], to: killed + side) }
        let path = try await control.backUp()
        let left = try FileManager.default.contentsOfDirectory(atPath: control.folder.path)
        #expect(!left.contains { $0.contains(".martlet-") })
        #expect(try await verification(of: path).isGood)
    }

    @Test func `the database that is served verifies as well, and its copy holds the same`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let served = try await verification(of: control.path)
        #expect(served.problems.isEmpty && served.summary?.backedUp == nil)
        let copied = try await verification(of: try await control.backUp())
        #expect(copied.summary?.audit == served.summary?.audit)
        #expect(copied.summary?.backedUp != nil)
    }

    @Test func `a byte that is flipped anywhere is found, or nothing that the backup holds has changed`() async throws {
        var random = SeededGenerator.printed()
        let control = try await ControlPlaneUnderTest.published()
        let bytes = try DurableFile.read(try await control.backUp(), bytesMax: 1 << 24)
        let content = try await Self.content("\(control.folder.path)/backup.sqlite")
        let path = "\(control.folder.path)/flipped"
        var found = 0
        // Most of a small database is room; what says something is flipped more often.
        let telling = bytes.indices.filter { bytes[$0] != 0 }
        let places =
            (0..<110).compactMap { _ in telling.randomElement(using: &random) }
            + (0..<40).map { _ in Int.random(in: bytes.indices, using: &random) }
        for place in places {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            try DurableFile.write(flipped, to: path)
            if try await !Self.isGood(path) {
                found += 1
                continue
            }
            #expect(try await Self.content(path) == content, "byte \(place)")
        }
        print("found \(found) of 150 flipped bytes; the others lie in no row")
        #expect(found > 50)
    }

    @Test func `a backup that was cut short anywhere is found`() async throws {
        var random = SeededGenerator.printed()
        let control = try await ControlPlaneUnderTest.published()
        let bytes = try DurableFile.read(try await control.backUp(), bytesMax: 1 << 24)
        let path = "\(control.folder.path)/cut"
        for length in [0, 1, 100, bytes.count - 1]
            + (0..<20).map({ _ in Int.random(in: bytes.indices, using: &random) })
        {
            try DurableFile.write(Array(bytes[..<length]), to: path)
            #expect(try await !Self.isGood(path), "\(length) bytes")
        }
    }

    private static func isGood(_ path: String) async throws -> Bool {
        do {
            return try await verification(of: path).isGood
        } catch {
            return false  // Not even a database.
        }
    }

    private static func content(_ path: String) async throws -> Domain.Digest {
        let database = try ReadOnlyDatabase.open(path: path, hash: { .sha256($0) })
        let digest = try await database.read { try $0.contentDigest() }
        try database.close()
        return digest
    }
}
