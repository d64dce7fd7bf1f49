import ControlPlane
import HTTPTypes
import Testing

@Suite struct ConsoleFormTests {
    @Test func `the address of a form leads to the form's page`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "admin")
        for (path, page) in [
            ("/console/models/local%2Fm/stop", "/console/models/local%2Fm"), ("/console/sign-out", "/console"),
            ("/console/proposals/p_1/approve", "/console/proposals/p_1"),
        ] {
            let answer = try await harness.get(path, as: visitor)
            #expect(answer.status == 303 && answer.location == page, "\(path): \(answer.location)")
        }
    }

    @Test func `a form's key for doing it once is as long as anybody's`() async throws {
        let harness = try await ConsoleHarness()
        _ = try await harness.fill()
        let visitor = try await harness.signIn(as: "admin")
        let fields = ["once": String(repeating: "k", count: 256)]
        #expect(try await harness.post("/console/models/local%2Fm/stop", fields, as: visitor).status == 400)
    }

    @Test func `a form without the session's token, or from another site, does nothing`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        let path = "/console/proposals/\(made.proposals[1])/approve"
        let visitor = try await harness.signIn(as: "approver")
        let stranger = try await harness.signIn(as: "approver")
        for csrf in ["", "x", stranger.csrf, visitor.csrf + "0"] {
            #expect(try await harness.post(path, ["csrf": csrf], as: visitor).status == 403, "\(csrf)")
        }
        for headers in [[:], ["Sec-Fetch-Site": "cross-site"], ["Origin": "http://evil.example"]] {
            #expect(try await harness.post(path, [:], as: visitor, headers: headers).status == 403, "\(headers)")
        }
        let token = try #require(harness.house.tokens["viewer"])
        let foreign = try await harness.post(
            "/console/sign-in",
            ["token": token],
            headers: ["Sec-Fetch-Site": "cross-site"]
        )
        #expect(foreign.status == 403)
        #expect(foreign.setCookie.isEmpty)
        #expect(try await harness.house.get("/v1/proposals/\(made.proposals[1])").body["state"] == "open")
        #expect(try await harness.post(path, [:], as: visitor).status == 303)
    }

    @Test func `approving says so on the next page once, and stands in the audit log with its reason`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        let visitor = try await harness.signIn(as: "approver")
        let page = "/console/proposals/\(made.proposals[1])"
        let shown = try await harness.get(page, as: visitor).text
        #expect(
            shown.contains("/price/output") && shown.contains("<del>0.40</del>") && shown.contains("<ins>0.80</ins>")
        )
        let done = try await harness.post("\(page)/approve", ["reason": "fair & square"], as: visitor)
        #expect(done.status == 303)
        #expect(done.location == page)
        #expect(try await harness.get(page, as: visitor).text.contains("is approved."))
        let again = try await harness.get(page, as: visitor).text
        #expect(!again.contains("is approved.") && again.contains("fair &amp; square"))
        #expect(!again.contains("/approve\""))
        let audit = try await harness.house.get("/v1/audit?subject=model/local%2Fm").body.canonical
        #expect(audit.contains("fair & square") && audit.contains("\"approver\""))
    }

    @Test func `the same form sent twice acts once`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        let visitor = try await harness.signIn(as: "operator")
        let page = try await harness.get("/console/keys/\(made.key)", as: visitor)
        let fields = ["once": try #require(page.hidden("once")), "revision": try #require(page.hidden("revision"))]
        let before = try await harness.house.auditCount()
        for _ in 0..<2 {
            let answer = try await harness.post("/console/keys/\(made.key)/revoke", fields, as: visitor)
            #expect(answer.status == 303)
        }
        #expect(try await harness.house.auditCount() == before + 1)
        #expect(try await harness.house.get("/v1/keys/\(made.key)").body["state"] == "revoked")
    }

    @Test func `a refused form is shown again with the reason and what was typed`() async throws {
        let harness = try await ConsoleHarness()
        _ = try await harness.fill()
        let visitor = try await harness.signIn(as: "author")
        let path = "/console/prompts/greeting/label"
        let answer = try await harness.post(path, ["label": "Not <a> label", "version": "1"], as: visitor)
        #expect(answer.status == 404)
        #expect(answer.text.contains("value=\"Not &lt;a&gt; label\""))
        #expect(answer.text.contains("role=\"alert\""))
        #expect(answer.text.contains("<title>Error: greeting"))
        let stale = try await harness.post(path, ["label": "next", "version": "1", "revision": "1"], as: visitor)
        #expect(stale.status == 412)
        #expect(try await harness.post(path, ["label": "next", "version": "99"], as: visitor).status == 422)
        #expect(try await harness.post(path, ["label": "next", "version": "1"], as: visitor).status == 303)
    }

    @Test func `moving a protected label leads to its proposal, and rolling back asks the same way`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        let approver = try await harness.signIn(as: "approver")
        _ = try await harness.post("/console/proposals/\(made.proposals[0])/approve", [:], as: approver)
        let visitor = try await harness.signIn(as: "author")
        let path = "/console/prompts/greeting"
        let moved = try await harness.post("\(path)/label", ["label": "production", "version": "1"], as: visitor)
        #expect(moved.location.hasPrefix("/console/proposals/p_"))
        _ = try await harness.post("\(moved.location)/approve", [:], as: approver)
        #expect(try await harness.get(path, as: visitor).text.contains("version 1"))
        let back = try await harness.post("\(path)/rollback", ["label": "production"], as: visitor)
        #expect(back.location.hasPrefix("/console/proposals/p_"))
        #expect(try await harness.get(back.location, as: visitor).text.contains("This is your own proposal"))
        _ = try await harness.post("\(back.location)/withdraw", ["reason": "no"], as: visitor)
        let shown = try await harness.house.get("/v1\(back.location.dropFirst("/console".count))")
        #expect(shown.body["state"] == "withdrawn")
    }

    /// A form, and the roles that may send it; every other role is refused, and not offered it.
    static let forms: [(path: String, roles: Set<String>)] = [
        ("/console/models/local%2Fm/propose", ["author", "admin"]),
        ("/console/models/local%2Fm/approve", ["approver", "admin"]),
        ("/console/models/local%2Fm/reject", ["approver", "admin"]),
        ("/console/models/local%2Fm/deprecate", ["approver", "admin"]),
        ("/console/models/local%2Fm/stop", ["approver", "publisher", "operator", "admin"]),
        ("/console/prompts/greeting/label", ["author", "admin"]),
        ("/console/prompts/greeting/rollback", ["author", "admin"]),
        ("/console/nodes/n1/drain", ["operator", "admin"]), ("/console/nodes/n1/ban", ["operator", "admin"]),
    ]

    @Test func `what a role may not do is not offered, and refused if it is sent anyhow`() async throws {
        let harness = try await ConsoleHarness()
        _ = try await harness.fill()
        for role in PrincipalRole.allCases.map(\.rawValue) {
            let visitor = try await harness.signIn(as: role)
            for (path, roles) in Self.forms {
                let page = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))
                let shown = try await harness.get(page, as: visitor)
                if !roles.contains(role) {
                    #expect(!shown.text.contains("\"\(path)\""), "\(path) is offered to \(role)")
                    // A node that is not there is no page on which a refusal could be shown.
                    let status = try await harness.post(path, [:], as: visitor).status
                    #expect(status == (path.contains("/nodes/") ? 404 : 403), "\(path) as \(role)")
                }
            }
        }
        let states = try await harness.house.get("/v1/models/local%2Fm").body
        #expect(states["state"] == "proposed")
    }

    @Test func `what a role lets somebody do for one team is not offered for another's things`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        _ = try await harness.house.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        let foreign = try await harness.house.call(.post, "/v1/keys", #"{"team": "legal"}"#)
        let theirs = try #require(foreign.body["id"]?.string)
        let lead = #"{"name": "lead", "roles": ["viewer"], "teams": {"demo": ["author"]}}"#
        let token = try #require(try await harness.house.call(.post, "/v1/principals", lead).body["token"]?.string)
        let visitor = try await harness.signIn(with: token)
        for (key, isOffered) in [(made.key, true), (theirs, false)] {
            let page = try await harness.get("/console/keys/\(key)", as: visitor)
            #expect(page.status == 200)
            #expect(page.text.contains("\"/console/keys/\(key)/revoke\"") == isOffered)
            let revoked = try await harness.post("/console/keys/\(key)/revoke", [:], as: visitor)
            #expect(revoked.status == (isOffered ? 303 : 403))
        }
    }

    @Test func `approving is not offered to whoever wrote what is proposed`() async throws {
        let harness = try await ConsoleHarness()
        _ = try await harness.house.fill()
        let dearer = APIHarness.model.replacing("0.40", with: "0.80")
        let headers = ["If-Match": "*"]
        // One writes it, another asks for approval; both wrote or asked, a third decides.
        _ = try await harness.house.call(.put, "/v1/models/local%2Fm", dearer, as: "other", headers: headers)
        let proposed = try await harness.house.call(.post, "/v1/models/local%2Fm/propose", as: "author")
        let id = try #require(proposed.body["proposal"]?.string)
        for (name, approves) in [("other", false), ("approver", true)] {
            let visitor = try await harness.signIn(as: name)
            let model = try await harness.get("/console/models/local%2Fm", as: visitor).text
            #expect(model.contains("\"/console/models/local%2Fm/approve\"") == approves, "\(name)")
            #expect(model.contains("\"/console/models/local%2Fm/reject\""), "\(name)")
            let proposal = try await harness.get("/console/proposals/\(id)", as: visitor).text
            #expect(proposal.contains("\"/console/proposals/\(id)/approve\"") == approves, "\(name)")
            #expect(proposal.contains("\"/console/proposals/\(id)/reject\""), "\(name)")
            let status = try await harness.post("/console/proposals/\(id)/approve", [:], as: visitor).status
            #expect(status == (approves ? 303 : 409), "\(name)")
        }
    }

    @Test func `without any proposal, key or traffic pages say how to begin`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "admin")
        let hints = [
            ("/console/models", "martlet apply -f"), ("/console/prompts", "martlet prompts add"),
            ("/console/keys", "martlet keys create"), ("/console/nodes", "martlet nodes token"),
            ("/console/proposals", "martlet apply -f"), ("/console", "martlet nodes token"),
        ]
        for (path, hint) in hints {
            #expect(try await harness.get(path, as: visitor).text.contains(hint), "\(path)")
        }
        #expect(try await harness.get("/console/prompts", as: visitor).text.contains("Greet {{who}}."))
    }
}
