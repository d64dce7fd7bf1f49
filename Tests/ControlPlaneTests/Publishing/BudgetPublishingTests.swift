import ControlPlane
import Domain
import Storage
import Testing
import Wire

@Suite struct `Budgets and limits in snapshots` {
    private static func budget(_ amount: String, team: String = "demo", thresholds: String = "[]") -> String {
        let scope = "{\"team\":\"\(team)\"}"
        return
            "{\"name\":\"month\",\"scope\":\(scope),\"amount\":\"\(amount)\",\"window\":\"month\",\"thresholds\":\(thresholds)}"
    }

    private static let limit = #"{"name":"rate","scope":{"team":"demo"},"requestsPerMinute":600}"#

    private static func attempt() throws -> ChargedAttempt {
        ChargedAttempt(
            caller: UsageEvent.Caller(
                application: try #require(ApplicationID("key-1")),
                team: try #require(Name("demo"))
            ),
            route: Name("assistant"),
            model: try #require(Name("local/small")),
            provider: try #require(Name("local"))
        )
    }

    private func amounts(_ control: ControlPlaneUnderTest) async throws -> [String] {
        try await control.asNodeSees().content.budgets.matching(try Self.attempt()).map(\.amount.dollars)
    }

    /// Snapshot 1, with a budget of 25 dollars and a limit.
    private func control() async throws -> ControlPlaneUnderTest {
        let control = try await ControlPlaneUnderTest()
        try await control.writeFirstCatalog()
        try await control.write(.budgets, "month", Self.budget("25.00"))
        try await control.write(.limits, "rate", Self.limit)
        try await control.services.publisher.begin()
        return control
    }

    @Test func `nodes get what is in force, in sections that they must know`() async throws {
        let control = try await self.control()
        let seen = try await control.asNodeSees()
        #expect(try await self.amounts(control) == ["25.00"])
        let limits = seen.content.limits.matching(try Self.attempt())
        #expect(limits.map(\.requestsPerMinute) == [600])
        let critical = seen.manifest.sections.filter(\.isCritical).map(\.kind)
        #expect(critical.contains("budgets") && critical.contains("limits"))
    }

    @Test func `a rollback gives out no money that was taken back`() async throws {
        let control = try await self.control()
        try await control.write(.budgets, "month", Self.budget("10.00"))
        try await control.write(.limits, "rate", Self.limit, state: .archived)
        _ = try await control.services.publisher.publish(by: control.deed)
        _ = try await control.services.publisher.rollback(to: 1, by: control.deed)
        #expect(try await self.amounts(control) == ["10.00"])
        let limits = try await control.asNodeSees().content.limits
        #expect(limits.isEmpty)
        // What is held after a rollback is behaviour: amounts go on.
        try await control.write(.budgets, "month", Self.budget("5.00"))
        try await control.services.publisher.begin()
        #expect(try await self.amounts(control) == ["5.00"])
    }

    @Test func `where publishing is left to people, budgets wait for them`() async throws {
        let control = try await self.control()
        let deed = control.deed
        try await control.database.write { try $0.setPublishing(.manual, by: deed) }
        try await control.write(.budgets, "month", Self.budget("10.00"))
        try await control.services.publisher.begin()
        #expect(try await self.amounts(control) == ["25.00"])
        _ = try await control.services.publisher.publish(by: control.deed)
        #expect(try await self.amounts(control) == ["10.00"])
    }

    @Test func `other thresholds are no other snapshot, and a budget about a team that is gone is about nothing`()
        async throws
    {
        let control = try await self.control()
        let first = try await control.asNodeSees().manifest.sequence
        try await control.write(.budgets, "month", Self.budget("25.00", thresholds: "[0.5]"))
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().manifest.sequence == first)
        try await control.write(.budgets, "month", Self.budget("25.00", team: "gone"))
        try await control.services.publisher.begin()
        #expect(try await self.amounts(control) == [])
        #expect(control.services.publisher.report().problems.isEmpty)
    }

    @Test func `what is beyond the most that fit is left out and said, and holds up nothing else`() async throws {
        let control = try await self.control()
        let (most, deed) = (ScopedIndex<Limit>.itemsMax, control.deed)
        try await control.database.write { transaction in
            for number in 0..<most {
                let content = "{\"name\":\"l\(number)\",\"concurrent\":1}"
                try transaction.revise(
                    .limits,
                    "l\(number)",
                    to: content,
                    state: .approved,
                    expecting: .absent,
                    by: deed
                )
            }
        }
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().content.limits.matching(try Self.attempt()).count == most)
        #expect(control.services.publisher.report().problems.map(\.subject) == ["limit/rate"])
    }
}
