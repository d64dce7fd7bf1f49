import Domain
import Hummingbird
import HummingbirdTesting
import Platform
import Storage
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct ControlMetricsTests {
    private func page(_ control: ControlPlaneUnderTest) throws -> Exposition {
        try Exposition(control.services.metrics.prometheusText())
    }

    @Test func `the page of the control plane's metrics says what it shows, no more and no less`() async throws {
        let control = try await ControlPlaneUnderTest()
        ProcessMetrics.declare(in: control.services.metrics)
        let shown = control.services.metrics.declarations.map {
            MetricsPage.Row(name: $0.name, type: $0.type, labels: $0.labels)
        }
        let page = try MetricsPage("Sources/ControlPlane/ControlPlane.docc/Metrics.md")
        #expect(Set(page.rows).subtracting(shown) == [])
        #expect(Set(shown).subtracting(page.rows) == [])
    }

    @Test func `figures of the database are there once they were counted`() async throws {
        let control = try await ControlPlaneUnderTest()
        #expect(try self.page(control).value("martlet_control_database_bytes") == nil)
        try await control.writeFirstCatalog()
        try await control.services.publisher.begin()
        await control.services.census.count()
        let page = try self.page(control)
        #expect(try #require(page.value("martlet_control_database_bytes")) > 4_096)
        #expect(page.value("martlet_control_nodes_enrolled") == 0 && page.value("martlet_control_proposals_open") == 0)
        #expect(page.value("martlet_control_snapshot_sequence") == 1)
        #expect(try #require(page.value("martlet_control_snapshot_published_seconds")) > 0)
        #expect(page.value("martlet_control_publishes_total") == 1)
    }

    @Test func `budgets that count all together are told in dollars, so many of them as have room`() async throws {
        let clock = ManualTiming()
        let control = try await ControlPlaneUnderTest(timing: clock.timing)
        for number in 1...BudgetFigures.countMax + 1 {
            let name = "b\(1_000 + number)"
            try await control.write(.budgets, name, try self.budget(name, amount: "10.00", per: "none"))
        }
        try await control.write(.budgets, "apart", try self.budget("apart", amount: "1.00", per: "user"))
        var node = try Spender(control.database, timing: clock.timing)
        try await node.borrow("4.00", of: "b1001")
        try await node.spend("1.50", of: "b1001", window: "total", at: clock.now)
        await control.services.census.count()
        let page = try self.page(control)
        for (name, dollars) in [("limit", 10.0), ("posted", 1.5), ("pending", 2.5), ("unconfirmed", 0)] {
            #expect(page.value("martlet_control_budget_\(name)_usd", ["budget": "b1001"]) == dollars, "\(name)")
        }
        #expect(page.value("martlet_control_budget_limit_usd", ["budget": "b1200"]) == 10)
        #expect(page.value("martlet_control_budget_limit_usd", ["budget": "b1201"]) == nil)
        #expect(page.value("martlet_control_budget_limit_usd", ["budget": "apart"]) == nil)
    }

    private func budget(_ name: String, amount: String, per: String) throws -> String {
        let written: JSON = ["name": .string(name), "amount": .string(amount), "window": "total", "per": .string(per)]
        return try Budget.read(written).json.canonical
    }

    @Test func `figures that cannot be read are absent, and that is told`() async throws {
        let control = try await ControlPlaneUnderTest(.file)
        await control.services.census.count()
        try control.database.close()
        await control.services.census.count()
        let page = try self.page(control)
        #expect(page.value("martlet_control_census_failing") == 1)
        #expect(page.value("martlet_control_database_bytes") == nil)
    }

    @Test func `requests are counted by listener and class of status`() async throws {
        let control = try await ControlPlaneUnderTest()
        let application = Application(router: control.services.adminRouter(Readiness()))
        try await application.test(.router) { client in
            for path in ["/openapi.json", "/v1/teams", "/nothing"] {
                _ = try await client.execute(uri: path, method: .get)
            }
        }
        let page = try self.page(control)
        for (status, count) in [("2xx", 1.0), ("4xx", 2), ("5xx", 0)] {
            let labels = ["surface": "admin", "class": status]
            #expect(page.value("martlet_control_requests_total", labels) == count, "\(status)")
        }
        #expect(page.value("martlet_control_request_duration_seconds_count", ["surface": "admin"]) == 3)
    }
}
