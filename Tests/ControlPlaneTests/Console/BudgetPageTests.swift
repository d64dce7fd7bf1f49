import ControlPlane
import HTTPTypes
import Testing

@Suite struct BudgetPageTests {
    @Test func `budgets and limits say whom they are about, how much, and what waits`() async throws {
        let harness = try await ConsoleHarness()
        try await harness.house.fill()
        let budget = """
            {"name": "month", "scope": {"team": "demo", "metadata": {"class": "internal"}}, "per": "user",
             "amount": "1234.5", "window": "month", "timeZone": "Europe/Berlin", "thresholds": [0.5, 0.875]}
            """
        let limit = #"{"name": "rate", "requestsPerMinute": 60000}"#
        let visitor = try await harness.signIn(as: "viewer")
        #expect(try await harness.get("/console/budgets", as: visitor).text.contains("No budget yet"))
        #expect(try await harness.get("/console/limits", as: visitor).text.contains("No limit yet"))
        #expect(try await harness.house.call(.post, "/v1/budgets", budget, as: "author").status == 201)
        #expect(try await harness.house.call(.post, "/v1/limits", limit, as: "author").status == 201)
        let budgets = try await harness.get("/console/budgets", as: visitor).text
        for words in [
            "class = internal, team demo", "$1,234.50 for each user", "month, Europe/Berlin", "approved",
        ] {
            #expect(budgets.contains(words), "\(words)")
        }
        let page = try await harness.get("/console/budgets/month", as: visitor).text
        for words in ["calls are refused", "50 %, 87.5 %", "No node holds any of it", "0 with an account"] {
            #expect(page.contains(words), "\(words)")
        }
        let limits = try await harness.get("/console/limits", as: visitor).text
        #expect(limits.contains("60,000") && limits.contains("everything") && limits.contains("all together"))
        let more = limit.replacing("60000", with: "60001")
        _ = try await harness.house.call(.put, "/v1/limits/rate", more, as: "author", headers: ["If-Match": "*"])
        #expect(try await harness.get("/console/limits", as: visitor).text.contains("waits for approval"))
    }

    @Test func `a budget's page shows what is spent, lent and left, by node and over time`() async throws {
        let harness = try await ConsoleHarness()
        try await harness.house.fill()
        let budget = #"{"name": "month", "amount": "25.00", "window": "month"}"#
        #expect(try await harness.house.call(.post, "/v1/budgets", budget, as: "author").status == 201)
        let clock = harness.house.clock
        let timing = Timing(now: { clock.now }, steady: { .zero }, sleep: { _ in })
        var node = try Spender(harness.house.api.database, timing: timing)
        try await node.borrow("10.00", of: "month")
        try await node.spend("3.50", of: "month", window: "month/2027-01", at: clock.now)
        let visitor = try await harness.signIn(as: "viewer")
        let list = try await harness.get("/console/budgets", as: visitor).text
        for words in ["$3.50", "$6.50", "$15.00"] { #expect(list.contains(words), "\(words)") }
        let page = try await harness.get("/console/budgets/month", as: visitor)
        #expect(page.status == 200)
        for words in ["$3.50", "$6.50", "$15.00", "of $25.00", "node-1", "month/2027-01", "If spent evenly", "$21.50"] {
            #expect(page.text.contains(words), "\(words)")
        }
        clock.advance(seconds: 31 * 86_400)
        let again = try await harness.signIn(as: "viewer")
        let later = try await harness.get("/console/budgets/month?window=month/2027-01", as: again).text
        #expect(later.contains("now <b>month/2027-02</b>") && later.contains("What is left, month/2027-01"))
        #expect(try await harness.get("/console/budgets/none", as: again).status == 404)
    }
}
