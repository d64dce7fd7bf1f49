import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct AccessAPITests {
    @Test func `nobody gets in without a good token`() async throws {
        let harness = try await APIHarness()
        let good = try #require(harness.tokens["viewer"])
        let wrong = [
            "", "mt_", String(good.dropLast()), good + "0", "mk_" + good.dropFirst(3), good.uppercased(),
            TokenText.make(prefix: TokenText.principal, random: Array(repeating: 9, count: 32)),
        ]
        for token in wrong {
            let answer = try await harness.get("/v1/teams", as: token)
            #expect(answer.status == 401, "\(token)")
            #expect(answer.headers[.wwwAuthenticate] != nil)
        }
        #expect(try await harness.get("/v1/teams", as: nil).status == 401)
        #expect(try await harness.get("/v1/teams", as: "viewer").status == 200)
    }

    @Test func `a token ends when it expires, is revoked, or its principal is archived`() async throws {
        let harness = try await APIHarness()
        let expires = harness.clock.now.advanced(byMilliseconds: 60_000).rfc3339
        let body = "{\"expires\": \"\(expires)\"}"
        let made = try await harness.call(.post, "/v1/principals/viewer/tokens", body)
        let short = try #require(made.body["token"]?.string)
        #expect(try await harness.get("/v1/teams", as: short).status == 200)
        harness.clock.advance(seconds: 60)
        #expect(try await harness.get("/v1/teams", as: short).status == 401)

        let second = try await harness.call(.post, "/v1/principals/viewer/tokens")
        let (text, id) = (try #require(second.body["token"]?.string), try #require(second.body["id"]?.string))
        #expect(try await harness.get("/v1/teams", as: text).status == 200)
        #expect(try await harness.call(.delete, "/v1/principals/viewer/tokens/\(id)").status == 200)
        #expect(try await harness.get("/v1/teams", as: text).status == 401)

        #expect(try await harness.call(.delete, "/v1/principals/viewer").status == 200)
        #expect(try await harness.get("/v1/teams", as: "viewer").status == 401)
    }

    @Test func `the old tokens of an archived principal do not open its name's next one`() async throws {
        let harness = try await APIHarness()
        #expect(try await harness.call(.delete, "/v1/principals/viewer").status == 200)
        let anew = try await harness.call(.post, "/v1/principals", #"{"name": "viewer", "roles": ["admin"]}"#)
        #expect(anew.status == 201)
        #expect(try await harness.get("/v1/teams", as: "viewer").status == 401)
        #expect(try await harness.get("/v1/teams", as: try #require(anew.body["token"]?.string)).status == 200)
    }

    @Test func `a revoked key never comes back`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let made = try await harness.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        let path = "/v1/keys/\(try #require(made.body["id"]?.string))"
        let revoked = try await harness.call(.post, "\(path)/revoke")
        for body in [#"{"team": "demo", "roles": ["everyone"]}"#, #"{"team": "demo"}"#] {
            for tag in [revoked.etag, "*"] {
                #expect(try await harness.call(.put, path, body, headers: ["If-Match": tag]).status == 409, "\(body)")
            }
        }
        #expect(try await harness.get(path).body["state"] == "revoked")
        #expect(try await harness.api.database.read { try $0.inForce(.keys) }.isEmpty)
        #expect(try await harness.call(.delete, path).status == 200)
        #expect(try await harness.call(.put, path, #"{"team": "demo"}"#, headers: ["If-Match": "*"]).status == 404)
    }

    @Test func `somebody stays admin`() async throws {
        let harness = try await APIHarness()
        #expect(try await harness.call(.delete, "/v1/principals/admin").status == 409)
        let lowered = try await harness.call(
            .put,
            "/v1/principals/admin",
            #"{"roles": ["viewer"]}"#,
            headers: ["If-Match": "*"]
        )
        #expect(lowered.status == 409)
        #expect(try await harness.get("/v1/principals").status == 200)
    }

    @Test func `each role may do what the table says, and nothing else`() async throws {
        let harness = try await APIHarness()
        for endpoint in harness.api.endpoints {
            let method = try #require(HTTPRequest.Method(rawValue: endpoint.method.rawValue))
            let path =
                "/v1"
                + endpoint.path.replacing("{name}", with: "none").replacing("{id}", with: "none")
                .replacing("{seq}", with: "99")
            for role in PrincipalRole.allCases where !endpoint.permission.roles.contains(role) {
                let answer = try await harness.call(method, path, "{}", as: role.rawValue)
                #expect(answer.status == 403, "\(role) \(endpoint.method) \(path)")
            }
            // Who may is told something else: that there is none, or what is wrong.
            for role in endpoint.permission.roles {
                let answer = try await harness.call(method, path, "", as: role.rawValue)
                #expect(answer.status != 403 && answer.status != 401, "\(role) \(endpoint.method) \(path)")
            }
        }
    }

    /// The table's other half: where the role is held for one team only.
    @Test func `a team's role does nothing that is not the team's or shared`() async throws {
        let harness = try await APIHarness()
        for endpoint in harness.api.endpoints {
            let method = try #require(HTTPRequest.Method(rawValue: endpoint.method.rawValue))
            let path =
                "/v1"
                + endpoint.path.replacing("{name}", with: "none").replacing("{id}", with: "none")
                .replacing("{seq}", with: "99")
            let isWithin = if case .everywhere = endpoint.reach { false } else { true }
            for (name, role) in [("demo-author", PrincipalRole.author), ("demo-viewer", .viewer)] {
                let status = try await harness.call(method, path, "", as: name).status
                let isPermitted = isWithin && endpoint.permission.roles.contains(role)
                #expect((status != 403) == isPermitted, "\(name) \(endpoint.method) \(path): \(status)")
            }
        }
    }

    @Test func `a team's people see and make their own keys, and nobody else's`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        _ = try await harness.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        let foreign = try await harness.call(.post, "/v1/keys", #"{"team": "legal"}"#)
        let theirs = "/v1/keys/\(try #require(foreign.body["id"]?.string))"
        #expect(try await harness.call(.post, "/v1/keys", #"{"team": "legal"}"#, as: "demo-author").status == 403)
        let made = try await harness.call(.post, "/v1/keys", #"{"team": "demo"}"#, as: "demo-author")
        #expect(made.status == 201)
        let id = try #require(made.body["id"]?.string)
        let path = "/v1/keys/\(id)"
        for name in ["demo-author", "demo-viewer"] {
            #expect(try await harness.get("/v1/keys", as: name).body["items"]?.names("id") == [id])
            #expect(try await harness.get("/v1/teams", as: name).body["items"]?.names("name") == ["demo"])
            #expect(try await harness.get(path, as: name).status == 200)
            #expect(try await harness.get(theirs, as: name).status == 404)
            #expect(try await harness.get("\(theirs)/revisions", as: name).status == 404)
            #expect(try await harness.get("/v1/usage?by=team", as: name).body["rows"] == [])
            #expect(try await harness.get("/v1/models", as: name).status == 200)
        }
        let any = ["If-Match": "*"]
        let away = #"{"team": "legal"}"#
        #expect(try await harness.call(.put, path, away, as: "demo-author", headers: any).status == 403)
        #expect(
            try await harness.call(.put, theirs, #"{"team": "demo"}"#, as: "demo-author", headers: any).status == 404
        )
        for verb in ["rotate", "revoke"] {
            #expect(try await harness.call(.post, "\(theirs)/\(verb)", as: "demo-author").status == 404)
            #expect(try await harness.call(.post, "\(path)/\(verb)", as: "demo-viewer").status == 403)
            #expect(try await harness.call(.post, "\(path)/\(verb)", as: "demo-author").status == 200)
        }
        #expect(try await harness.call(.put, "/v1/teams/demo", "{}", as: "demo-author", headers: any).status == 403)
    }

    @Test func `a token may carry less than its principal has, and never more`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let tokens = "/v1/principals/other/tokens"
        let made = try await harness.call(.post, tokens, #"{"roles": ["approver", "admin"]}"#)
        let narrow = try #require(made.body["token"]?.string)
        #expect(try await harness.get("/v1/me", as: narrow).body == ["name": "other", "roles": ["approver"]])
        #expect(try await harness.call(.post, "/v1/routes", "{}", as: narrow).status == 403)
        let team = try await harness.call(.post, tokens, #"{"teams": {"demo": ["author", "operator"]}}"#)
        let ofTeam = try #require(team.body["token"]?.string)
        let me: JSON = ["name": "other", "roles": [], "teams": ["demo": ["author"]]]
        #expect(try await harness.get("/v1/me", as: ofTeam).body == me)
        #expect(try await harness.call(.post, "/v1/keys", #"{"team": "demo"}"#, as: ofTeam).status == 201)
        #expect(try await harness.call(.post, "/v1/routes", "{}", as: ofTeam).status == 403)
        for body in [#"{"roles": []}"#, #"{"teams": {}}"#, #"{"roles": null}"#] {
            #expect(try await harness.call(.post, tokens, body).pointers == ["/roles"], "\(body)")
        }
        let none = #"{"teams": {"none": ["author"]}}"#
        #expect(try await harness.call(.post, tokens, none).pointers == ["/teams/none"])
    }

    @Test func `roles for teams are written like any others, and their team must be there`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = #"{"name": "ann", "teams": {"demo": ["author"], "none": ["viewer"]}}"#
        #expect(try await harness.call(.post, "/v1/principals", body).pointers == ["/teams/none"])
        for roles in [#"["admin"]"#, "[]", #""author""#, #"["authr"]"#] {
            let body = #"{"name": "ann", "teams": {"demo": \#(roles)}}"#
            #expect(try await harness.call(.post, "/v1/principals", body).pointers == ["/teams/demo"], "\(roles)")
        }
        #expect(try await harness.call(.post, "/v1/principals", #"{"name": "ann"}"#).pointers == ["/roles"])
        let made = try await harness.call(.post, "/v1/principals", #"{"name": "ann", "teams": {"demo": ["author"]}}"#)
        #expect(made.status == 201)
        #expect(try await harness.get("/v1/principals/ann").body["teams"] == ["demo": ["author"]])
    }

    /// The contract's words, apart from the table in the code.
    @Test func `the roles mean what their names promise`() async throws {
        let harness = try await APIHarness()
        let cases: [(HTTPRequest.Method, String, allowed: Set<String>)] = [
            (.post, "/v1/routes", ["author", "admin"]), (.post, "/v1/apply", ["author", "admin"]),
            (.post, "/v1/proposals/none/approve", ["approver", "admin"]),
            (.post, "/v1/snapshots", ["publisher", "admin"]), (.post, "/v1/nodes/tokens", ["operator", "admin"]),
            (.post, "/v1/nodes/none/ban", ["operator", "admin"]), (.get, "/v1/audit", ["auditor", "admin"]),
            (.get, "/v1/audit/verify", ["auditor", "admin"]), (.post, "/v1/principals", ["admin"]),
            (.get, "/v1/principals", ["admin"]),
        ]
        for (method, path, allowed) in cases {
            for role in PrincipalRole.allCases {
                let status = try await harness.call(method, path, as: role.rawValue).status
                #expect((status != 403) == allowed.contains(role.rawValue), "\(role) \(path): \(status)")
            }
        }
    }

    @Test func `a key's text is shown once, has its form, and only its digest is kept`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let made = try await harness.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        let text = try #require(made.body["key"]?.string)
        let id = try #require(made.body["id"]?.string)
        #expect(made.status == 201)
        #expect(text.hasPrefix("mk_") && text.utf8.count == 3 + 43 + 6)
        #expect(TokenText.isWellFormed(text, prefix: TokenText.key))
        #expect(id.utf8.count <= 24)
        let shown = try await harness.get("/v1/keys/\(id)")
        #expect(shown.body["key"] == nil)
        #expect(!shown.body.canonical.contains(text.dropFirst(3).prefix(20)))
        let digests = try await harness.api.database.read { try $0.keyDigests(at: Timestamp(unixMilliseconds: 0)) }
        #expect(digests.map(\.digest) == [.sha256(Array(text.utf8))])
        let audit = try await harness.get("/v1/audit?limit=200")
        #expect(!audit.body.canonical.contains(text))
    }

    @Test func `a rotated key has two texts until the overlap ends; a revoked one is told at once`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let made = try await harness.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        let id = try #require(made.body["id"]?.string)
        let before = harness.listener.counts
        let rotated = try await harness.call(.post, "/v1/keys/\(id)/rotate", #"{"overlapSeconds": 60}"#)
        #expect(rotated.status == 200)
        #expect(rotated.body["key"] != made.body["key"])
        #expect(harness.listener.counts == [before[0] + 1, before[1]])
        let now = harness.clock.now
        let database = harness.api.database
        #expect(try await database.read { try $0.keyDigests(at: now).count } == 2)
        let later = now.advanced(byMilliseconds: 60_000)
        #expect(try await database.read { try $0.keyDigests(at: later).count } == 1)
        let revoked = try await harness.call(.post, "/v1/keys/\(id)/revoke", #"{"reason": "leaked"}"#, as: "operator")
        #expect(revoked.body["state"] == "revoked")
        #expect(harness.listener.counts == [before[0] + 2, before[1] + 1])
        #expect(try await database.read { try $0.takenOutOfForce(.keys) } == [id])
        #expect(try await harness.call(.post, "/v1/keys/\(id)/rotate").status == 409)
        for overlap in ["-1", "2592001", "\"1\""] {
            let body = "{\"overlapSeconds\": \(overlap)}"
            #expect(try await harness.call(.post, "/v1/keys/\(id)/rotate", body).status >= 400, "\(overlap)")
        }
    }

    @Test func `a secret's value is never shown`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = #"{"value": "sk-very-secret"}"#
        let set = try await harness.call(.put, "/v1/secrets/openai-key/value", body, as: "operator")
        #expect(set.status == 200)
        #expect(set.body["version"] == 1)
        for path in ["secrets", "secrets/openai-key", "secrets/openai-key/revisions", "audit?limit=200", "providers"] {
            let shown = try await harness.get("/v1/\(path)")
            #expect(shown.status == 200)
            #expect(!shown.body.canonical.contains("very-secret"), "\(path)")
        }
        #expect(try await harness.call(.put, "/v1/secrets/none/value", body).status == 404)
        #expect(try await harness.call(.put, "/v1/secrets/openai-key/value", "{}").pointers == ["/value"])
    }

    @Test func `audit entries come oldest first, or newest first, in pages either way`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        func numbers(_ order: String) async throws -> [String] {
            var (found, next): ([String], String?) = ([], "")
            while let after = next {
                let page = try await harness.get(
                    "/v1/audit?limit=7&order=\(order)" + (after.isEmpty ? "" : "&after=\(after)")
                )
                guard case .array(let items) = page.body["items"] else { return found }
                found += items.map { $0["number"].map(\.canonical) ?? "" }
                next = page.body["next"]?.string
            }
            return found
        }
        let oldest = try await numbers("oldest")
        #expect(oldest.count > 14)
        #expect(oldest.count == Int(try await harness.auditCount()))
        #expect(try await numbers("newest") == oldest.reversed())
        #expect(try await harness.get("/v1/audit?order=odd").status == 400)
        let some = try await harness.get("/v1/audit?order=newest&limit=1&subject=model/local%2Fm")
        #expect(some.body.canonical.contains("model.approved"))
    }

    @Test func `the last way in for an admin cannot be closed`() async throws {
        let harness = try await APIHarness()
        let tokens = "/v1/principals/admin/tokens"
        guard case .array(let items) = try await harness.get(tokens).body["items"],
            let first = items.first?["id"]?.string
        else { return }
        #expect(try await harness.call(.delete, "\(tokens)/\(first)").status == 409)
        let expires = harness.clock.now.advanced(byMilliseconds: 60_000).rfc3339
        for body in [#"{"roles": ["viewer"]}"#, #"{"expires": "\#(expires)"}"#] {
            _ = try await harness.call(.post, tokens, body)
            #expect(try await harness.call(.delete, "\(tokens)/\(first)").status == 409, "\(body)")
        }
        let other = try await harness.call(.post, tokens, #"{"roles": ["admin"]}"#)
        #expect(other.status == 201)
        #expect(try await harness.call(.delete, "\(tokens)/\(first)").status == 200)
    }

    @Test func `what a key was before it came to a team stays its former team's`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        _ = try await harness.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        let made = try await harness.call(.post, "/v1/keys", #"{"team": "legal", "description": "the merger"}"#)
        let path = "/v1/keys/\(try #require(made.body["id"]?.string))"
        let any = ["If-Match": "*"]
        #expect(try await harness.call(.put, path, #"{"team": "demo"}"#, headers: any).status == 200)
        let seen = try await harness.get("\(path)/revisions", as: "demo-viewer").body
        #expect(!seen.canonical.contains("merger") && seen["items"]?.names("state") == ["approved"])
    }

    @Test func `nobody who signs in has a name that the audit log has for something else`() async throws {
        let harness = try await APIHarness()
        for name in ["system", "node"] {
            let body = #"{"name": "\#(name)", "roles": ["viewer"]}"#
            #expect(try await harness.call(.post, "/v1/principals", body).pointers == ["/name"])
        }
    }
}
