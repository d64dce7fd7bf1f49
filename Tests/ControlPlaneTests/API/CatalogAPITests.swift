import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct CatalogAPITests {
    @Test func `a team is added, shown, changed, listed, archived, and its history stays`() async throws {
        let harness = try await APIHarness()
        let made = try await harness.call(.post, "/v1/teams", #"{"name": "press", "metadata": {"a": "b"}}"#)
        #expect(made.status == 201)
        #expect(made.etag == "\"1\"")
        #expect(made.headers[.location] == "/v1/teams/press")
        let shown = try await harness.get("/v1/teams/press")
        #expect(shown.body == made.body)
        #expect(shown.body["state"] == "approved")
        let changed = try await harness.call(
            .put,
            "/v1/teams/press",
            #"{"metadata": {}}"#,
            headers: ["If-Match": made.etag]
        )
        #expect(changed.status == 200)
        #expect(changed.etag == "\"2\"")
        #expect(try await harness.get("/v1/teams").body["items"] == .array([changed.body]))
        #expect(try await harness.call(.delete, "/v1/teams/press").status == 200)
        #expect(try await harness.get("/v1/teams/press").status == 404)
        #expect(try await harness.get("/v1/teams").body["items"] == .array([]))
        guard case .array(let revisions) = try await harness.get("/v1/teams/press/revisions").body["items"] else {
            Issue.record("no revisions")
            return
        }
        #expect(revisions.map { $0["state"] } == ["archived", "approved", "approved"])
    }

    @Test func `what is read can be written back, and changes nothing`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        for path in ["teams/demo", "roles/everyone", "providers/openai", "secrets/openai-key", "routes/assistant"] {
            let shown = try await harness.get("/v1/\(path)")
            let entries = try await harness.auditCount()
            let written = try await harness.call(
                .put,
                "/v1/\(path)",
                shown.body.canonical,
                headers: ["If-Match": shown.etag]
            )
            #expect(written.status == 200, "\(path): \(written.body.canonical)")
            #expect(written.body == shown.body, "\(path)")
            #expect(try await harness.auditCount() == entries, "\(path)")
        }
    }

    @Test func `a PUT says what it saw, or is refused`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = #"{"metadata": {"a": "b"}}"#
        let cases: [(String?, Int)] = [
            (nil, 428), ("\"7\"", 412), ("W/\"1\"", 412), ("1", 412), ("\"x\"", 412), ("\"1\"", 200), ("\"1\"", 412),
            ("*", 200),
        ]
        for (tag, status) in cases {
            let answer = try await harness.call(
                .put,
                "/v1/teams/demo",
                body,
                headers: tag.map { ["If-Match": $0] } ?? [:]
            )
            #expect(answer.status == status, "\(tag ?? "none")")
        }
        let missing = try await harness.call(.put, "/v1/teams/none", body, headers: ["If-Match": "*"])
        #expect(missing.status == 404)
    }

    /// `["t1","t2",…]`
    private static func texts(_ count: Int) -> String {
        JSON.array((1...count).map { .string("t\($0)") }).canonical
    }

    /// A body for a collection, and everything that must be said about it.
    static let bad: [(path: String, body: String, pointers: [String])] = [
        ("teams", "[]", [""]), ("teams", "{}", ["/name"]), ("teams", #"{"name": "Demo"}"#, ["/name"]),
        ("teams", #"{"name": "a/b"}"#, ["/name"]), ("teams", #"{"name": 7, "x": 1, "y": 2}"#, ["/name", "/x", "/y"]),
        ("teams", #"{"name": "a", "metadata": {"k": 1, "l~/": 2}}"#, ["/metadata/k", "/metadata/l~0~1"]),
        (
            "roles", #"{"name": "r", "routes": ["a*b", "ok", "ok"], "explain": 1}"#,
            ["/routes/0", "/routes/2", "/explain"]
        ),
        ("secrets", #"{"name": "s"}"#, ["/hosts"]), ("secrets", #"{"name": "s", "hosts": []}"#, ["/hosts"]),
        ("secrets", #"{"name": "s", "hosts": ["https://a", "a:1", "a/b"]}"#, ["/hosts/0", "/hosts/1", "/hosts/2"]),
        ("secrets", #"{"name": "s", "hosts": ["a"], "value": "x"}"#, ["/value"]),
        ("providers", #"{"name": "p", "dialect": "x", "baseUrl": "ftp://a"}"#, ["/dialect", "/baseUrl"]),
        (
            "providers",
            #"{"name": "p", "dialect": "openai", "baseUrl": "https://a", "credential": {"env": "A", "file": "/b", "x": 1}}"#,
            ["/credential/x"]
        ),
        (
            "providers", #"{"name": "p", "dialect": "openai", "baseUrl": "https://a", "credential": {}}"#,
            ["/credential/secret"]
        ),
        (
            "providers",
            #"{"name": "p", "dialect": "openai", "baseUrl": "https://a", "credential": {"secret": "none"}}"#,
            ["/credential/secret"]
        ),
        (
            "providers",
            #"{"name": "p", "dialect": "openai", "baseUrl": "https://evil.example", "credential": {"secret": "openai-key"}}"#,
            ["/baseUrl"]
        ),
        ("models", #"{"name": "m"}"#, ["/name", "/upstream", "/context", "/maxOutput"]),
        (
            "models", #"{"name": "none/m", "upstream": "m", "context": 10, "maxOutput": 5}"#, ["/name"]
        ),
        (
            "models",
            #"{"name": "local/n", "upstream": "m", "context": 10, "maxOutput": 11, "price": {"input": 1, "output": "-1"}}"#,
            ["/price/input", "/price/output", "/maxOutput"]
        ),
        (
            "models",
            #"{"name": "local/n", "upstream": "m", "context": 1.5, "maxOutput": 1, "capabilities": ["fly"]}"#,
            ["/context", "/capabilities/0"]
        ),
        ("routes", #"{"name": "r", "rules": []}"#, ["/rules"]),
        ("routes", #"{"name": "r", "rules": [{"use": [], "when": "true"}]}"#, ["/rules/0/when", "/rules/0/use"]),
        (
            "routes", #"{"name": "r", "rules": [{"use": ["local/m", "local/none"], "fallback": ["a/b"]}]}"#,
            ["/rules/0/use/1", "/rules/0/fallback/0"]
        ),
        (
            "routes", #"{"name": "r", "rules": [{"use": ["local/m"]}], "timeouts": {"connectMs": 0, "x": 1}}"#,
            ["/timeouts/connectMs", "/timeouts/x"]
        ),
        ("keys", #"{"team": "none", "roles": ["everyone", "none"]}"#, ["/team", "/roles/1"]),
        ("keys", #"{"team": "demo", "expires": "tomorrow"}"#, ["/expires"]),
        ("keys", #"{"team": "demo", "expires": "2020-01-01T00:00:00Z"}"#, ["/expires"]),
        ("keys", #"{"id": "k", "team": "demo"}"#, ["/id"]),
        ("teams", "{\"name\": \"a\", \"metadata\": {\"a\": \"\u{7F}\"}}", ["/metadata/a"]),
        ("teams", "{\"name\": \"a\", \"metadata\": {\"a\u{7F}\": \"\"}}", ["/metadata/a\u{7F}"]),
        ("teams", #"{"name": "a", "metadata": {"a": "\n", "b\t": "c"}}"#, ["/metadata/a", "/metadata/b\t"]),
        (
            "providers",
            "{\"name\": \"p\", \"dialect\": \"openai\", \"baseUrl\": \"https://a\", \"region\": \"\u{7F}\"}",
            ["/region"]
        ),
        (
            "providers",
            "{\"name\": \"p\", \"dialect\": \"openai\", \"baseUrl\": \"https://a\", \"jurisdictions\": \(texts(65))}",
            ["/jurisdictions"]
        ),
        (
            "models", "{\"name\": \"local/n\", \"upstream\": \"\u{7F}\", \"context\": 9, \"maxOutput\": 1}",
            ["/upstream"]
        ),
        (
            "models",
            #"{"name": "local/n", "upstream": "m", "context": 9, "maxOutput": 1, "price": {"input": "1000001", "output": "1000000.000000001", "cachedInput": "9000000"}}"#,
            ["/price/input", "/price/output", "/price/cachedInput"]
        ),
        (
            "models",
            #"{"name": "local/n", "upstream": "m", "context": 9, "maxOutput": 1, "overheadTokens": -1, "imageTokensMax": 0, "price": {"input": "1", "output": "1", "reasoning": "1000001", "perCall": "101", "audio": "1", "tiers": [{"aboveInputTokens": 0, "input": "1", "output": "1"}, {"aboveInputTokens": 5, "input": "1"}], "serviceTiers": {"standard": {}, "flex": {"input": "1", "output": "x", "from": "2027-01-01T00:00:00Z", "tiers": {}}}}}"#,
            [
                "/overheadTokens", "/imageTokensMax", "/price/reasoning", "/price/perCall", "/price/audio",
                "/price/tiers/0/aboveInputTokens", "/price/tiers/1/output", "/price/serviceTiers/standard",
                "/price/serviceTiers/flex/output", "/price/serviceTiers/flex/from", "/price/serviceTiers/flex/tiers",
            ]
        ),
        (
            "models",
            #"{"name": "local/n", "upstream": "m", "context": 9, "maxOutput": 1, "price": {"input": "1", "output": "1", "tiers": [{"aboveInputTokens": 5, "input": "1", "output": "1"}, {"aboveInputTokens": 5, "input": "1", "output": "1"}]}}"#,
            ["/price/tiers"]
        ),
        ("keys", "{\"team\": \"demo\", \"roles\": \(texts(65))}", ["/roles"]),
        ("principals", #"{"name": "p", "roles": ["root"]}"#, ["/roles/0"]),
        ("principals", #"{"name": "p", "roles": []}"#, ["/roles"]),
    ]

    @Test func `every bad body is answered with all that is wrong with it, and changes nothing`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let entries = try await harness.auditCount()
        for (path, body, pointers) in Self.bad {
            let answer = try await harness.call(.post, "/v1/\(path)", body)
            #expect(answer.status == 422, "\(path) \(body)")
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(Set(answer.pointers) == Set(pointers), "\(path) \(body): \(answer.body.canonical)")
        }
        #expect(try await harness.auditCount() == entries)
    }

    @Test func `a price of every kind and tier is read back as it was written`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let rates =
            #""input":"1.00","cachedInput":"0.10","cacheWrite":"1.25","cacheWrite1h":"2.00","#
            + #""inputAudio":"40.00","inputImage":"3.00","output":"4.00","reasoning":"5.00","outputAudio":"80.00","#
            + #""outputImage":"30.00""#
        let tiers =
            #""tiers":[{"aboveInputTokens":200000,\#(rates)},{"aboveInputTokens":500000,"input":"9.00","#
            + #""output":"9.00"}]"#
        let price =
            #"{\#(rates),"perCall":"0.005",\#(tiers),"serviceTiers":{"batch":{\#(rates)},"#
            + #""flex":{"input":"0.50","output":"2.00",\#(tiers)},"priority":{\#(rates)}}}"#
        let body =
            #"{"name":"local/n","upstream":"m","context":9,"maxOutput":1,"overheadTokens":12,"#
            + #""imageTokensMax":1500,"price":\#(price)}"#
        #expect(try await harness.call(.post, "/v1/models", body).status == 201)
        let shown = try await harness.call(.get, "/v1/models/local%2Fn").body
        #expect(shown["price"] == (try JSON.parse(Array(price.utf8))))
        #expect(shown["overheadTokens"] == 12 && shown["imageTokensMax"] == 1_500)
    }

    @Test func `a body that is no JSON, says a name twice or is too large is refused before it is read`() async throws {
        let harness = try await APIHarness()
        let bodies = [
            "{", "{'a':1}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{} {}", "[1,]", "nul", "\"\u{1}\"", "01",
            String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
        ]
        for body in bodies {
            #expect(try await harness.call(.post, "/v1/teams", body).status == 400, "\(body)")
        }
        let large = #"{"name": ""# + String(repeating: "a", count: Endpoint.bodyBytesDefault) + "\"}"
        #expect(try await harness.call(.post, "/v1/teams", large).status == 413)
        let typed = try await harness.call(.post, "/v1/teams", "{}", headers: ["Content-Type": "text/html"])
        #expect(typed.status == 415)
        #expect(try await harness.call(.post, "/v1/teams").status == 400)
    }

    @Test func `what others name cannot be archived`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        _ = try await harness.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        for path in ["teams/demo", "roles/everyone", "secrets/openai-key", "providers/local", "models/local%2Fm"] {
            #expect(try await harness.call(.delete, "/v1/\(path)").status == 409, "\(path)")
        }
        #expect(try await harness.call(.delete, "/v1/routes/assistant").status == 200)
        #expect(try await harness.call(.delete, "/v1/models/local%2Fm").status == 200)
        #expect(try await harness.call(.delete, "/v1/providers/local").status == 200)
    }

    @Test func `each kind says itself which kinds it names`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        _ = try await harness.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        let principal = #"{"name": "lead", "teams": {"demo": ["author"]}}"#
        #expect(try await harness.call(.post, "/v1/principals", principal).status == 201)
        try await harness.fillScopes()
        let named = try await harness.api.database.read { reading in
            try Kind.allCases.map { kind in
                let references = try reading.inForce(kind).flatMap { try kind.content.read($0).references }
                return (kind, Set(references.map(\.kind)))
            }
        }
        for (kind, found) in named where kind != .issuers {
            #expect(found == kind.content.kindsNamed, "\(kind)")
        }
        #expect(IssuerContent.kindsNamed == [.secrets, .teams, .roles])
    }

    @Test func `a secret keeps the hosts to which a provider sends it`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let narrowed = try await harness.call(
            .put,
            "/v1/secrets/openai-key",
            #"{"hosts": ["eu.api.openai.com"]}"#,
            headers: ["If-Match": "*"]
        )
        #expect(narrowed.status == 422)
        #expect(narrowed.pointers == ["/hosts"])
    }

    @Test func `what is in force is named still, though a change of it waits`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let shown = try await harness.get("/v1/providers/openai")
        let elsewhere = shown.body.merging(["baseUrl": "https://other.example", "credential": .null]).canonical
        let changed = try await harness.call(
            .put,
            "/v1/providers/openai",
            elsewhere,
            as: "author",
            headers: ["If-Match": "*"]
        )
        #expect(changed.status == 202)
        #expect(try await harness.call(.delete, "/v1/secrets/openai-key").status == 409)
        let narrowed = try await harness.call(
            .put,
            "/v1/secrets/openai-key",
            #"{"hosts": ["other.example"]}"#,
            headers: ["If-Match": "*"]
        )
        #expect(narrowed.pointers == ["/hosts"])
    }

    @Test func `pages follow each other by their cursors`() async throws {
        let harness = try await APIHarness()
        for number in 10..<17 { _ = try await harness.call(.post, "/v1/teams", "{\"name\": \"t\(number)\"}") }
        var names: [String] = []
        var after = ""
        while true {
            let page = try await harness.get("/v1/teams?limit=3\(after)")
            guard case .array(let items) = page.body["items"] else { break }
            names += items.compactMap { $0["name"]?.string }
            guard let next = page.body["next"]?.string else { break }
            after = "&after=\(next)"
        }
        #expect(names == (10..<17).map { "t\($0)" })
        for query in ["limit=0", "limit=201", "limit=x", "nonsense=1", "limit=1&limit=2"] {
            #expect(try await harness.get("/v1/teams?\(query)").status == 400, "\(query)")
        }
    }

    @Test func `a model's slash is one segment when it is encoded, once`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        #expect(try await harness.get("/v1/models/local%2Fm").body["name"] == "local/m")
        #expect(try await harness.get("/v1/models/local%2fm").body["name"] == "local/m")
        for path in ["local/m", "local%252Fm", "local%2", "local%FFm", "local%2Fnone"] {
            #expect(try await harness.get("/v1/models/\(path)").status == 404, "\(path)")
        }
    }

    @Test func `unknown paths are problems too`() async throws {
        let harness = try await APIHarness()
        let answer = try await harness.get("/v1/nothing")
        #expect(answer.status == 404)
        #expect(answer.headers[.contentType] == "application/problem+json")
    }
}
