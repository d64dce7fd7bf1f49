import ControlPlane
import Domain
import Storage
import TestSupport
import Testing
import Wire

@Suite struct PublisherTests {
    @Test(arguments: ControlPlaneUnderTest.Place.allCases)
    func `what is written is published, and a node takes it by its own rules`(
        _ place: ControlPlaneUnderTest.Place
    ) async throws {
        let control = try await ControlPlaneUnderTest(place)
        try await control.services.publisher.begin()
        let empty = try await control.asNodeSees()
        #expect(empty.manifest.sequence == 1)
        #expect(empty.content.keys.isEmpty)
        try await control.writeFirstCatalog()
        let summary = try await control.services.publisher.publish(by: control.deed)
        let seen = try await control.asNodeSees()
        #expect(summary.sequence == 2 && summary.isCurrent)
        #expect(seen.manifest.previous != nil)
        #expect(seen.manifest.author == "ann")
        #expect(seen.head.position.headVersion > empty.head.position.headVersion)
        #expect(seen.head.freshUntil.milliseconds(since: seen.head.issued) == 90_000)
        let key = try #require(seen.snapshot.key(ControlPlaneUnderTest.digest(1), at: control.timing.now()))
        #expect(key.team.text == "demo")
        let price = try #require(seen.content.models.values.first?.prices.inForce(at: Timestamp(unixMilliseconds: 1)))
        #expect(price.input.dollars == "0.10")
    }

    @Test func `a head with everything in it is one kilobyte at most, and so is the same for every node`() async throws
    {
        let control = try await ControlPlaneUnderTest()
        try await control.services.publisher.begin()
        let head = try #require(control.services.board.current())
        let payload = try Envelope.decode(head.bytes, expecting: .head).payload
        #expect(payload.count <= 1_024)
    }

    @Test func `nothing is published where nothing changed`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.services.publisher.begin()
        let before = try #require(control.services.board.current())
        try await control.services.publisher.begin()
        let after = try #require(control.services.board.current())
        #expect(after.version == before.version)
        #expect(try await control.services.publisher.snapshots(before: nil, limit: 10).count == 1)
    }

    @Test func `a model without approval or price is never published, and its route stays as it was`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.services.publisher.begin()
        try await control.write(.models, "local/new", ControlPlaneUnderTest.model("local/new"), state: .proposed)
        try await control.write(.models, "local/free", ControlPlaneUnderTest.model("local/free", price: false))
        try await control.write(.routes, "assistant", ControlPlaneUnderTest.route(use: ["local/new"]))
        try await control.write(.routes, "other", ControlPlaneUnderTest.route("other", use: ["local/free"]))
        try await control.write(.teams, "second", #"{"name":"second"}"#)
        try await control.services.publisher.begin()
        let seen = try await control.asNodeSees()
        #expect(seen.content.models.keys.map(\.text) == ["local/small"])
        #expect(seen.content.routes.keys.map(\.text) == ["assistant"])
        #expect(seen.content.routes.values.first?.rules.first?.use.map(\.text) == ["local/small"])
        // Others' changes are not held up by it.
        #expect(seen.content.teams.count == 2)
        let fault = try #require(await control.services.publisher.lastFault())
        #expect(fault.contains("route/assistant") && fault.contains("local/new") && fault.contains("local/free"))
        await #expect(throws: PublishingFault.self) { try await control.services.publisher.publish(by: control.deed) }
    }

    @Test func `approval brings the new route into force`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.write(.models, "local/new", ControlPlaneUnderTest.model("local/new"), state: .proposed)
        try await control.write(.routes, "assistant", ControlPlaneUnderTest.route(use: ["local/new"]))
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().content.routes.isEmpty)
        try await control.write(.models, "local/new", ControlPlaneUnderTest.model("local/new"))
        _ = try await control.services.publisher.publish(by: control.deed)
        let seen = try await control.asNodeSees()
        #expect(seen.content.routes.values.first?.rules.first?.use.map(\.text) == ["local/new"])
        #expect(await control.services.publisher.lastFault() == nil)
    }

    @Test func `a stopped model leaves every route at once, and what is left of the route goes on`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.write(.models, "local/big", ControlPlaneUnderTest.model("local/big"))
        let route = ControlPlaneUnderTest.route(use: ["local/big"], fallback: ["local/small"])
        try await control.write(.routes, "assistant", route)
        try await control.services.publisher.begin()
        try await control.write(.models, "local/big", ControlPlaneUnderTest.model("local/big"), state: .stopped)
        try await control.services.publisher.begin()
        let seen = try await control.asNodeSees()
        #expect(seen.denied.stoppedModels.map(\.text) == ["local/big"])
        #expect(seen.content.routes.values.first?.rules == [Route.Rule(use: [try #require(Name("local/small"))])])
    }

    @Test func `a changed price is a new version and the old one stays`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.write(.models, "local/small", ControlPlaneUnderTest.model("local/small", input: "0.20"))
        try await control.services.publisher.begin()
        let prices = try #require(try await control.asNodeSees().content.models.values.first).prices
        #expect(prices.map(\.version) == [1, 2])
        #expect(prices.map(\.input.dollars) == ["0.10", "0.20"])
    }

    @Test func `a model whose first price starts later is left out until then`() async throws {
        let clock = ManualTiming()
        let control = try await ControlPlaneUnderTest(timing: clock.timing)
        try await control.writeFirstCatalog()
        let from = clock.now.advanced(byMilliseconds: 60_000).rfc3339
        let model = ControlPlaneUnderTest.model("local/later")
            .replacing(#""price":{"#, with: #""price":{"from":"\#(from)","#)
        try await control.write(.models, "local/later", model)
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().content.models.keys.map(\.text) == ["local/small"])
        #expect(await control.services.publisher.lastFault()?.contains("local/later") == true)
        clock.advance(by: .seconds(61))
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().content.models.count == 2)
        #expect(await control.services.publisher.lastFault() == nil)
    }

    @Test func `audit heads in manifests are witnesses of the log`() async throws {
        let control = try await ControlPlaneUnderTest()
        try await control.services.publisher.begin()
        let witnesses = try await control.services.publisher.auditWitnesses()
        #expect(!witnesses.isEmpty)
        let verdict = try await control.database.read { try $0.verifyAudit(witnesses: witnesses) }
        guard case .intact = verdict else {
            Issue.record("the audit log does not hold: \(verdict)")
            return
        }
    }
}
