import Foundation
import Platform
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(5)))
    func `after a restore from before its revocation a key stays revoked, and nobody else notices`() async throws {
        try await House.scoped(nodes: 2, knobs: "prompt=3-90;completion=1-40") { house in
            let (good, leaked) = (try await house.makeKnownKey(), try await house.makeKnownKey())
            let load = Load(on: house, key: good.key)
            try await withThrowingTaskGroup { group in
                defer { load.stop() }
                let backup = try await house.backUp()
                try await Self.endBootWithUsage(house, good.key)
                group.addTask { await load.run(callers: 2, seed: 1) }
                try await house.admin(.post, "/keys/\(leaked.id)/revoke", "{}")
                for number in house.nodeNumbers {
                    try await eventually(within: .seconds(10), "node \(number) refuses the leaked key") {
                        try await house.models(with: leaked.key, on: number) == 401
                    }
                }
                let before = try #require(Self.seq(of: try await house.ask(key: good.key, on: 0)))
                try await house.killControl()
                try house.loseDatabase()
                try await house.restore(backup)
                try await house.startControl()
                try await Self.expectNewEpoch(house, good: good.key, leaked: leaked.key, after: before)
            }
            #expect(load.soFar.failed == 0 && load.soFar.answered > 0, "\(load.soFar.statuses)")
            try await house.startNode(2)
            #expect(try await house.models(with: leaked.key, on: 2) == 401)
            #expect(try await house.models(with: good.key, on: 2) == 200)
            try await Self.expectEverythingCounted(house)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that enrolled after the backup serves on, and is back with a new token and all of its usage`()
        async throws
    {
        try await House.scoped(nodes: 1) { house in
            let key = try await house.makeKnownKey()
            let backup = try await house.backUp()
            try await house.startNode(1)
            #expect(try await house.ask(key: key.key, on: 1).status == 200)
            try await house.killControl()
            try house.loseDatabase()
            try await house.restore(backup)
            try await house.startControl()
            for _ in 0..<5 { #expect(try await house.ask(key: key.key, on: 1).status == 200) }
            try await house.node(1).program.stop()
            #expect(FileManager.default.fileExists(atPath: house.folder.file("node-1/node.key").path()))
            try FileManager.default.removeItem(at: house.folder.file("node-1/node.key"))
            try await house.startNode(1, joinsAnew: true)
            #expect(try await house.ask(key: key.key, on: 1).status == 200)
            try await Self.expectEverythingCounted(house)
        }
    }

    /// Node 1 answers after the backup, is counted, and starts again: the restored control plane has not heard of that,
    /// and the boot that could tell it is over.
    private static func endBootWithUsage(_ house: House, _ key: String) async throws {
        for _ in 0..<10 { #expect(try await house.ask(key: key, on: 1).status == 200) }
        try await house.node(1).program.stop()
        try house.node(1).program.expectDrainedSpool()
        try await house.startNode(1)
    }

    private static func expectNewEpoch(_ house: House, good: String, leaked: String, after seq: Int) async throws {
        for number in house.nodeNumbers {
            try await eventually(within: .seconds(60), "node \(number) follows the new epoch") {
                let reply = try await house.ask(key: good, on: number)
                return Self.seq(of: reply).map { $0 > seq } ?? false
            }
            #expect(try await house.models(with: leaked, on: number) == 401)
        }
    }

    private static func seq(of reply: House.Reply) -> Int? {
        reply.snapshot.split(separator: ".").first.flatMap { Int($0) }
    }

    /// Also what was acknowledged between the backup and the loss, by boots that go on and by one that had ended.
    private static func expectEverythingCounted(_ house: House) async throws {
        let answers = try await Books(of: house).provider.count
        try await eventually(within: .seconds(60), "all \(answers) answers are counted") {
            try Books.attempts(at: house.databasePath).count >= answers
        }
        let books = try await Books(of: house)
        #expect(books.counted.count == answers)
        #expect(books.unconfirmed.isEmpty)
        books.expectAgreement()
        #expect(try await house.control("verify") == 0)
    }
}

extension House {
    /// Runs `martlet-control` on this house's installation and gives its exit status.
    func control(_ arguments: String...) async throws -> Int32 {
        let program = try Program(
            "martlet-control",
            arguments + self.controlState,
            log: self.folder.file("commands.log")
        )
        return try await program.ended(within: .seconds(60))
    }

    /// While it is served; gives the file.
    func backUp() async throws -> String {
        let path = self.folder.file("backup.sqlite").path()
        #expect(try await self.control("backup", "--to", path) == 0)
        #expect(try await self.control("verify", path) == 0)
        #expect(try await self.control("verify") == 0)
        return path
    }

    func loseDatabase() throws {
        for suffix in ["", "-wal", "-shm"] {
            let path = self.databasePath + suffix
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }

    /// Not without the word of a node.
    func restore(_ backup: String) async throws {
        #expect(try await self.control("restore", backup) == 64)
        let node = self.folder.file("node-0").path()
        #expect(try await self.control("restore", backup, "--from-node", node) == 0)
        #expect(try await self.control("restore", backup, "--from-node", node) == 78)
    }
}
