import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct ApprovalAPITests {
    private static let path = "/v1/models/local%2Fm"

    @Test func `a model is a draft until somebody proposes it and somebody else approves it`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = APIHarness.model.replacing("local/m", with: "local/n")
        #expect(try await harness.call(.post, "/v1/models", body, as: "other").body["state"] == "draft")
        let path = "/v1/models/local%2Fn"
        #expect(try await harness.call(.post, "\(path)/approve", as: "approver").status == 409)
        let proposed = try await harness.call(.post, "\(path)/propose", #"{"reason": "cheap"}"#, as: "other")
        #expect(proposed.status == 202)
        #expect(proposed.body["state"] == "proposed")
        #expect(proposed.body["inForce"] == .null)
        #expect(try await harness.call(.post, "\(path)/approve", as: "other").status == 409)
        let before = harness.listener.counts
        let approved = try await harness.call(.post, "\(path)/approve", as: "approver")
        #expect(approved.body["state"] == "approved")
        #expect(harness.listener.counts[0] == before[0] + 1)
        #expect(try await harness.call(.post, "\(path)/propose", as: "author").status == 409)
    }

    @Test func `a change of an approved model is not in force until it is approved`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let inForce = try await harness.get(Self.path).body["inForce"]
        let dearer = APIHarness.model.replacing("0.40", with: "0.80")
        let before = harness.listener.counts
        let changed = try await harness.call(.put, Self.path, dearer, as: "author", headers: ["If-Match": "*"])
        #expect(changed.body["state"] == "draft")
        #expect(changed.body["inForce"] == inForce)
        #expect(harness.listener.counts == before)
        _ = try await harness.call(.post, "\(Self.path)/propose", as: "author")
        _ = try await harness.call(.post, "\(Self.path)/approve", as: "approver")
        let prices = try await harness.api.database.read { reading in
            let revision = try #require(try reading.item(.models, "local/m")?.inForce)
            let approvals = try reading.approvals(of: .models, "local/m")
            return try ModelContent.read(revision).model(approvals: approvals)?.prices.map(\.output.dollars)
        }
        #expect(prices == ["0.40", "0.80"])
    }

    @Test func `a price that is approved later holds from its date, whatever was to begin after it`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        for (output, from) in [("0.80", "2027-06-01T00:00:00Z"), ("0.60", "2027-03-01T00:00:00Z")] {
            let price: JSON = ["input": "0.10", "output": .string(output), "from": .string(from)]
            let body = try JSON.parse(Array(APIHarness.model.utf8)).merging(["price": price]).canonical
            _ = try await harness.call(.put, Self.path, body, as: "author", headers: ["If-Match": "*"])
            _ = try await harness.call(.post, "\(Self.path)/propose", as: "author")
            #expect(try await harness.call(.post, "\(Self.path)/approve", as: "approver").status == 200)
        }
        let prices = try await harness.api.database.read { reading in
            let revision = try #require(try reading.item(.models, "local/m")?.inForce)
            let approvals = try reading.approvals(of: .models, "local/m")
            return try ModelContent.read(revision).model(approvals: approvals)?.prices
        }
        let year = try #require(Timestamp(rfc3339: "2028-01-01T00:00:00Z"))
        #expect(prices?.inForce(at: year)?.output.dollars == "0.60")
        #expect(prices?.map(\.version) == [1, 3])
    }

    @Test func `who wrote what is proposed does not approve it, whoever proposed it`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = APIHarness.model.replacing("local/m", with: "local/n")
        let path = "/v1/models/local%2Fn"
        _ = try await harness.call(.post, "/v1/models", body, as: "other")
        #expect(try await harness.call(.post, "\(path)/propose", as: "author").status == 202)
        #expect(try await harness.call(.post, "\(path)/approve", as: "other").status == 409)
        #expect(try await harness.call(.post, "\(path)/reject", as: "approver").status == 200)
        #expect(try await harness.call(.post, "\(path)/propose", as: "author").status == 202)
        #expect(try await harness.call(.post, "\(path)/approve", as: "other").status == 409)
        #expect(try await harness.call(.post, "\(path)/approve", as: "approver").status == 200)
    }

    @Test func `stopping tells the nodes at once, and bringing back needs approval`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let before = harness.listener.counts
        let stopped = try await harness.call(.post, "\(Self.path)/stop", #"{"reason": "bad"}"#, as: "operator")
        #expect(stopped.body["state"] == "stopped")
        #expect(harness.listener.counts[1] == before[1] + 1)
        let same = try await harness.call(.put, Self.path, APIHarness.model, as: "author", headers: ["If-Match": "*"])
        #expect(same.body["state"] == "draft")
        #expect(same.body["inForce"] == .null)
        #expect(try await harness.api.database.read { try $0.takenOutOfForce(.models) } == ["local/m"])
        _ = try await harness.call(.post, "\(Self.path)/propose", as: "author")
        let back = try await harness.call(.post, "\(Self.path)/approve", as: "approver")
        #expect(back.body["state"] == "approved")
        #expect(harness.listener.counts[1] == before[1] + 2)
        #expect(try await harness.call(.post, "\(Self.path)/deprecate", as: "approver").body["state"] == "deprecated")
    }

    @Test func `a verb with If-Match acts on the revision that was seen, or not at all`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let seen = try await harness.get(Self.path).etag
        let dearer = APIHarness.model.replacing("0.40", with: "0.80")
        _ = try await harness.call(.put, Self.path, dearer, as: "author", headers: ["If-Match": seen])
        for verb in ["propose", "approve", "reject", "deprecate", "stop"] {
            let stale = try await harness.call(.post, "\(Self.path)/\(verb)", headers: ["If-Match": seen])
            #expect(stale.status == 412, "\(verb)")
        }
        let now = try await harness.get(Self.path).etag
        let proposed = try await harness.call(.post, "\(Self.path)/propose", as: "author", headers: ["If-Match": now])
        #expect(proposed.status == 202)
        let approved = try await harness.call(.post, "\(Self.path)/approve", as: "approver", headers: ["If-Match": now])
        #expect(approved.status == 412)
        #expect(try await harness.call(.post, "\(Self.path)/stop", headers: ["If-Match": "*"]).status == 200)
    }

    /// A change of one provider field, and whether it waits for approval.
    static let changes: [(field: String, value: JSON, waits: Bool)] = [
        ("baseUrl", "http://127.0.0.1:9/v1", true), ("jurisdictions", ["EU"], true),
        ("credential", ["env": "KEY"], true), ("region", "mars", false), ("dialect", "openai", false),
    ]

    @Test func `a provider's address, credential and jurisdictions change only with approval`() async throws {
        for (field, value, waits) in Self.changes {
            let harness = try await APIHarness()
            try await harness.fill()
            let shown = try await harness.get("/v1/providers/local")
            let changed = try await harness.call(
                .put,
                "/v1/providers/local",
                shown.body.merging([field: value]).canonical,
                as: "author",
                headers: ["If-Match": shown.etag]
            )
            #expect(changed.status == (waits ? 202 : 200), "\(field): \(changed.body.canonical)")
            #expect((changed.body["inForce"] == shown.body["inForce"]) == waits, "\(field)")
            guard waits, let proposal = changed.body["proposal"]?.string else { continue }
            #expect(try await harness.call(.post, "/v1/proposals/\(proposal)/approve", as: "author").status == 403)
            let approved = try await harness.call(.post, "/v1/proposals/\(proposal)/approve", as: "approver")
            #expect(approved.body["state"] == "approved", "\(field)")
        }
    }

    @Test func `archiving a provider and adding it anew is no way around approval`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let shown = try await harness.get("/v1/providers/openai")
        #expect(try await harness.call(.delete, "/v1/providers/openai", as: "author").status == 200)
        let elsewhere = shown.body.merging(["baseUrl": "https://other.example", "credential": .null])
        let again = try await harness.call(.post, "/v1/providers", elsewhere.canonical, as: "author")
        #expect(again.status == 202)
        #expect(again.body["inForce"] == .null)
    }

    @Test func `in solo mode a proposal is approved at once, and the audit says so`() async throws {
        let harness = try await APIHarness(approvalsRequired: 0)
        try await harness.fill()
        #expect(try await harness.get(Self.path).body["state"] == "approved")
        let audit = try await harness.get("/v1/audit?subject=model/local%2Fm")
        #expect(audit.body.canonical.contains("model.self-approved"))
    }

    @Test func `with two approvals required, one is not enough`() async throws {
        let harness = try await APIHarness(approvalsRequired: 2)
        _ = try await harness.call(
            .post,
            "/v1/providers",
            #"{"name": "local", "dialect": "openai", "baseUrl": "http://127.0.0.1:1"}"#
        )
        _ = try await harness.call(.post, "/v1/models", APIHarness.model, as: "author")
        _ = try await harness.call(.post, "\(Self.path)/propose", as: "author")
        #expect(try await harness.call(.post, "\(Self.path)/approve", as: "approver").body["state"] == "proposed")
        #expect(try await harness.call(.post, "\(Self.path)/approve", as: "approver").status == 409)
        #expect(try await harness.call(.post, "\(Self.path)/approve", as: "other").body["state"] == "approved")
    }

    @Test func `proposals are listed by state, shown with what they change, rejected and withdrawn`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let dearer = APIHarness.model.replacing("0.40", with: "0.80")
        let applied = try await harness.call(.post, "/v1/apply", "{\"models\": [\(dearer)]}", as: "author")
        guard case .array(let waiting) = applied.body["waiting"], let id = waiting.first?["proposal"]?.string else {
            Issue.record("nothing waits: \(applied.body.canonical)")
            return
        }
        let shown = try await harness.get("/v1/proposals/\(id)", as: "viewer")
        #expect(shown.body["diff"] == [["path": "/price/output", "before": "0.40", "after": "0.80"]])
        guard case .array(let open) = try await harness.get("/v1/proposals?state=open").body["items"] else { return }
        #expect(open.map { $0["id"]?.string } == [id])
        #expect(try await harness.get("/v1/proposals?state=odd").status == 400)
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/withdraw", as: "other").status == 409)
        let rejected = try await harness.call(.post, "/v1/proposals/\(id)/reject", #"{"reason": "no"}"#, as: "approver")
        #expect(rejected.body["state"] == "rejected")
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/withdraw", as: "author").status == 409)
        #expect(try await harness.get(Self.path).body["inForce"] != .null)
    }
}
