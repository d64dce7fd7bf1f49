import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct ServicesAPITests {
    @Test func `snapshots are listed newest first, rolled back by number, and a flaw is told`() async throws {
        let harness = try await APIHarness()
        let page = try await harness.get("/v1/snapshots?limit=2")
        guard case .array(let items) = page.body["items"] else { return }
        #expect(items.map { $0["seq"] } == [3, 2])
        #expect(page.body["next"] == "2")
        #expect(try await harness.get("/v1/snapshots/9").status == 404)
        #expect(try await harness.get("/v1/snapshots/x").status == 404)
        #expect(try await harness.call(.post, "/v1/snapshots/1/rollback", as: "publisher").body["seq"] == 4)
        #expect(try await harness.call(.post, "/v1/snapshots/9/rollback", as: "publisher").status == 404)
        let flaw = try await harness.call(.post, "/v1/snapshots", as: "publisher")
        #expect(flaw.status == 422)
        #expect(flaw.body["detail"] == "the route assistant has no model")
    }

    @Test func `a join token is minted within bounds and shown once`() async throws {
        let harness = try await APIHarness()
        let body = #"{"uses": 3, "ttlSeconds": 60, "pool": "eu"}"#
        let minted = try await harness.call(.post, "/v1/nodes/tokens", body, as: "operator")
        #expect(minted.status == 201)
        #expect(minted.body["token"] == "mj1.secret")
        let bad = #"{"uses": 0, "ttlSeconds": 0, "pool": "a b", "x": 1}"#
        let refused = try await harness.call(.post, "/v1/nodes/tokens", bad, as: "operator")
        #expect(Set(refused.pointers) == ["/uses", "/ttlSeconds", "/pool", "/x"])
    }

    @Test func `usage says unknown where nothing is known, and refuses what it cannot answer`() async throws {
        let harness = try await APIHarness()
        let query = "by=team,model&from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z&step=1h"
        let report = try await harness.get("/v1/usage?\(query)", as: "viewer")
        guard case .array(let rows) = report.body["rows"], let row = rows.first else {
            Issue.record("\(report.body.canonical)")
            return
        }
        #expect(row["team"] == "team" && row["model"] == "model")
        #expect(row["inputTokens"] == 0)
        #expect(row["outputTokens"] == .null)
        #expect(row["costUsd"] == "1.50")
        #expect(report.body["stepSeconds"] == 3_600)
        let bad = [
            "by=colour", "by=team,team", "by=team,", "from=yesterday", "step=1s", "step=0m", "step=h", "step=-1m",
            "from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z",
            "from=2000-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&step=1m",
        ]
        for query in bad { #expect(try await harness.get("/v1/usage?\(query)").status == 400, "\(query)") }
    }

    @Test func `an overview of usage is one reading, in all, in steps, by model and by team`() async throws {
        let harness = try await APIHarness()
        let query = "from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z&step=6h"
        let overview = try await harness.get("/v1/usage/overview?\(query)", as: "viewer").body
        #expect(harness.usage.takeReads() == 1)
        #expect(overview["stepSeconds"] == 21_600)
        for part in ["total", "steps", "models", "teams"] {
            guard case .array(let rows) = overview[part], let row = rows.first else {
                Issue.record("no \(part)")
                continue
            }
            #expect(row["exchanges"] == 2)
            #expect((row["model"] == "model") == (part == "models") && (row["team"] == "team") == (part == "teams"))
        }
        for query in ["by=model", "step=1s", "from=2000-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&step=1m"] {
            #expect(try await harness.get("/v1/usage/overview?\(query)").status == 400, "\(query)")
        }
    }

    @Test func `the audit log is listed with cursors and verified`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let page = try await harness.get("/v1/audit?limit=5", as: "auditor")
        #expect(page.body["next"] == "5")
        let verdict = try await harness.get("/v1/audit/verify", as: "auditor")
        #expect(verdict.body["isValid"] == true)
        #expect(verdict.body["entries"] == .number(try await harness.auditCount()))
        let about = try await harness.get("/v1/audit?subject=team/demo", as: "auditor")
        guard case .array(let entries) = about.body["items"] else { return }
        #expect(entries.map { $0["action"] } == ["team.created"])
        #expect(entries.first?["actor"] == "author")
    }
}
