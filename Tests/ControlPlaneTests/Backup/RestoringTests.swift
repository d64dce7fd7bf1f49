import ControlPlane
import Domain
import HTTPTypes
import HummingbirdTesting
import Platform
import Storage
import TestSupport
import Testing
import Wire

@Suite struct RestoringTests {
    private static let key1 = "key-1"

    private func revoke(_ name: String, in control: ControlPlaneUnderTest) async throws {
        let deed = control.deed
        try await control.database.write { transaction in
            let latest = try #require(try transaction.reading.latest(.keys, name))
            try transaction.move(latest, to: .revoked, by: deed)
        }
        try await control.services.publisher.begin()
    }

    @Test func `a key that was revoked after the backup stays revoked, by the word of a node`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        try await control.writeKey("key-2", digest: ControlPlaneUnderTest.digest(2))
        try await control.services.publisher.begin()
        let backup = try await control.backUp()
        try await self.revoke(Self.key1, in: control)
        let (node, floors) = (try await control.nodeFolder(), try await control.floorsOfNode())
        try control.lose()

        let (report, restored) = try await control.restored(from: backup, nodes: [node])
        try await restored.services.publisher.begin()
        let view = try await restored.asNodeSees(floors: floors)
        let key = try #require(ID<APIKey>(Self.key1))
        #expect(view.head.position.epoch == 2 && view.manifest.epoch == 2)
        #expect(view.manifest.sequence == report.nextSeq && report.nextSeq > floors.manifest?.number ?? .max)
        #expect(view.denied.revokedKeys == [key] && view.denied.number > floors.denyList.number)
        #expect(Set(view.content.keys.values.map(\.id.text)) == ["key-2"])

        let entry = try #require(try await restored.entries("installation.restored").first)
        #expect(entry.deed.actor == "system" && entry.detail.contains(#""lossAccepted":false"#))
        #expect(entry.detail.contains(#""revokedKeys":["key-1"]"#))
        #expect(try await verification(of: control.path).problems.isEmpty)
        // For good: no later write brings it back.
        await #expect(throws: StorageFault.self) {
            try await restored.writeKey(Self.key1, digest: ControlPlaneUnderTest.digest(3))
        }
    }

    @Test func `without a node's word the key comes back, and the audit log says who accepted what`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let backup = try await control.backUp()
        try await self.revoke(Self.key1, in: control)
        let floors = try await control.floorsOfNode()
        try control.lose()
        let (_, restored) = try await control.restored(from: backup, nodes: [])
        try await restored.services.publisher.begin()
        // Nodes follow all the same: nothing is below what they have seen.
        let view = try await restored.asNodeSees(floors: floors)
        #expect(view.content.keys.values.map(\.id.text) == [Self.key1])
        #expect(view.denied.revokedKeys.isEmpty)
        let entry = try #require(try await restored.entries("installation.restored").first)
        #expect(entry.detail.contains(#""lossAccepted":true"#))
    }

    @Test func `nodes follow a second restore of the same old backup`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let backup = try await control.backUp()
        let node = try await control.nodeFolder()
        try control.lose()
        let (_, first) = try await control.restored(from: backup, nodes: [node])
        try await first.services.publisher.begin()
        let floors = try await first.floorsOfNode()
        try first.lose()
        let (_, second) = try await control.restored(from: backup, nodes: [])
        try await second.services.publisher.begin()
        #expect(try await second.asNodeSees(floors: floors).head.position.epoch > 2)
    }

    /// By a node's word that is as old each time, or by none: both give the same epoch again, and other numbers.
    @Test(arguments: [true, false])
    func `nodes follow restores of one backup that know nothing of each other`(hasFence: Bool) async throws {
        let clock = ManualTiming()
        let control = try await ControlPlaneUnderTest.published(timing: clock.timing)
        let backup = try await control.backUp()
        let nodes = hasFence ? [try await control.nodeFolder()] : []
        try control.lose()
        let (_, first) = try await control.restored(from: backup, nodes: nodes)
        try await first.services.publisher.begin()
        let floors = try await first.floorsOfNode()
        try first.lose()
        clock.advance(by: .seconds(1))
        let (_, second) = try await control.restored(from: backup, nodes: nodes)
        try await second.services.publisher.begin()
        let (before, after) = (floors.head, try await second.asNodeSees(floors: floors).head.position)
        #expect(after.epoch == before.epoch && after > before)
    }

    @Test func `a backup that was copied into place is not served`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let backup = try await control.backUp()
        let database = try Database.open(path: backup, hash: { .sha256($0) })
        await #expect(throws: StartupFault.self) {
            _ = try await OpenedInstallation.open(database, files: control.files)
        }
        try database.close()
    }

    @Test func `with the tokens go the issuers, since one that was trusted no more would be trusted again`()
        async throws
    {
        let control = try await ControlPlaneUnderTest.published()
        let body = """
            {"name": "corp", "issuer": "https://login.example.com", "audiences": ["martlet"], "subject": "sub",
             "rules": [{"claim": "sub", "value": "1", "roles": ["admin"]}]}
            """
        try await control.write(.issuers, "corp", body)
        let backup = try await control.backUp()
        let node = try await control.nodeFolder()
        try control.lose()
        let (report, restored) = try await control.restored(from: backup, nodes: [node], revokesTokens: true)
        #expect(report.lines.contains { $0.contains("corp") })
        #expect(try await restored.database.read { try $0.items(of: .issuers, limit: 10) }.isEmpty)
    }

    @Test func `stopped models, banned nodes and rotated texts stay so; what came later is told as lost`() async throws
    {
        let control = try await ControlPlaneUnderTest.published()
        let banned = try await control.enrolled()
        let banID = try #require(banned.id)
        try await control.write(.models, "local/large", ControlPlaneUnderTest.model("local/large"))
        try await control.services.publisher.begin()
        let backup = try await control.backUp()
        try await control.write(.models, "local/large", ControlPlaneUnderTest.model("local/large"), state: .stopped)
        _ = try await control.services.fleet.ban(banID, by: control.deed)
        try await control.writeKey(Self.key1, digest: ControlPlaneUnderTest.digest(7))
        try await control.writeKey("key-late", digest: ControlPlaneUnderTest.digest(8))
        try await control.services.publisher.begin()
        let node = try await control.nodeFolder()
        try control.lose()

        let (report, restored) = try await control.restored(from: backup, nodes: [node])
        try await restored.services.publisher.begin()
        let view = try await restored.asNodeSees()
        #expect(view.denied.stoppedModels.map(\.text) == ["local/large"])
        #expect(view.denied.bannedNodes == [banID])
        #expect(view.content.models.keys.map(\.text) == ["local/small"])
        #expect(Array(view.content.keys.keys) == [ControlPlaneUnderTest.digest(7)])
        #expect(report.lines.contains { $0.contains("key-late") })
        try await restored.withNodeAPI { client in
            let reply = try await banned.call(client, .get, "/node/v1/head")
            #expect(try reply.refusal() == .banned)
        }
    }

    @Test func `a text that was used up opens nothing: join tokens of the backup are ended`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let token = try await control.mint(uses: 5)
        let backup = try await control.backUp()
        let node = try await control.nodeFolder()
        try control.lose()
        let (_, restored) = try await control.restored(from: backup, nodes: [node])
        await #expect(throws: NodeRefusal.self) {
            _ = try await restored.services.fleet.enrol(try TestNode().enrolment(token))
        }
    }

    @Test func `principals' tokens can be ended with it, and one new one opens`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        func token(_ path: String) throws -> Domain.Digest {
            let bytes = try DurableFile.read(path, bytesMax: 1_024, audience: .owner)
            return .sha256(Array(bytes.dropLast()))
        }
        let old = try token(control.files.tokenPath)
        let backup = try await control.backUp()
        let node = try await control.nodeFolder()
        try control.lose()
        let (report, restored) = try await control.restored(from: backup, nodes: [node], revokesTokens: true)
        let (new, now) = (try token(try #require(report.tokenPath)), restored.timing.now())
        let (isOldGood, isNewGood) = try await restored.database.read { reading in
            (try reading.token(old)?.isGood(at: now), try reading.token(new)?.isGood(at: now))
        }
        #expect(isOldGood == false && isNewGood == true)
    }

    @Test func `where publishing is manual nodes are told the old behaviour under the new epoch, and no more`()
        async throws
    {
        let control = try await ControlPlaneUnderTest.published()
        let deed = control.deed
        try await control.database.write { try $0.setPublishing(.manual, by: deed) }
        try await control.write(.routes, "other", ControlPlaneUnderTest.route("other", use: ["local/small"]))
        let backup = try await control.backUp()
        let node = try await control.nodeFolder()
        try control.lose()
        let (_, restored) = try await control.restored(from: backup, nodes: [node])
        #expect(restored.services.board.current() == nil)
        try await restored.services.publisher.begin()
        let view = try await restored.asNodeSees()
        #expect(view.head.position.epoch == 2 && view.content.routes.count == 1)
        try await restored.services.publisher.begin()
        #expect(try await restored.asNodeSees().manifest.sequence == view.manifest.sequence)
    }

    @Test func `a key that a full deny list has forgotten stays revoked`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let deed = control.deed
        let old = (1...1_001).map { "old-\($0)" }
        try await control.database.write { transaction in
            for name in old {
                let content = #"{"id":"\#(name)","team":"demo","roles":["everyone"]}"#
                try transaction.revise(.keys, name, to: content, state: .approved, expecting: .absent, by: deed)
                let key = try #require(ID<APIKey>(name))
                try transaction.rotate(key, to: .sha256(Array(name.utf8)), overlapEnd: deed.at, by: deed)
            }
        }
        try await control.services.publisher.begin()
        let backup = try await control.backUp()
        let later = Deed(by: "ann", at: deed.at.advanced(byMilliseconds: 1))
        try await control.database.write { transaction in
            for name in old {
                let latest = try #require(try transaction.reading.latest(.keys, name))
                try transaction.move(latest, to: .revoked, by: later)
            }
        }
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().denied.revokedKeys.count == 1_000)
        let node = try await control.nodeFolder()
        try control.lose()
        let (_, restored) = try await control.restored(from: backup, nodes: [node])
        try await restored.services.publisher.begin()
        #expect(try await restored.asNodeSees().content.keys.values.map(\.id.text) == [Self.key1])
    }

    @Test func `old snapshots can still be gone back to after numbers have leapt`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let backup = try await control.backUp()
        try control.lose()
        let (report, restored) = try await control.restored(from: backup, nodes: [])
        try await restored.services.publisher.begin()
        #expect(report.nextSeq > 1_000_000)
        let removed = try await restored.database.write {
            try $0.sweepBlobs(keepingNewest: Retention.publicationsKept, held: [])
        }
        #expect(removed == 0)
        let again = try await restored.services.publisher.rollback(to: 1, by: restored.deed)
        #expect(again?.sequence == report.nextSeq + 1)
        #expect(try await verification(of: control.path).problems.isEmpty)
    }

    @Test func `a node that enrolled after the backup is unknown, not banned, and can enrol again`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let backup = try await control.backUp()
        let late = try await control.enrolled()
        let node = try await control.nodeFolder()
        try control.lose()
        let (_, restored) = try await control.restored(from: backup, nodes: [node])
        try await restored.services.publisher.begin()
        try await restored.withNodeAPI { client in
            let reply = try await late.call(client, .get, "/node/v1/head")
            #expect(try reply.refusal() == .unknownNode)
        }
        let again = try await restored.enrolled()
        try await restored.withNodeAPI { client in
            let reply = try await again.call(client, .get, "/node/v1/head")
            #expect(reply.status == .ok)
        }
    }
}
