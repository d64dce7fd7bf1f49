import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct GroupCommitTests {
    private struct Refused: Error {}

    @Test(arguments: Place.allCases)
    func `a write that throws leaves no trace, and those beside it stay`(_ place: Place) async throws {
        let test = try TestDatabase(place)
        let database = test.database
        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.write { transaction in
                            try transaction.write("r\(number)")
                            if number.isMultiple(of: 3) { throw Refused() }
                        }
                        return false
                    } catch {
                        return error is Refused
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let names = try await database.read { try $0.items(of: .routes, limit: 1_000).map(\.latest.name) }
        #expect(failures == 67)
        #expect(Set(names) == Set((0..<200).filter { !$0.isMultiple(of: 3) }.map { "r\($0)" }))
        let verdict = try await database.read { try $0.verifyAudit() }
        guard case .intact(let head) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(head?.number == 133)
    }

    @Test func `writes that meet share a commit`() async throws {
        let test = try TestDatabase(.file)
        let database = test.database
        let before = database.commits
        try await withThrowingTaskGroup { group in
            for number in 0..<500 { group.addTask { try await database.write { _ = try $0.write("r\(number)") } } }
            try await group.waitForAll()
        }
        #expect(database.commits - before < 500)
        #expect(try await database.read { try $0.items(of: .routes, limit: 1_000).count } == 500)
    }

    @Test(arguments: Place.allCases)
    func `whoever was told that it is written can read it`(_ place: Place) async throws {
        let test = try TestDatabase(place)
        for number in 1...20 {
            let written = try await test.database.write { try $0.write("assistant", "{\"n\":\(number)}") }
            let read = try await test.database.read { try $0.latest(.routes, "assistant") }
            #expect(read == written)
        }
    }

    @Test func `more writes than the queue holds are refused, not kept waiting`() async throws {
        let test = try TestDatabase(.file)
        let database = test.database
        let (queued, beyond) = (4_096, 100)
        // The writer stands still until it reads a byte.
        let gate = Pipe()
        let started = Pipe()
        async let blocked: Void = database.write { _ in
            try started.fileHandleForWriting.write(contentsOf: [1])
            _ = try gate.fileHandleForReading.read(upToCount: 1)
        }
        _ = try started.fileHandleForReading.read(upToCount: 1)
        let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<queued + beyond {
                group.addTask {
                    do {
                        try await database.write { _ = try $0.write("r\(number)") }
                        return false
                    } catch StorageFault.overloaded {
                        return true
                    }
                }
            }
            var refused = 0
            for try await isRefused in group where isRefused {
                refused += 1
                if refused == beyond { try gate.fileHandleForWriting.write(contentsOf: [1]) }
            }
            return refused
        }
        try await blocked
        #expect(refused == beyond)
        #expect(try await database.read { try $0.items(of: .routes, limit: 20_000).count } == queued)
    }
}
