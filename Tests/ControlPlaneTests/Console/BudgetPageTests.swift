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
            "class = internal, team demo", "$1,234.50 for each user", "month, Europe/Berlin", "calls are refused",
            "50 %, 87.5 %", "approved",
        ] {
            #expect(budgets.contains(words), "\(words)")
        }
        let limits = try await harness.get("/console/limits", as: visitor).text
        #expect(limits.contains("60,000") && limits.contains("everything") && limits.contains("all together"))
        let more = limit.replacing("60000", with: "60001")
        _ = try await harness.house.call(.put, "/v1/limits/rate", more, as: "author", headers: ["If-Match": "*"])
        #expect(try await harness.get("/console/limits", as: visitor).text.contains("waits for approval"))
    }
}
