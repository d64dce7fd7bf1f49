import Domain
import Foundation
import Platform
import TestSupport
import Testing

@testable import ControlPlane

/// The rules of the flow that need nobody else: what is kept, what is believed, what is sent.
@Suite struct `Rules of signing in at an issuer` {
    private func digest(_ text: String) -> Digest { .sha256(Array(text.utf8)) }
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(unixMilliseconds: seconds * 1_000) }

    private func flow(begun seconds: Int64, browser: String = "b") throws -> PendingFlow {
        PendingFlow(
            issuer: try #require(Name("corp")),
            identifier: ScriptedIssuer.identifier,
            clientID: "martlet",
            browser: self.digest(browser),
            nonce: "n",
            verifier: "v",
            next: "/console",
            begun: self.time(seconds)
        )
    }

    // MARK: - What is pending

    @Test func `a flow is had once, by the browser that began it, within ten minutes`() throws {
        for (browser, seconds, isHad) in [
            ("b", 0, true), ("b", 599, true), ("b", 600, false), ("other", 1, false), ("", 1, false),
            ("b", -1, false),
        ] as [(String, Int64, Bool)] {
            var flows = PendingFlows()
            flows.add(try self.flow(begun: 1_000), state: self.digest("s"), from: "a")
            let none = flows.take(self.digest("x"), browser: self.digest("b"), at: self.time(1_001))
            let first = flows.take(self.digest("s"), browser: self.digest(browser), at: self.time(1_000 + seconds))
            let second = flows.take(self.digest("s"), browser: self.digest("b"), at: self.time(1_001))
            #expect(none == nil && second == nil)
            #expect((first != nil) == isHad, "\(browser) after \(seconds) s")
        }
    }

    /// Which of these are kept.
    private func kept(_ names: [String], in flows: PendingFlows) -> [String] {
        names.filter { name in
            var copy = flows
            return copy.take(self.digest(name), browser: self.digest("b"), at: self.time(1)) != nil
        }
    }

    @Test func `there are never more flows than the bound, and the oldest of all goes`() throws {
        var flows = PendingFlows()
        func begin(_ number: Int) throws {
            // Of many addresses, none at its own bound.
            flows.add(try self.flow(begun: 1), state: self.digest("\(number)"), from: "\(number % 100)")
        }
        for number in 0..<PendingFlows.flowsMax { try begin(number) }
        #expect(flows.count == PendingFlows.flowsMax)
        // Those that are finished leave gaps, over which the next oldest is found.
        for number in [0, 2, 3] {
            let taken = flows.take(self.digest("\(number)"), browser: self.digest("b"), at: self.time(1))
            #expect(taken != nil)
        }
        let first = PendingFlows.flowsMax
        for number in first..<(first + 5) { try begin(number) }
        #expect(flows.count == PendingFlows.flowsMax)
        let kept = self.kept(["1", "4", "5", "\(first)", "\(first + 4)"], in: flows)
        #expect(kept == ["5", "\(first)", "\(first + 4)"])
    }

    @Test func `whoever begins flow upon flow from one address pushes out only their own`() throws {
        var flows = PendingFlows()
        flows.add(try self.flow(begun: 1), state: self.digest("ann"), from: "ann's")
        for number in 0..<(2 * PendingFlows.flowsMax) {
            flows.add(try self.flow(begun: 1), state: self.digest("\(number)"), from: "a stranger's")
        }
        #expect(flows.count == 1 + PendingFlows.flowsPerAddressMax)
        let oldest = 2 * PendingFlows.flowsMax - PendingFlows.flowsPerAddressMax
        let kept = self.kept(["ann", "\(oldest - 1)", "\(oldest)"], in: flows)
        #expect(kept == ["ann", "\(oldest)"])
    }

    // MARK: - What is asked

    @Test func `an issuer is asked by sixteen at once, and by another when one is answered`() throws {
        let (corp, other) = (try #require(Name<Issuer>("corp")), try #require(Name<Issuer>("other")))
        var underWay = TokenRequestsUnderWay()
        func begins(_ issuer: Name<Issuer>) -> Bool { underWay.begin(at: issuer) }
        #expect((0..<17).map { _ in begins(corp) } == Array(repeating: true, count: 16) + [false])
        #expect(begins(other))
        underWay.end(at: corp)
        #expect([begins(corp), begins(corp)] == [true, false])
        for _ in 0..<16 { underWay.end(at: corp) }
        #expect((0..<17).map { _ in begins(corp) } == Array(repeating: true, count: 16) + [false])
    }

    // MARK: - What is believed

    @Test(arguments: [
        (#"{"aud": "martlet", "nonce": "n"}"#, nil), (#"{"aud": ["martlet"], "nonce": "n"}"#, nil),
        (#"{"aud": ["martlet", "x"], "azp": "martlet", "nonce": "n"}"#, nil),
        (#"{"aud": "martlet", "azp": "martlet", "nonce": "n"}"#, nil),
        (#"{"aud": ["martlet", "x"], "nonce": "n"}"#, "(azp)"),
        (#"{"aud": ["martlet", "x"], "azp": "x", "nonce": "n"}"#, "(azp)"),
        (#"{"aud": "martlet", "azp": "x", "nonce": "n"}"#, "(azp)"),
        (#"{"aud": "martlet", "azp": ["martlet"], "nonce": "n"}"#, "(azp)"),
        (#"{"aud": "x", "azp": "martlet", "nonce": "n"}"#, "(aud)"), (#"{"aud": [], "nonce": "n"}"#, "(aud)"),
        (#"{"nonce": "n"}"#, "(aud)"), (#"{"aud": "martlet", "nonce": "m"}"#, "(nonce)"),
        (#"{"aud": "martlet", "nonce": ""}"#, "(nonce)"), (#"{"aud": "martlet"}"#, "(nonce)"),
        (#"{"aud": "martlet", "nonce": ["n"]}"#, "(nonce)"),
    ])
    func `an ID token is for this client and answers this sign-in`(claims: String, reason: String?) throws {
        let token = Claims(try ScriptedIssuer.members(claims).compactMapValues { $0.jsonValue(depth: 0) })
        let found = Result { () throws(TokenFlaw) in try token.checkIDToken(for: "martlet", nonce: "n") }
        switch (found, reason) {
        case (.success, nil): break
        case (.failure(let flaw), let reason?): #expect(flaw.reason.hasSuffix(reason), "\(claims)")
        default: Issue.record("\(claims): \(found)")
        }
    }

    @Test(
        arguments: [
            ("code=c", false, .success("c")), ("code=c&iss=https%3A%2F%2Fa.example", true, .success("c")),
            ("code=c&iss=https%3A%2F%2Fa.example", false, .success("c")),
            ("code=c&iss=https%3A%2F%2Fb.example", false, .failure(.foreignAnswer)),
            ("code=c", true, .failure(.foreignAnswer)),
            ("", false, .failure(.declined("nothing"))),
            ("error=access_denied", false, .failure(.declined("access_denied"))),
            ("error=access_denied&code=c", false, .failure(.declined("access_denied"))),
            ("error=e&error_description=no%0D%0Away%E2%80%AE", false, .failure(.declined("e (no way )"))),
        ] as [(String, Bool, Result<String, SignInFault>)]
    )
    func `what a browser brings back is a code of this issuer's, or its refusal`(
        query: String,
        namesItself: Bool,
        expected: Result<String, SignInFault>
    ) throws {
        let document = IssuerDocument(
            ["authorization_response_iss_parameter_supported": .bool(namesItself)],
            place: "p",
            issuer: "https://a.example",
            ownPorts: []
        )
        let answer = AuthorizationAnswer(FormFields(query), callbackIssuer: "a")
        let found = Result { () throws(SignInFault) in try answer.code(from: "https://a.example", document) }
        #expect(found == expected, "\(query)")
    }

    @Test func `somebody else's words are one line and bounded`() {
        let words = AuthorizationAnswer.words(String(repeating: "é", count: 10_000), nil)
        #expect(words.count == 301 && words.hasSuffix("…"))
    }

    @Test
    func `only a 200 with an ID token is one, and a refusal is the code's fault, ours or the issuer's by its word`() {
        let replies: [(Int, String, Result<String, SignInFault>)] = [
            (200, #"{"id_token": "t"}"#, .success("t")), (200, "{}", .failure(.silent("its reply holds no id_token"))),
            (200, "<html>", .failure(.silent("its reply holds no id_token"))),
            (400, #"{"error": "invalid_grant"}"#, .failure(.declined("invalid_grant"))),
            (403, #"{"error": "invalid_grant"}"#, .failure(.declined("invalid_grant"))),
            (400, #"{"error": "invalid_request"}"#, .failure(.declined("invalid_request"))),
            (
                500, #"{"error": "invalid_grant"}"#,
                .failure(.silent("the token endpoint answered 500: invalid_grant"))
            ),
            (
                401, #"{"error": "invalid_client"}"#,
                .failure(.misconfigured("the token endpoint answered 401: invalid_client"))
            ),
            (503, "", .failure(.silent("the token endpoint answered 503: no reason"))),
            (302, #"{"id_token": "t"}"#, .failure(.silent("the token endpoint answered 302: no reason"))),
        ]
        for (status, body, expected) in replies {
            let reply = OutgoingResponse(status: status, body: Array(body.utf8))
            let found = Result { () throws(SignInFault) in try TokenRequest.idToken(in: reply) }
            #expect(found == expected, "\(status) \(body)")
        }
    }

    // MARK: - What is sent

    /// RFC 7636, appendix B.
    @Test func `the challenge is the RFC's for the RFC's verifier`() {
        let challenge = AuthorizationRequest.challenge(of: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func `a secret is sent as HTTP Basic with both parts encoded, and whoever has none sends its name`() throws {
        let endpoint = try #require(IssuerDocument.Address("https://a.example/token?p=1"))
        for (secret, header) in [(nil, nil), ("p:ä", "Basic \(Data("a%20b:p%3A%C3%A4".utf8).base64EncodedString())")] {
            let token = TokenRequest(
                clientID: "a b",
                secret: secret.map { Array($0.utf8) },
                code: "c&d",
                callback: "https://x/y",
                verifier: "v"
            )
            let request = token.request(to: endpoint)
            let body = String(decoding: request.body, as: UTF8.self)
            #expect(request.url == "https://a.example/token?p=1" && request.method == .post)
            #expect(request.headers.first { $0.name == "authorization" }?.value == header)
            #expect(body.contains("code=c%26d&redirect_uri=https%3A%2F%2Fx%2Fy&code_verifier=v"))
            #expect(body.contains("client_id=a%20b") == (secret == nil))
            #expect(!body.contains("secret"))
        }
    }

    @Test(arguments: [
        ("https://m.example", "https://m.example"), ("https://M.example:8443", "https://m.example:8443"),
        ("http://127.0.0.1:8400", "http://127.0.0.1:8400"), ("https://m.example/", "https://m.example"),
        ("http://m.example", nil), ("https://m.example/martlet", nil), ("m.example", nil), ("https://m.example?x", nil),
    ])
    func `the console's address is one that issuers may send codes to`(text: String, base: String?) throws {
        let issuer = try #require(Name<Issuer>("corp"))
        #expect(ConsoleAddress(text)?.callback(of: issuer) == base.map { "\($0)/console/sign-in/oidc/corp" })
    }

    @Test func `where nobody says it, the console's address is known only on this machine`() {
        let addresses = [
            "127.0.0.1:8400": true, "[::1]:8400": true, "localhost:8400": true, "0.0.0.0:8400": false,
            "[::]:8400": false, "10.0.0.1:8400": false,
        ]
        for (address, isKnown) in addresses {
            #expect((ConsoleAddress(listeningOn: address, hasTLS: false) != nil) == isKnown, "\(address)")
        }
    }

    @Test func `an issuer's document names only addresses that people and codes may be sent to`() {
        let cases: [(String, Bool)] = [
            ("https://login.example.com/auth", true), ("https://login.example.com/auth?p=b2c", true),
            ("http://login.example.com/auth", false), ("https://127.0.0.1/auth", false),
            ("https://login.example.com/auth#x", false), ("https://login.example.com/a?b=c d", false),
            ("https://169.254.169.254/", false), ("javascript:alert(1)", false), ("", false),
        ]
        for (text, isGood) in cases {
            let document = IssuerDocument(
                ["x": .string(text)],
                place: "p",
                issuer: ScriptedIssuer.identifier,
                ownPorts: [8_400]
            )
            #expect(((try? document.address("x")) != nil) == isGood, "\(text)")
        }
        let here = IssuerDocument(
            ["x": "http://127.0.0.1:9000/a", "own": "http://127.0.0.1:8400/a"],
            place: "p",
            issuer: "http://127.0.0.1:9000",
            ownPorts: [8_400]
        )
        #expect((try? here.address("x")) != nil)
        #expect((try? here.address("own")) == nil)
    }
}
