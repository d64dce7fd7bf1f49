import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct BudgetAPITests {
    private static let month = #"{"name": "month", "scope": {"team": "demo"}, "amount": "25.00", "window": "month"}"#
    private static let any = ["If-Match": "*"]

    private func harness(approvalsRequired: Int = 1) async throws -> APIHarness {
        let harness = try await APIHarness(approvalsRequired: approvalsRequired)
        try await harness.fill()
        return harness
    }

    private func changed(_ field: String, to value: JSON) throws -> String {
        try JSON.parse(Array(Self.month.utf8)).merging([field: value]).canonical
    }

    @Test func `more money waits for somebody else, and less is in force at once`() async throws {
        let harness = try await self.harness()
        let made = try await harness.call(.post, "/v1/budgets", Self.month, as: "author")
        #expect(made.status == 201 && made.body["state"] == "approved" && made.body["proposal"] == .null)
        let path = "/v1/budgets/month"
        let more = try self.changed("amount", to: "30.00")
        let raised = try await harness.call(.put, path, more, as: "author", headers: Self.any)
        #expect(raised.status == 202 && raised.body["state"] == "proposed" && raised.body["inForce"] == 1)
        let proposal = try #require(raised.body["proposal"]?.string)
        #expect(try await harness.call(.post, "/v1/proposals/\(proposal)/approve", as: "author").status == 403)
        #expect(try await harness.call(.post, "/v1/proposals/\(proposal)/approve", as: "approver").status == 200)
        #expect(try await harness.get(path).body["state"] == "approved")
        let less = try self.changed("amount", to: "10.00")
        let lowered = try await harness.call(.put, path, less, as: "author", headers: Self.any)
        #expect(lowered.status == 200 && lowered.body["state"] == "approved")
        let soft = try self.changed("hard", to: false)
        #expect(try await harness.call(.put, path, soft, as: "author", headers: Self.any).status == 202)
    }

    @Test func `in solo mode more money is in force at once`() async throws {
        let harness = try await self.harness(approvalsRequired: 0)
        #expect(try await harness.call(.post, "/v1/budgets", Self.month).status == 201)
        let more = try self.changed("amount", to: "30.00")
        let raised = try await harness.call(.put, "/v1/budgets/month", more, headers: Self.any)
        #expect(raised.status == 200 && raised.body["state"] == "approved")
    }

    @Test func `ending a budget takes somebody who may approve, and making it anew is no way round`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "/v1/budgets", Self.month, as: "author")
        _ = try await harness.call(.post, "/v1/limits", #"{"name": "rate", "concurrent": 5}"#, as: "author")
        for path in ["/v1/budgets/month", "/v1/limits/rate"] {
            #expect(try await harness.call(.delete, path, as: "author").status == 403)
            #expect(try await harness.call(.delete, path, as: "approver").status == 200)
            #expect(try await harness.get(path).status == 404)
        }
        // What holds nothing any more can only become less free.
        let anew = try self.changed("amount", to: "99.00")
        #expect(try await harness.call(.post, "/v1/budgets", anew, as: "author").status == 201)
    }

    @Test func `a team's people see what is about them, and raise nothing of it`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        let others = [#"{"team": "legal"}"#, "{}"]
        _ = try await harness.call(.post, "/v1/budgets", Self.month)
        for (index, scope) in others.enumerated() {
            let body = #"{"name": "o\#(index)", "scope": \#(scope), "amount": "1.00", "window": "day"}"#
            #expect(try await harness.call(.post, "/v1/budgets", body).status == 201)
        }
        // One that was about everything, and is demo's now.
        let came = try self.changed("name", to: "came")
        let wide = try JSON.parse(Array(came.utf8)).merging(["scope": ["task": "everybody's"]]).canonical
        for body in [wide, came] { _ = try await harness.call(.post, "/v1/apply", #"{"budgets": [\#(body)]}"#) }
        let open = try #require(try await harness.get("/v1/budgets/came").body["proposal"]?.string)
        _ = try await harness.call(.post, "/v1/proposals/\(open)/approve", as: "approver")
        for name in ["demo-author", "demo-viewer"] {
            #expect(try await harness.get("/v1/budgets", as: name).body["items"]?.names("name") == ["came", "month"])
            #expect(try await harness.get("/v1/budgets/month", as: name).status == 200)
            #expect(try await harness.get("/v1/budgets/month/revisions", as: name).status == 200)
            for path in ["/v1/budgets/o0", "/v1/budgets/o1", "/v1/budgets/o0/revisions"] {
                #expect(try await harness.get(path, as: name).status == 404, "\(path)")
            }
            let revisions = try await harness.get("/v1/budgets/came/revisions", as: name).body["items"]
            #expect(revisions?.canonical.contains("everybody's") == false && revisions != [])
            let less = try self.changed("amount", to: "1.00")
            let put = try await harness.call(.put, "/v1/budgets/month", less, as: name, headers: Self.any)
            #expect(put.status == 403)
            #expect(try await harness.call(.post, "/v1/budgets", Self.month, as: name).status == 403)
            #expect(try await harness.call(.delete, "/v1/budgets/month", as: name).status == 403)
        }
    }

    @Test func `a proposal about another team's budget is nobody else's to see`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        var proposals: [String] = []
        for team in ["demo", "legal"] {
            let body = #"{"name": "\#(team)", "scope": {"team": "\#(team)"}, "amount": "1.00", "window": "day"}"#
            _ = try await harness.call(.post, "/v1/budgets", body, as: "author")
            let more = body.replacing("1.00", with: "2.00")
            let raised = try await harness.call(.put, "/v1/budgets/\(team)", more, as: "author", headers: Self.any)
            proposals.append(try #require(raised.body["proposal"]?.string))
        }
        let seen = try await harness.get("/v1/proposals?state=open", as: "demo-viewer").body["items"]?.names("id")
        #expect(seen == [proposals[0]])
        #expect(try await harness.get("/v1/proposals/\(proposals[0])", as: "demo-viewer").status == 200)
        #expect(try await harness.get("/v1/proposals/\(proposals[1])", as: "demo-viewer").status == 404)
        let all = try await harness.get("/v1/proposals?state=open", as: "viewer").body["items"]?.names("id")
        #expect(all == proposals)
        // What all share is everybody's to see, and pages go on past what is not shown.
        let page = try await harness.get("/v1/proposals?limit=1", as: "demo-viewer").body
        #expect(page["items"]?.names("kind") == ["models"])
        let next = try #require(page["next"]?.string)
        let rest = try await harness.get("/v1/proposals?limit=1&after=\(next)", as: "demo-viewer").body
        #expect(rest["items"]?.names("id") == [proposals[0]] && rest["next"]?.string == nil)
    }

    @Test func `what a budget names must be there, and cannot be archived while it does`() async throws {
        let harness = try await self.harness()
        let key = try await harness.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        let id = try #require(key.body["id"]?.string)
        _ = try await harness.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        let bad: [(JSON, [String])] = [
            (["team": "gone", "route": "gone"], ["/scope/route", "/scope/team"]),
            (["model": "local/gone"], ["/scope/model"]),
            (["provider": "gone"], ["/scope/provider"]), (["key": "key_gone"], ["/scope/key"]),
            (["key": "gone:ci"], ["/scope/key"]), (["team": "legal", "key": .string(id)], ["/scope/key"]),
        ]
        for (scope, pointers) in bad {
            let answer = try await harness.call(.post, "/v1/budgets", try self.changed("scope", to: scope))
            #expect(answer.status == 422 || answer.status == 400, "\(answer.status)")
            #expect(answer.pointers.sorted() == pointers, "\(scope.canonical)")
        }
        let scope: JSON = ["team": "demo", "key": .string(id), "route": "assistant"]
        #expect(try await harness.call(.post, "/v1/budgets", try self.changed("scope", to: scope)).status == 201)
        for path in ["/v1/routes/assistant", "/v1/keys/\(id)"] {
            #expect(try await harness.call(.delete, path).status == 409, "\(path)")
        }
        // An emergency does not wait for a budget.
        #expect(try await harness.call(.post, "/v1/keys/\(id)/revoke").status == 200)
        #expect(try await harness.call(.delete, "/v1/budgets/month").status == 200)
        #expect(try await harness.call(.delete, "/v1/routes/assistant").status == 200)
    }

    @Test func `a bundle brings them, says what waits, and changes nothing when it is applied again`() async throws {
        let harness = try await self.harness()
        let bundle = """
            budgets:
              - {name: demo-month, scope: {team: demo}, per: none, amount: "25.00", window: month, timeZone: UTC, hard: true,
                 cutoff: false, thresholds: [0.5, 0.8, 1.0]}
            limits:
              - {name: demo-rate, scope: {team: demo}, requestsPerMinute: 600, tokensPerMinute: 200000, concurrent: 50}
            """
        let yaml = ["Content-Type": "application/yaml"]
        for action in ["create", "unchanged"] {
            let applied = try await harness.call(.post, "/v1/apply", bundle, as: "author", headers: yaml)
            #expect(applied.body["changes"]?.names("action") == [action, action], "\(applied.body.canonical)")
        }
        let raised = bundle.replacing("25.00", with: "26").replacing("600", with: "599")
        let applied = try await harness.call(.post, "/v1/apply", raised, as: "author", headers: yaml)
        #expect(applied.body["changes"]?.names("action") == ["propose", "update"])
        #expect(applied.body["waiting"]?.names("name") == ["demo-month"])
        let exported = try await harness.get("/v1/export").body
        #expect(exported["limits"]?.canonical.contains(#""requestsPerMinute":599"#) == true)
        #expect(exported["budgets"]?.canonical.contains(#""thresholds":[0.5,0.8,1.0]"#) == true)
    }

    @Test func `no more are taken than a snapshot holds`() async throws {
        let harness = try await self.harness()
        let most = ScopedIndex<Limit>.itemsMax
        let deed = Deed(by: "ann", at: harness.clock.now)
        try await harness.api.database.write { transaction in
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
        let one = #"{"name": "more", "concurrent": 1}"#
        let refused = try await harness.call(.post, "/v1/limits", one)
        #expect(refused.status == 422 || refused.status == 400)
        #expect(refused.body.canonical.contains("\(most) limits already"))
        let changed = #"{"concurrent": 1, "requestsPerMinute": 5}"#
        #expect(try await harness.call(.put, "/v1/limits/l7", changed, headers: Self.any).status == 200)
        #expect(try await harness.call(.delete, "/v1/limits/l7").status == 200)
        #expect(try await harness.call(.post, "/v1/limits", one).status == 201)
    }
}
