import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct `Evidence about a model` {
    private static let path = "/v1/models/local%2Fm"

    private func evidence(_ harness: APIHarness) async throws -> JSON {
        let answer = try await harness.get("\(Self.path)/evidence", as: "viewer")
        #expect(answer.status == 200)
        return answer.body
    }

    @Test func `it says who asked, who agreed and why, on what terms, and since when it serves which routes`()
        async throws
    {
        let harness = try await APIHarness()
        try await harness.fill()
        let first = harness.clock.now.rfc3339
        harness.clock.advance(seconds: 60)
        let dearer = APIHarness.model.replacing("0.40", with: "0.80")
        _ = try await harness.call(.put, Self.path, dearer, as: "author", headers: ["If-Match": "*"])
        _ = try await harness.call(.post, "\(Self.path)/propose", as: "author")
        let why = #"{"reason": "it is worth it"}"#
        _ = try await harness.call(.post, "\(Self.path)/approve", why, as: "approver")
        let route = #"{"name": "later", "rules": [{"use": ["local/m"]}]}"#
        _ = try await harness.call(.post, "/v1/routes", route, as: "other")
        let evidence = try await self.evidence(harness)
        #expect(evidence["state"] == "approved" && evidence["inForceSince"]?.string == first)
        guard case .array(let decisions) = evidence["decisions"], decisions.count == 2 else {
            Issue.record("\(evidence.canonical)")
            return
        }
        #expect(decisions.map { $0["terms"]?["price"]?["output"] } == ["0.40", "0.80"])
        #expect(decisions.map { $0["proposal"]?["author"] } == ["author", "author"])
        guard case .array(let votes) = decisions[1]["proposal"]?["votes"] else { return }
        #expect(votes.map { $0["principal"] } == ["approver"] && votes.map { $0["reason"] } == ["it is worth it"])
        let routes: JSON = [
            ["route": "assistant", "since": .string(first), "author": "author", "revision": 1],
            ["route": "later", "since": .string(harness.clock.now.rfc3339), "author": "other", "revision": 1],
        ]
        #expect(evidence["routes"] == routes)
        #expect(evidence["auditHead"]?["number"] == .number(try await harness.auditCount()))
    }

    @Test func `a route that left it and came back serves it since then, and a stopped model serves none`() async throws
    {
        let harness = try await APIHarness()
        try await harness.fill()
        let other = APIHarness.model.replacing("local/m", with: "local/n")
        _ = try await harness.call(.post, "/v1/models", other, as: "author")
        _ = try await harness.call(.post, "/v1/models/local%2Fn/propose", as: "author")
        _ = try await harness.call(.post, "/v1/models/local%2Fn/approve", as: "approver")
        for model in ["local/n", "local/m"] {
            harness.clock.advance(seconds: 60)
            let route = #"{"rules": [{"use": ["\#(model)"]}]}"#
            let headers = ["If-Match": "*"]
            #expect(try await harness.call(.put, "/v1/routes/assistant", route, headers: headers).status == 200)
        }
        let back = harness.clock.now.rfc3339
        guard case .array(let routes) = try await self.evidence(harness)["routes"] else { return }
        #expect(routes.map { $0["since"]?.string } == [back])
        harness.clock.advance(seconds: 60)
        _ = try await harness.call(.post, "\(Self.path)/stop", #"{"reason": "it lies"}"#, as: "operator")
        let stopped = try await self.evidence(harness)
        #expect(stopped["inForceSince"] == .null && stopped["routes"] == [])
        guard case .array(let decisions) = stopped["decisions"] else { return }
        #expect(decisions.last?["state"] == "stopped" && decisions.last?["actor"] == "operator")
        #expect(try await harness.get("/v1/models/local%2Fnone/evidence").status == 404)
    }

    @Test func `audit entries are found by what was done, by whom and to what`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let found = try await harness.get("/v1/audit?actor=approver&action=model.approved&subject=model%2Flocal%2Fm")
        guard case .array(let entries) = found.body["items"] else { return }
        #expect(entries.map { $0["actor"] } == ["approver"])
        #expect(try await harness.get("/v1/audit?actor=nobody").body["items"] == [])
        #expect(try await harness.get("/v1/audit?who=approver").status == 400)
    }

    @Test func `what overtook a proposal is not what the proposal asked for`() async throws {
        let harness = try await APIHarness(approvalsRequired: 2)
        try await harness.fill()
        _ = try await harness.call(.post, "\(Self.path)/propose", as: "author")
        _ = try await harness.call(.post, "\(Self.path)/approve", as: "approver")
        _ = try await harness.call(.post, "\(Self.path)/stop", as: "operator")
        guard case .array(let decisions) = try await self.evidence(harness)["decisions"] else { return }
        #expect(decisions.map { $0["state"] } == ["stopped"] && decisions.map { $0["proposal"] } == [.null])
    }

    @Test func `a route that was archived and made again serves the model since then`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        #expect(try await harness.call(.delete, "/v1/routes/assistant").status == 200)
        harness.clock.advance(seconds: 60)
        let route = #"{"name": "assistant", "rules": [{"use": ["local/m"]}]}"#
        #expect(try await harness.call(.post, "/v1/routes", route, as: "other").status == 201)
        guard case .array(let routes) = try await self.evidence(harness)["routes"] else { return }
        #expect(routes.map { $0["since"]?.string } == [harness.clock.now.rfc3339])
        #expect(routes.map { $0["author"] } == ["other"])
    }
}
