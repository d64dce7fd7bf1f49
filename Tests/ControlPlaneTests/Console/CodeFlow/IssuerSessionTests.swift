import ControlPlane
import Domain
import HTTPTypes
import Platform
import Testing

/// What a session rests on that began at an issuer, and what the client's secret may be sent to.
@Suite struct `Sessions of an issuer's people` {
    private func rewrite(_ harness: SignInHarness, _ changes: [String: JSON]) async throws {
        let body = try JSON.parse(Array(SignInHarness.corp.utf8)).merging(changes)
        let headers = ["If-Match": "*"]
        let put = try await harness.console.house.call(.put, "/v1/issuers/corp", body.canonical, headers: headers)
        #expect(put.status == 200, "\(put.body.canonical)")
    }

    @Test func `a session outlasts the ID token, and ends an hour after it was used last`() async throws {
        let harness = try await SignInHarness()
        let answer = try await harness.signIn()
        harness.console.house.clock.advance(seconds: 3_599)
        #expect(try await harness.look("/console/keys", after: answer).status == 200)
        harness.console.house.clock.advance(seconds: 3_600)
        #expect(try await harness.look("/console/keys", after: answer).status == 303)
    }

    @Test func `a session ends at once with its rule, its client or its issuer`() async throws {
        let changes: [[String: JSON]] = [
            ["rules": []], ["console": .null], ["console": ["clientId": "another"]],
            ["issuer": "https://login.example.com/realms/other"],
            ["rules": [["claim": "groups", "value": "others", "roles": ["admin"]]]],
        ]
        for change in changes {
            let harness = try await SignInHarness()
            let answer = try await harness.signIn()
            #expect(try await harness.look("/console/keys", after: answer).status == 200)
            try await self.rewrite(harness, change)
            #expect(try await harness.look("/console/keys", after: answer).status == 303, "\(change)")
        }
        let harness = try await SignInHarness()
        let answer = try await harness.signIn()
        let headers = ["If-Match": "*"]
        #expect(try await harness.console.house.call(.delete, "/v1/issuers/corp", headers: headers).status == 200)
        #expect(try await harness.look("/console/keys", after: answer).status == 303)
    }

    @Test func `one person has sixteen sessions at most, and others keep theirs`() async throws {
        let harness = try await SignInHarness()
        let bob = try await harness.signIn(["email": "bob@example.com", "sub": "18"])
        var answers: [ConsoleHarness.Answer] = []
        for _ in 0...SessionBook.sessionsPerCredentialMax {
            harness.console.house.clock.advance(seconds: 1)
            answers.append(try await harness.signIn())
        }
        #expect(try await harness.look("/console/keys", after: answers[0]).status == 303)
        #expect(try await harness.look("/console/keys", after: answers[1]).status == 200)
        #expect(try await harness.look("/console/keys", after: bob).status == 200)
    }

    @Test func `what somebody may do is what the rules say now`() async throws {
        let harness = try await SignInHarness()
        let answer = try await harness.signIn()
        #expect(try await harness.look("/console/audit", after: answer).status == 403)
        try await self.rewrite(harness, ["rules": [["claim": "groups", "value": "platform", "roles": ["auditor"]]]])
        #expect(try await harness.look("/console/audit", after: answer).status == 200)
    }

    @Test func `an issuer that is changed or removed while somebody is there lets nobody in`() async throws {
        for change in [["console": ["clientId": "another"]], ["console": .null]] as [[String: JSON]] {
            let harness = try await SignInHarness()
            let start = try await harness.begin()
            try harness.grant(harness.claims(start))
            try await self.rewrite(harness, change)
            let answer = try await harness.comeBack(start)
            #expect(answer.status == 403 && answer.text.contains("The issuer was changed meanwhile"))
            #expect(harness.issuer.posted.isEmpty)
        }
    }

    // MARK: - A token that is pasted

    @Test func `a JSON web token that is good for the admin API signs in, until it ends`() async throws {
        let harness = try await SignInHarness()
        let start = try await harness.begin()
        let token = try harness.issuer.token(harness.claims(start, ["aud": "admin-api"]))
        let answer = try await harness.console.post("/console/sign-in", ["token": token])
        #expect(answer.status == 303)
        let page = try await harness.look("/console", after: answer)
        #expect(page.text.contains("corp:ann@example.com"))
        harness.console.house.clock.advance(seconds: 359)
        #expect(try await harness.look("/console", after: answer).status == 200)
        harness.console.house.clock.advance(seconds: 1)
        #expect(try await harness.look("/console", after: answer).status == 303)
    }

    @Test func `one that is good for nothing gets every bad token's answer, and one without roles is told so`()
        async throws
    {
        let harness = try await SignInHarness()
        let start = try await harness.begin()
        let forConsole = try harness.issuer.token(harness.claims(start))
        for token in [forConsole, "a.b.c", "x"] {
            let answer = try await harness.console.post("/console/sign-in", ["token": token])
            #expect(answer.status == 403 && answer.text.contains("This token does not let you in."))
        }
        let claims = harness.claims(start, ["aud": "admin-api", "groups": []])
        let answer = try await harness.console.post("/console/sign-in", ["token": try harness.issuer.token(claims)])
        #expect(answer.status == 403 && answer.text.contains("no rule fits corp:ann@example.com"))
    }

    // MARK: - The client's secret

    private static let confidential = SignInHarness.corp.replacing(
        #""clientId": "martlet""#,
        with: #""clientId": "martlet", "secret": "corp-client""#
    )

    /// One whose issuer has a client with a secret for `host`.
    private func confidential(_ host: String, hasValue: Bool = true) async throws -> SignInHarness {
        let harness = try await SignInHarness()
        let admin = harness.console.house
        let secret = #"{"name": "corp-client", "hosts": ["\#(host)"]}"#
        #expect(try await admin.call(.post, "/v1/secrets", secret).status == 201)
        if hasValue {
            let body = #"{"value": "s3cret"}"#
            #expect(try await admin.call(.put, "/v1/secrets/corp-client/value", body).status == 200)
        }
        let headers = ["If-Match": "*"]
        let put = try await admin.call(.put, "/v1/issuers/corp", Self.confidential, headers: headers)
        #expect(put.status == 200, "\(put.body.canonical)")
        return harness
    }

    @Test func `the secret goes to the token endpoint`() async throws {
        let harness = try await self.confidential("login.example.com")
        #expect(try await harness.signIn().status == 303)
        let posted = try #require(harness.issuer.posted.first)
        let header = posted.headers.first { $0.name == "authorization" }?.value
        #expect(header == "Basic bWFydGxldDpzM2NyZXQ=")
        #expect(!String(decoding: posted.body, as: UTF8.self).contains("s3cret"))
    }

    @Test func `the secret goes to no host that it does not name, and without a value nobody is asked`() async throws {
        for harness in [
            try await self.confidential("other.example.com"),
            try await self.confidential("login.example.com", hasValue: false),
        ] {
            let answer = try await harness.signIn()
            #expect(answer.status == 503 && answer.text.contains("Signing in at this issuer is not set up"))
            #expect(harness.issuer.posted.isEmpty)
        }
    }

    @Test(arguments: [
        ("/console/clientId", #"{}"#), ("/console/clientId", #"{"clientId": ""}"#),
        ("/console/scopes/0", #"{"clientId": "m", "scopes": ["a b"]}"#),
        ("/console/secret", #"{"clientId": "m", "secret": "none-such"}"#),
        ("/console/secrets", #"{"clientId": "m", "secrets": "x"}"#), ("/console", #""martlet""#),
    ])
    func `a client that nobody could sign in to is refused`(pointer: String, console: String) async throws {
        let harness = try await SignInHarness()
        let body = try JSON.parse(Array(SignInHarness.corp.utf8))
            .merging(["console": try JSON.parse(Array(console.utf8))])
        let headers = ["If-Match": "*"]
        let put = try await harness.console.house.call(.put, "/v1/issuers/corp", body.canonical, headers: headers)
        #expect(put.pointers == [pointer], "\(put.body.canonical)")
    }

    @Test func `a secret that an issuer's client has cannot be archived`() async throws {
        let harness = try await self.confidential("login.example.com")
        let headers = ["If-Match": "*"]
        let answer = try await harness.console.house.call(.delete, "/v1/secrets/corp-client", headers: headers)
        #expect(answer.status == 409)
    }
}
