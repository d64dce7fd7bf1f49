import ControlPlane
import Domain
import Foundation
import HTTPTypes
import Platform
import Testing

@Suite struct `Signing in to the console at an issuer` {
    @Test func `the sign-in page offers each issuer that has a client for the console, at the console's own address`()
        async throws
    {
        let harness = try await SignInHarness()
        let other = try JSON.parse(Array(SignInHarness.corp.utf8))
            .merging(["name": "other", "issuer": "https://login.example.com/realms/other", "console": .null])
        #expect(try await harness.console.house.call(.post, "/v1/issuers", other.canonical).status == 201)
        let page = try await harness.console.get("/console/sign-in?next=%2Fconsole%2Fkeys")
        #expect(page.text.contains("Sign in with corp"))
        let link = "https://martlet.example.com/console/sign-in/begin?issuer=corp&amp;next=%2Fconsole%2Fkeys"
        #expect(page.text.contains(link), "\(page.text)")
        #expect(page.text.components(separatedBy: "Sign in with ").count == 2)
        #expect(!page.text.contains("issuer=other"))
    }

    @Test func `a browser is sent to the issuer with all that binds its answer to this sign-in`() async throws {
        let harness = try await SignInHarness()
        let start = try await harness.begin(headers: ["Host": "evil.example"])
        #expect(start.location.hasPrefix("https://login.example.com/auth?realm=corp&response_type=code&"))
        #expect(start.query["redirect_uri"] == "https://martlet.example.com/console/sign-in/oidc/corp")
        #expect(start.query["client_id"] == "martlet")
        #expect(start.query["scope"] == "openid email groups")
        #expect(start.query["code_challenge_method"] == "S256")
        #expect(start.query["code_challenge"]?.utf8.count == 43)
        let words = ["state", "nonce"].map { start.query[$0]?.utf8.count }
        #expect(words == [64, 64] && start.query["state"] != start.query["nonce"])
        let cookie = try #require(start.headers[.setCookie])
        #expect(cookie.hasPrefix("__Host-martlet_sign_in="))
        for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=600", "Secure"] {
            #expect(cookie.contains("; \(part)"), "\(part)")
        }
        #expect(!cookie.contains(try #require(start.query["state"])))
    }

    @Test func `who comes back is exchanged with the verifier of the challenge, and is signed in by the rules`()
        async throws
    {
        let harness = try await SignInHarness()
        let start = try await harness.begin(next: "/console/keys?x=1")
        try harness.grant(harness.claims(start))
        let answer = try await harness.comeBack(start)
        #expect(answer.status == 303 && answer.location == "/console/keys?x=1")
        let posted = try #require(harness.issuer.posted.first)
        #expect(posted.url == "https://login.example.com/token" && harness.issuer.posted.count == 1)
        let form = URLComponents(string: "?\(String(decoding: posted.body, as: UTF8.self))")?.queryItems ?? []
        let fields = Dictionary(form.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        #expect(fields["code"] == "the-code" && fields["redirect_uri"] == start.query["redirect_uri"])
        let digest = Data(Digest.sha256(Array((fields["code_verifier"] ?? "").utf8)).bytes)
        #expect(digest.base64URL == start.query["code_challenge"])
        let page = try await harness.look("/console", after: answer)
        #expect(page.status == 200 && page.text.contains("corp:ann@example.com"))
        #expect(try await harness.look("/console/audit", after: answer).status == 403, "ann is an author")
    }

    @Test func `what they do stands in the audit under the issuer's name for them`() async throws {
        let harness = try await SignInHarness()
        let answer = try await harness.signIn()
        let cookie = String(answer.setCookie.prefix { $0 != ";" })
        let page = try await harness.look("/console", after: answer)
        let visitor = ConsoleHarness.Visitor(cookie: cookie, csrf: try #require(page.hidden("csrf")))
        let key = #"{"team": "demo", "roles": ["everyone"]}"#
        let id = try #require(try await harness.console.house.call(.post, "/v1/keys", key).body["id"]?.string)
        let done = try await harness.console.post("/console/keys/\(id)/revoke", ["reason": "lost"], as: visitor)
        #expect(done.status == 303, "\(done.text)")
        let audit = try await harness.console.house.get("/v1/audit?limit=200").body.canonical
        #expect(audit.contains("corp:ann@example.com"))
    }

    // MARK: - What is refused

    @Test func `an answer that this browser did not ask for, asked for long ago, or brought before is refused`()
        async throws
    {
        let harness = try await SignInHarness()
        let wrong = String(repeating: "0", count: 64)
        for (state, cookie, seconds) in [
            (wrong, nil, 0), (nil, "__Host-martlet_sign_in=\(wrong)", 0), (nil, "", 0), (nil, nil, 600),
        ] as [(String?, String?, Int64)] {
            let start = try await harness.begin()
            try harness.grant(harness.claims(start))
            harness.console.house.clock.advance(seconds: seconds)
            let answer = try await harness.comeBack(start, state: state, cookie: cookie)
            #expect(answer.status == 403 && answer.text.contains("This sign-in is over"))
            #expect(!answer.setCookie.contains("martlet_console"))
        }
        #expect(harness.issuer.posted.isEmpty, "no code is exchanged that nobody here asked for")
        let start = try await harness.begin()
        try harness.grant(harness.claims(start))
        #expect(try await harness.comeBack(start).status == 303)
        #expect(try await harness.comeBack(start).status == 403)
        #expect(harness.issuer.posted.count == 1)
    }

    @Test(arguments: [
        ("another nonce", #"{"nonce": "x"}"#), ("no nonce", #"{"nonce": null}"#),
        ("another client's", #"{"aud": "other"}"#), ("the admin API's", #"{"aud": "admin-api"}"#),
        ("given to another", #"{"aud": ["martlet", "other"], "azp": "other"}"#),
        ("another issuer's", #"{"iss": "https://evil.example.com"}"#), ("expired", #"{"exp": 1799999000}"#),
        ("of nobody", #"{"email": null}"#), ("of an address not proved", #"{"email_verified": false}"#),
    ])
    func `an ID token that is not the answer to this sign-in lets nobody in`(why: String, changes: String) async throws
    {
        let harness = try await SignInHarness()
        let answer = try await harness.signIn(try ScriptedIssuer.members(changes))
        #expect(answer.status == 403, "\(why)")
        #expect(answer.text.contains("The token is not good"), "\(why)")
        #expect(!answer.setCookie.contains("martlet_console"), "\(why)")
    }

    @Test func `a token that somebody else signed lets nobody in`() async throws {
        let harness = try await SignInHarness()
        let start = try await harness.begin()
        let forged = try ScriptedIssuer().token(harness.claims(start))
        let body = #"{"id_token": "\#(forged)"}"#
        harness.issuer.reply(OutgoingResponse(status: 200, body: Array(body.utf8)))
        #expect(try await harness.comeBack(start).status == 403)
    }

    @Test func `whom no rule fits is told so, by name`() async throws {
        let harness = try await SignInHarness()
        let answer = try await harness.signIn(["groups": ["visitors"]])
        #expect(answer.status == 403)
        #expect(answer.text.contains("no rule fits corp:ann@example.com"))
        #expect(!answer.setCookie.contains("martlet_console"))
    }

    @Test func `the issuer's refusal is shown, escaped, and only to who asked`() async throws {
        let harness = try await SignInHarness()
        let query = "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E"
        let start = try await harness.begin(next: "/console/keys")
        let answer = try await harness.comeBack(start, query)
        #expect(answer.status == 403)
        #expect(answer.text.contains("it says: access_denied (&lt;script&gt;alert(1)"))
        #expect(answer.hidden("next") == "/console/keys")
        let stranger = try await harness.comeBack(try await harness.begin(), query, cookie: "")
        #expect(stranger.status == 403 && !stranger.text.contains("access_denied"))
    }

    @Test func `a sign-in's cookie that a neighbour planted finishes nothing over TLS`() async throws {
        let harness = try await SignInHarness()
        let start = try await harness.begin()
        try harness.grant(harness.claims(start))
        let planted = start.cookie.replacing("__Host-", with: "")
        let answer = try await harness.comeBack(start, cookie: planted)
        #expect(planted != start.cookie && answer.status == 403 && answer.text.contains("This sign-in is over"))
        let plain = try await SignInHarness(address: "http://127.0.0.1:8400")
        let local = try await plain.begin()
        #expect(local.headers[.setCookie]?.hasPrefix("martlet_sign_in=") == true)
        #expect(local.headers[.setCookie]?.contains("; Path=/console/sign-in; ") == true)
        try plain.grant(plain.claims(local))
        #expect(try await plain.comeBack(local).setCookie.hasPrefix("martlet_console="))
    }

    /// The mix-up of RFC 9700, 4.4: a hostile issuer sends the browser on to an honest one, whose code then comes back
    /// with the hostile one's state, and would be carried to its token endpoint.
    @Test func `an answer at one issuer's callback finishes no sign-in that was begun at another`() async throws {
        let harness = try await SignInHarness()
        let other = try JSON.parse(Array(SignInHarness.corp.utf8))
            .merging(["name": "other", "issuer": "https://login.example.com/realms/other"])
        #expect(try await harness.console.house.call(.post, "/v1/issuers", other.canonical).status == 201)
        for place in ["other", "none-such"] {
            let start = try await harness.begin()
            try harness.grant(harness.claims(start))
            let answer = try await harness.comeBack(start, at: place)
            #expect(answer.status == 403 && answer.text.contains("This sign-in is over"), "\(place)")
            #expect(try await harness.comeBack(start).status == 403, "it is over, whoever ended it")
        }
        #expect(harness.issuer.posted.isEmpty)
    }

    @Test func `an issuer that does not answer is said to be silent, and counts as nobody's failure`() async throws {
        let harness = try await SignInHarness()
        for _ in 0..<12 {
            let start = try await harness.begin()
            let answer = try await harness.comeBack(start)
            #expect(answer.status == 503 && answer.text.contains("The issuer does not answer"))
            #expect(!answer.text.contains("login.example.com/token"), "why is for the log")
        }
        #expect(try await harness.signIn().status == 303)
    }

    @Test func `a document that cannot be had lets nobody leave, and is asked for no oftener than every ten seconds`()
        async throws
    {
        let harness = try await SignInHarness()
        let place = "\(ScriptedIssuer.identifier)/.well-known/openid-configuration"
        harness.issuer.answer(place, nil)
        for _ in 0..<5 { #expect(try await harness.console.get("/console/sign-in/begin?issuer=corp").status == 503) }
        #expect(harness.issuer.asked == [place])
        harness.issuer.answer(place, SignInHarness.document)
        harness.console.house.clock.advance(seconds: 10)
        #expect(try await harness.console.get("/console/sign-in/begin?issuer=corp").status == 303)
    }

    @Test func `who is sent to begin by another site, or at no such issuer, goes nowhere`() async throws {
        let harness = try await SignInHarness()
        let path = "/console/sign-in/begin?issuer=corp"
        for site in ["cross-site", "same-site"] {
            let answer = try await harness.console.send(.get, path, "", cookie: nil, headers: ["Sec-Fetch-Site": site])
            #expect(answer.location == "/console/sign-in" && answer.setCookie.isEmpty)
        }
        #expect(try await harness.console.get("/console/sign-in/begin?issuer=nobody").status == 404)
    }

    @Test func `a console that does not know its own address says so, and asks no Host`() async throws {
        let harness = try await SignInHarness(address: nil)
        let headers = ["Host": "evil.example"]
        let path = "/console/sign-in/begin?issuer=corp"
        let answer = try await harness.console.send(.get, path, "", cookie: nil, headers: headers)
        #expect(answer.status == 503 && answer.text.contains("--console-url"))
        #expect(harness.issuer.asked.isEmpty)
    }

    @Test func `failures are paced, and from an address that failed too often the issuer is not asked`() async throws {
        let harness = try await SignInHarness()
        for _ in 0..<9 { #expect(try await harness.signIn(["aud": "x"]).status == 403) }
        #expect(try await harness.signIn().status == 303)
        #expect(try await harness.signIn(["aud": "x"]).status == 403)
        let count = harness.issuer.posted.count
        let start = try await harness.begin(next: "/console/keys")
        try harness.grant(harness.claims(start))
        let answer = try await harness.comeBack(start)
        #expect(answer.status == 429 && answer.headers[.retryAfter] == "60")
        #expect(answer.hidden("next") == "/console/keys")
        #expect(harness.issuer.posted.count == count, "no code is carried to the issuer")
        let token = try #require(harness.console.house.tokens["viewer"])
        #expect(try await harness.console.post("/console/sign-in", ["token": token]).status == 303)
        harness.console.house.clock.advance(seconds: 60)
        #expect(try await harness.signIn().status == 303)
    }

    @Test func `an issuer that keeps sixteen waiting is asked for no more, and the next is told to come again`()
        async throws
    {
        let harness = try await SignInHarness()
        let most = TokenRequestsUnderWay.requestsPerIssuerMax
        harness.issuer.gate.close(for: most)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<most {
                let start = try await harness.begin()
                group.addTask { try await harness.comeBack(start).status }
            }
            for await _ in harness.issuer.gate.arrivals.prefix(most) {}
            let refused = try await harness.comeBack(try await harness.begin())
            #expect(refused.status == 503 && refused.headers[.retryAfter] == "10")
            #expect(harness.issuer.posted.count == most)
            harness.issuer.gate.open()
            for try await status in group { #expect(status == 503) }
        }
        #expect(try await harness.signIn().status == 303, "those that are answered make room")
    }
}
