import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct `How budgets stand, over the API` {
    /// At 2027-01-15T08:00:00Z, where the harness's clock stands.
    private static let window = "month/2027-01"

    private func harness(_ budgets: String...) async throws -> APIHarness {
        let harness = try await APIHarness()
        try await harness.fill()
        for budget in budgets {
            #expect(try await harness.call(.post, "/v1/budgets", budget, as: "author").status == 201)
        }
        return harness
    }

    private func spender(_ harness: APIHarness, node: String = "node-1") throws -> Spender {
        let clock = harness.clock
        let timing = Timing(now: { clock.now }, steady: { .zero }, sleep: { _ in })
        return try Spender(harness.api.database, timing: timing, node: node)
    }

    private func list(_ json: JSON?) throws -> [JSON] {
        guard case .array(let elements) = try #require(json) else { return [] }
        return elements
    }

    private static let month = #"{"name": "month", "scope": {"team": "demo"}, "amount": "25.00", "window": "month"}"#
    private static let each =
        #"{"name": "each", "scope": {"team": "demo"}, "per": "user", "amount": "2.00", "window": "day"}"#

    @Test func `a budget that nothing was spent of has all of it left`() async throws {
        let harness = try await self.harness(Self.month, Self.each)
        let status = try await harness.get("/v1/budgets/month").body["status"]
        #expect(status?["window"]?["name"] == .string(Self.window))
        #expect(
            status?["window"]?["start"] == "2027-01-01T00:00:00Z" && status?["window"]?["end"] == "2027-02-01T00:00:00Z"
        )
        #expect(status?["limit"] == "25.00" && status?["available"] == "25.00" && status?["posted"] == "0.00")
        #expect(status?["units"] == .null && status?["leases"] == [])
        let each = try await harness.get("/v1/budgets/each").body["status"]
        #expect(each?["units"] == 0 && each?["limit"] == "0.00")
        #expect(try await harness.get("/v1/budgets/each/accounts").body["items"] == [])
        #expect(try await harness.get("/v1/budgets/month/spend").body["steps"] == [])
    }

    @Test func `what is posted, lent, assumed and left is told, by node`() async throws {
        let harness = try await self.harness(Self.month)
        var first = try self.spender(harness)
        let second = try self.spender(harness, node: "node-2")
        try await first.borrow("10.00", of: "month")
        try await second.borrow("4.00", of: "month")
        try await first.spend("3.50", of: "month", window: Self.window, at: harness.clock.now)
        let body = try await harness.get("/v1/budgets/month").body
        #expect(body["amount"] == "25.00", "what was written stays beside it")
        let status = try #require(body["status"])
        #expect(status["posted"] == "3.50" && status["pending"] == "10.50" && status["available"] == "11.00")
        #expect(status["unconfirmed"] == "0.00" && status["overspent"] == "0.00")
        let leases = try self.list(status["leases"])
        #expect(leases.map { $0["node"] } == ["node-1", "node-2"])
        #expect(leases.map { $0["granted"] } == ["10.00", "4.00"])
        #expect(leases.map { $0["posted"] } == ["3.50", "0.00"] && leases.map { $0["pending"] } == ["6.50", "4.00"])
        let listed = try await harness.get("/v1/budgets").body
        let items = try self.list(listed["items"])
        #expect(items.first?["status"]?["posted"] == "3.50" && items.first?["status"]?["leases"] == nil)
    }

    @Test func `less money than was spent is overspent at once, and none is left`() async throws {
        let harness = try await self.harness(Self.month)
        var node = try self.spender(harness)
        try await node.borrow("10.00", of: "month")
        try await node.spend("9.00", of: "month", window: Self.window, at: harness.clock.now)
        let less = Self.month.replacing("25.00", with: "5.00")
        let any = ["If-Match": "*"]
        #expect(try await harness.call(.put, "/v1/budgets/month", less, as: "author", headers: any).status == 200)
        let status = try await harness.get("/v1/budgets/month").body["status"]
        #expect(status?["limit"] == "5.00" && status?["overspent"] == "4.00" && status?["available"] == "0.00")
    }

    @Test func `what waits for approval changes nothing of how it stands`() async throws {
        let harness = try await self.harness(Self.month)
        let more = Self.month.replacing("25.00", with: "50.00")
        let any = ["If-Match": "*"]
        #expect(try await harness.call(.put, "/v1/budgets/month", more, as: "author", headers: any).status == 202)
        let body = try await harness.get("/v1/budgets/month").body
        #expect(body["amount"] == "50.00" && body["status"]?["limit"] == "25.00")
    }

    @Test func `an item may be sent back as it came`() async throws {
        let harness = try await self.harness(Self.month)
        let item = try await harness.get("/v1/budgets/month").body.canonical
        let sent = try await harness.call(.put, "/v1/budgets/month", item, as: "author", headers: ["If-Match": "*"])
        #expect(sent.status == 200, "\(sent.body.canonical)")
    }

    @Test func `whoever is counted apart has an account, page by page, in older windows too`() async throws {
        let harness = try await self.harness(Self.each)
        var node = try self.spender(harness)
        for (index, user) in ["ann", "bob", "cy:d"].enumerated() {
            try await node.borrow("1.00", of: "each", unit: user, lease: UInt64(index + 1))
        }
        try await node.spend("2.25", of: "each", unit: "bob", window: "day/2027-01-15", lease: 2, at: harness.clock.now)
        harness.clock.advance(seconds: 86_400)
        try await node.borrow("0.50", of: "each", unit: "ann", lease: 9)
        let status = try #require(try await harness.get("/v1/budgets/each").body["status"])
        #expect(status["units"] == 1 && status["limit"] == "2.00" && status["pending"] == "0.50")
        var (units, after) = ([String](), "")
        repeat {
            let page = try await harness.get("/v1/budgets/each/accounts?limit=1\(after)")
            units += page.body["items"]?.names("unit") ?? []
            after = page.body["next"]?.string.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        #expect(units == ["ann", "ann", "bob", "cy:d"])
        let older = try await harness.get("/v1/budgets/each/accounts?window=day/2027-01-15")
        let items = try self.list(older.body["items"])
        #expect(items.map { $0["overspent"] } == ["0.00", "0.25", "0.00"])
        #expect(try await harness.get("/v1/budgets/each/accounts?after=x").status == 400)
    }

    @Test func `spending is told step by step`() async throws {
        let harness = try await self.harness(Self.month)
        var node = try self.spender(harness)
        try await node.borrow("10.00", of: "month")
        let start = harness.clock.now
        for (minutes, cost) in [(-30, "1.00"), (-29, "2.00"), (-1, "4.00")] {
            let admitted = start.advanced(byMilliseconds: Int64(minutes) * 60_000)
            try await node.spend(cost, of: "month", window: Self.window, at: admitted)
        }
        let spend = try await harness.get("/v1/budgets/month/spend").body
        #expect(spend["limit"] == "25.00" && spend["stepSeconds"] == 900)
        let steps = try self.list(spend["steps"])
        #expect(steps.map { $0["posted"] } == ["3.00", "4.00"])
        #expect(steps.map { $0["start"] } == ["2027-01-15T07:30:00Z", "2027-01-15T07:45:00Z"])
        #expect(try await harness.get("/v1/budgets/month/spend?window=month/2026-01").status == 404)
    }

    @Test func `a team sees how its own budgets stand and nobody else's; what ended is still told`() async throws {
        let others = #"{"name": "others", "scope": {"team": "legal"}, "amount": "1.00", "window": "day"}"#
        let harness = try await self.harness(Self.month)
        #expect(try await harness.call(.post, "/v1/teams", #"{"name": "legal"}"#).status == 201)
        #expect(try await harness.call(.post, "/v1/budgets", others, as: "author").status == 201)
        for part in ["", "/accounts", "/spend"] {
            #expect(try await harness.get("/v1/budgets/month\(part)", as: "demo-viewer").status == 200, "\(part)")
            #expect(try await harness.get("/v1/budgets/others\(part)", as: "demo-viewer").status == 404, "\(part)")
            #expect(try await harness.get("/v1/budgets/none\(part)", as: "viewer").status == 404, "\(part)")
        }
        #expect(try await harness.call(.delete, "/v1/budgets/month", as: "approver").status == 200)
        #expect(try await harness.get("/v1/budgets/month", as: "viewer").status == 404)
        #expect(try await harness.get("/v1/budgets/month/accounts", as: "viewer").status == 200)
    }
}
