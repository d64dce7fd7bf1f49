import DataPlane
import Domain
import Foundation
import Platform
import Synchronization
import TestSupport
import Testing
import Wire

struct SnapshotClientTests {
    @Test func `only the sections that have changed are fetched`() async throws {
        let bench = try await SnapshotBench()
        let asked = bench.origin.asked.count
        let publication = try bench.offer(Recipe(42))
        await bench.deliver()
        let fetched = bench.origin.asked.dropFirst(asked).filter { $0.contains("/blobs/") }
        let catalog = try #require(publication.sections.first { $0.kind == "catalog" })
        #expect(
            Set(fetched)
                == Set([publication.manifest, catalog.bytes].map { "/node/v1/blobs/\(Digest.sha256(of: $0).hex)" })
        )
    }

    @Test func `the etag of the last activated head survives a restart and nothing is fetched again`() async throws {
        let bench = try await SnapshotBench()
        try bench.restart()
        let asked = bench.origin.asked.count
        await bench.deliver()
        #expect(Array(bench.origin.asked.dropFirst(asked)) == ["/node/v1/head"])
        #expect(bench.refused.isEmpty)
    }

    @Test func `a revoked key is locked out although the manifest that came with it is refused`() async throws {
        let bench = try await SnapshotBench()
        let digest = Digest.sha256(of: Array("mk_test".utf8))
        #expect(bench.served?.key(digest, at: bench.now.wall) != nil)
        try bench.offer(
            Recipe(42) {
                $0.denied = DenyList(number: 2, revokedKeys: [must(ID("key-1"))])
                $0.editParts = { $0.filter { $0.kind != "access" } }
            }
        )
        await bench.deliver()
        #expect(bench.served?.key(digest, at: bench.now.wall) == nil)
        #expect(bench.served?.version.sequence == 41)
        #expect(bench.served?.version.headVersion == 42, "the number of the head that brought the deny list")
        #expect(bench.codes == ["payload_invalid"])
        try bench.restart()
        #expect(bench.served?.key(digest, at: bench.now.wall) == nil, "also after a restart")
        #expect(bench.served?.version.sequence == 41)
    }

    @Test func `a deny list never goes back within an epoch`() async throws {
        let bench = try await SnapshotBench()
        let denied = DenyList(number: 5, revokedKeys: [must(ID("key-1"))])
        try await bench.accepts(Recipe(42) { $0.denied = denied })
        try await bench.refuses(Recipe(43) { $0.denied = DenyList(number: 4) }, .rollback)
        try await bench.refuses(Recipe(44) { $0.denied = DenyList(number: 5) }, .equivocation)
    }

    @Test func `what was refused for itself is not fetched again, and the next one is taken at once`() async throws {
        let bench = try await SnapshotBench()
        try await bench.refuses(Recipe(42) { $0.editParts = { $0.filter { $0.kind != "keys" } } }, .payloadInvalid)
        let asked = bench.origin.asked.count
        for _ in 0..<5 { await bench.deliver() }
        #expect(bench.origin.asked.dropFirst(asked).allSatisfy { $0 == "/node/v1/head" })
        #expect(bench.codes == ["payload_invalid"], "it stays in the status")
        try await bench.accepts(Recipe(43))
        #expect(bench.refused.isEmpty)
    }

    @Test func `a manifest below the highest signed floor is refused, whatever the head says`() async throws {
        let bench = try await SnapshotBench()
        try await bench.accepts(Recipe(50) { $0.floor = 45 })
        try await bench.refuses(Recipe(44) { $0.headVersion = 60 }, .rollback)
        #expect(bench.client?.floors.floor == EpochNumber(epoch: 1, number: 45))
    }

    @Test func `two unclean ends within a minute of an activation step back once`() async throws {
        let bench = try await SnapshotBench()
        bench.pass(milliseconds: 61_000)
        try bench.offer(Recipe(42))
        await bench.deliver()
        try bench.crash()
        #expect(bench.served?.version.sequence == 42, "once is chance")
        try bench.crash()
        #expect(bench.served?.version.sequence == 41)
        #expect(bench.codes == ["crashed"])
        await bench.deliver()
        #expect(bench.served?.version.sequence == 41, "the one that crashed is not tried again")
        try bench.crash()
        #expect(bench.served?.version.sequence == 41)
        // Revocations still arrive, and the next publication ends it.
        let denied = DenyList(number: 2, revokedKeys: [must(ID("key-1"))])
        try bench.offer(
            Recipe(42) {
                $0.headVersion = 43
                $0.denied = denied
            }
        )
        await bench.deliver()
        #expect(bench.served?.denyList == denied)
        try bench.restart()
        #expect(bench.served?.denyList == denied)
        #expect(bench.served?.version.sequence == 41)
        try await bench.accepts(
            Recipe(43) {
                $0.denied = denied
                $0.headVersion = 44
            }
        )
        #expect(bench.refused.isEmpty)
    }

    @Test func `a head that comes between two unclean ends does not forget what to step back to`() async throws {
        let bench = try await SnapshotBench()
        bench.pass(milliseconds: 61_000)
        try bench.offer(Recipe(42))
        await bench.deliver()
        try bench.crash()
        // A new deny list under the same manifest makes the node store what it has once more.
        let denied = DenyList(number: 2, revokedKeys: [must(ID("key-1"))])
        try bench.offer(
            Recipe(42) {
                $0.headVersion = 43
                $0.denied = denied
            }
        )
        await bench.deliver()
        try bench.crash()
        #expect(bench.served?.version.sequence == 41)
        #expect(bench.served?.denyList == denied)
    }

    @Test func `a source that says nothing fresh does not keep the others from being asked`() async throws {
        let bench = try await SnapshotBench()
        bench.origin.set { $0.count = 2 }
        try bench.restart()
        bench.pass(milliseconds: 600_000)
        #expect(bench.client?.status.isStale == true)
        let asked = Mutex<[Int]>([])
        bench.origin.observe { source in asked.withLock { $0.append(source) } }
        await bench.deliver()
        await bench.deliver()
        #expect(Set(asked.withLock { $0 }) == [0, 1])
        #expect(bench.served?.version.sequence == 41, "stale is no reason to stop")
    }

    @Test(arguments: [String(repeating: "x", count: 300), "\"a\u{7F}b\""])
    func `an etag that cannot be stored costs nothing but a fetch`(_ etag: String) async throws {
        let bench = try await SnapshotBench()
        try bench.offer(Recipe(42))
        bench.origin.set { $0.etag = etag }
        await bench.deliver()
        #expect(bench.served?.version.sequence == 42)
        try bench.restart()
        #expect(bench.served?.version.sequence == 42)
        #expect(bench.refused.isEmpty)
    }

    @Test func `no step back goes below the signed floor`() async throws {
        let bench = try await SnapshotBench()
        try bench.offer(Recipe(42) { $0.floor = 42 })
        await bench.deliver()
        try bench.crash()
        try bench.crash()
        #expect(bench.served == nil)
        #expect(bench.codes == ["crashed", "rollback"])
    }

    @Test func `a snapshot that was in force for a minute is not blamed for later ends`() async throws {
        let bench = try await SnapshotBench()
        try bench.offer(Recipe(42))
        await bench.deliver()
        bench.pass(milliseconds: 60_000)
        for _ in 0..<5 { try bench.crash() }
        #expect(bench.served?.version.sequence == 42)
    }

    @Test func `without one before it a crashing snapshot is served on`() async throws {
        let bench = try await SnapshotBench()
        for _ in 0..<5 { try bench.crash() }
        #expect(bench.served?.version.sequence == 41)
    }

    @Test func `a banned node serves nothing, whether the control plane or the deny list says so`() async throws {
        let told = try await SnapshotBench()
        let refusal = NodeRefusal(.banned, "by ann")
        told.origin.answer { _ in .success(.init(status: 403, body: refusal.encoded())) }
        await told.deliver()
        #expect(told.isBanned)
        #expect(told.served == nil)
        let listed = try await SnapshotBench()
        try listed.offer(Recipe(42) { $0.denied = DenyList(number: 2, bannedNodes: [listed.node]) })
        await listed.deliver()
        #expect(listed.isBanned)
        #expect(listed.served == nil)
    }

    @Test func `a 403 that is not a ban is only a source that fails`() async throws {
        let bench = try await SnapshotBench()
        bench.origin.answer { _ in .success(.init(status: 403, body: Array("no".utf8))) }
        await bench.deliver()
        #expect(!bench.isBanned)
        #expect(bench.served?.version.sequence == 41)
    }

    @Test func `a node that is new takes what boot names, not what is stable`() async throws {
        let house = House()
        let bench = try await SnapshotBench(serving: nil, house: house)
        let boot = try Recipe(5).publication(of: house, at: bench.now.wall)
        try bench.offer(
            Recipe(6) {
                $0.editHead = { $0.boot = ManifestRef(sequence: 5, blob: BlobRef(of: boot.manifest)) }
            }
        )
        bench.origin.set { $0.blobs.merge(boot.blobs) { _, new in new } }
        await bench.deliver()
        let bootPath = "/node/v1/blobs/\(Digest.sha256(of: boot.manifest).hex)"
        #expect(
            bench.origin.asked.filter { $0.contains("/blobs/") }.dropFirst().first == bootPath,
            "after the deny list"
        )
        #expect(bench.served?.version.sequence == 6, "and then follows the rest")
    }

    @Test func `a source that answers at once without news is not asked in a busy loop`() async throws {
        let bench = try await SnapshotBench()
        let polls = bench.polls
        for _ in 0..<10 { await bench.deliver() }
        #expect(bench.polls == polls + 10)
        #expect(bench.waits.suffix(10).allSatisfy { $0 >= 500 })
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `whatever comes in whatever order, what is served only moves forward and a restart finds it`(
        _ seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        let bench = try await SnapshotBench(serving: 1)
        var highest = UInt64(1)
        for _ in 0..<60 {
            let sequence = UInt64.random(in: 1...30, using: &random)
            try bench.offer(Recipe(sequence) { $0.headVersion = UInt64.random(in: 1...40, using: &random) })
            if Int.random(in: 0..<4, using: &random) == 0 {
                bench.origin.set { $0.blobs.removeValue(forKey: must($0.blobs.keys.randomElement(using: &random))) }
            }
            await bench.deliver()
            let served = try #require(bench.served)
            #expect(served.version.sequence >= highest, "seed \(seed)")
            highest = served.version.sequence
            if Int.random(in: 0..<5, using: &random) == 0 {
                try bench.restart()
                #expect(bench.served?.version.sequence == highest, "seed \(seed)")
            }
        }
        #expect(highest > 1, "seed \(seed): the walk must get somewhere")
    }
}
