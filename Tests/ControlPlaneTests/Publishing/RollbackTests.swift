import ControlPlane
import Domain
import Storage
import TestSupport
import Testing
import Wire

@Suite struct RollbackTests {
    /// Snapshot 1 has the first catalogue; snapshot 2 has another model on the route.
    private func twice() async throws -> ControlPlaneUnderTest {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.services.publisher.begin()
        try await control.write(.models, "local/big", ControlPlaneUnderTest.model("local/big"))
        try await control.write(.routes, "assistant", ControlPlaneUnderTest.route(use: ["local/big"]))
        _ = try await control.services.publisher.publish(by: control.deed)
        return control
    }

    private func use(_ control: ControlPlaneUnderTest) async throws -> [String] {
        try #require(try await control.asNodeSees().content.routes.values.first).rules.flatMap(\.use).map(\.text)
    }

    @Test func `rolling back publishes the old behaviour under a new number, above every floor`() async throws {
        let control = try await self.twice()
        let second = try await control.asNodeSees()
        let back = try #require(try await control.services.publisher.rollback(to: 1, by: control.deed))
        #expect(back.sequence == 3)
        var floors = Floors(head: second.head.position)
        floors.note(second.manifest, digest: second.head.stable.blob.digest)
        let seen = try await control.asNodeSees(floors: floors)
        #expect(seen.manifest.sequence == 3)
        #expect(seen.content.models.keys.map(\.text) == ["local/small"])
        #expect(try await self.use(control) == ["local/small"])
        #expect(try await control.services.publisher.rollback(to: 99, by: control.deed) == nil)
    }

    @Test func `a rollback does not bring a revoked key back, on the deny list or not`() async throws {
        let control = try await self.twice()
        let content = #"{"id":"key-1","team":"demo","roles":["everyone"]}"#
        try await control.write(.keys, "key-1", content, state: .revoked)
        try await control.services.publisher.begin()
        _ = try await control.services.publisher.rollback(to: 1, by: control.deed)
        #expect(try await control.asNodeSees().content.keys.isEmpty)
    }

    @Test func `a rollback leaves a rotated text shut and its successor open`() async throws {
        let control = try await self.twice()
        let (deed, key) = (control.deed, try #require(ID<APIKey>("key-1")))
        try await control.database.write { transaction in
            try transaction.rotate(key, to: ControlPlaneUnderTest.digest(2), overlapEnd: deed.at, by: deed)
        }
        _ = try await control.services.publisher.rollback(to: 1, by: control.deed)
        let seen = try await control.asNodeSees()
        #expect(seen.content.keys.keys.map { $0 } == [ControlPlaneUnderTest.digest(2)])
        #expect(try await self.use(control) == ["local/small"])
    }

    @Test func `a rollback does not bring a stopped model back`() async throws {
        let control = try await self.twice()
        _ = try await control.services.publisher.rollback(to: 1, by: control.deed)
        _ = try await control.services.publisher.publish(by: control.deed)
        let model = ControlPlaneUnderTest.model("local/big")
        try await control.write(.models, "local/big", model, state: .stopped)
        _ = try await control.services.publisher.rollback(to: 2, by: control.deed)
        let seen = try await control.asNodeSees()
        #expect(seen.content.models.keys.map(\.text) == ["local/small"])
        #expect(seen.content.routes.isEmpty)
    }

    @Test func `after a rollback only access goes out by itself, until somebody publishes`() async throws {
        let control = try await self.twice()
        let publisher = control.services.publisher
        _ = try await publisher.rollback(to: 1, by: control.deed)
        try await control.writeKey("key-2", digest: ControlPlaneUnderTest.digest(2))
        try await control.write(.routes, "other", ControlPlaneUnderTest.route("other", use: ["local/small"]))
        // What a restart does; a change in a running process goes the same way.
        try await publisher.begin()
        let held = try await control.asNodeSees()
        #expect(held.manifest.sequence == 4)
        #expect(held.content.keys.count == 2)
        #expect(held.content.routes.count == 1)
        #expect(try await self.use(control) == ["local/small"])
        #expect(publisher.report().held == 1)
        #expect(await publisher.lastFault()?.contains("rollback to snapshot 1") == true)
        try await publisher.begin()
        #expect(try await control.asNodeSees().manifest.sequence == 4)
        _ = try await publisher.publish(by: control.deed)
        #expect(try await control.asNodeSees().content.routes.count == 2)
        #expect(await publisher.lastFault() == nil)
        let actions = try await control.database.read { reading in
            try reading.auditEntries(after: 0, limit: 1_000).map(\.action).filter { $0.hasPrefix("snapshot.") }
        }
        #expect(actions.suffix(3) == ["snapshot.rolled-back", "snapshot.published", "snapshot.published"])
    }
}
