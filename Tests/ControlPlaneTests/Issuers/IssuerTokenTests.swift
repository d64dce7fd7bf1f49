import Crypto
import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing
import Wire

@testable import ControlPlane

@Suite struct `Signing in with an issuer's token` {
    private let issuer = ScriptedIssuer()

    private static let corp = #"""
        {"name": "corp", "issuer": "\#(ScriptedIssuer.identifier)", "audiences": ["martlet", "ci"], "subject": "email", "rules": [
          {"claim": "groups", "value": "platform", "roles": ["author", "approver"]},
          {"claim": "groups", "value": "demo-devs", "teams": {"demo": ["author"]}},
          {"claim": "job", "value": "audit", "roles": ["auditor"]}]}
        """#

    private func harness() async throws -> APIHarness {
        self.issuer.publish([ScriptedIssuer.jwk(self.issuer.elliptic, "k1")])
        let harness = try await APIHarness(issuers: self.issuer)
        try await harness.fill()
        let made = try await harness.call(.post, "/v1/issuers", Self.corp)
        #expect(made.status == 201, "\(made.body.canonical)")
        return harness
    }

    /// What a good token says at the harness' time, with other claims over it.
    private func claims(_ harness: APIHarness, _ other: [String: JSON] = [:]) -> String {
        let second = harness.clock.now.unixMilliseconds / 1_000
        let good: JSON = [
            "iss": .string(ScriptedIssuer.identifier), "aud": ["other", "martlet"], "email": "ann@example.com",
            "email_verified": true,
            "groups": ["platform", "demo-devs"], "iat": .number(second), "exp": .number(second + 300),
        ]
        return good.merging(other).canonical
    }

    @Test func `whoever fits rules has what they grant, under the issuer's name for them`() async throws {
        let harness = try await self.harness()
        let me = try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness)))
        #expect(
            me.body == [
                "name": "corp:ann@example.com", "roles": ["author", "approver"], "teams": ["demo": ["author"]],
            ]
        )
        let auditor = try self.issuer.token(self.claims(harness, ["groups": [], "job": "audit"]))
        #expect(try await harness.get("/v1/audit", as: auditor).status == 200)
        #expect(try await harness.get("/v1/issuers", as: auditor).status == 403)
        let nobody = try self.issuer.token(self.claims(harness, ["groups": "visitors"]))
        #expect(try await harness.get("/v1/teams", as: nobody).status == 403)
    }

    @Test func `what they do stands in the audit under that name, and nobody approves their own`() async throws {
        let harness = try await self.harness()
        let ann = try self.issuer.token(self.claims(harness))
        let body = APIHarness.model.replacing("local/m", with: "local/n")
        #expect(try await harness.call(.post, "/v1/models", body, as: ann).status == 201)
        #expect(try await harness.call(.post, "/v1/models/local%2Fn/propose", as: ann).status == 202)
        #expect(try await harness.call(.post, "/v1/models/local%2Fn/approve", as: ann).status == 409)
        let bob = try self.issuer.token(self.claims(harness, ["email": "bob@example.com"]))
        #expect(try await harness.call(.post, "/v1/models/local%2Fn/approve", as: bob).status == 200)
        let audit = try await harness.get("/v1/audit?limit=200").body.canonical
        #expect(audit.contains("corp:ann@example.com") && audit.contains("corp:bob@example.com"))
    }

    @Test(arguments: [
        ("expired", #"{"exp": 1799999000}"#), ("without an end", #"{"exp": null}"#),
        ("not begun", #"{"nbf": 1800000100}"#), ("from the future", #"{"iat": 1800000100}"#),
        ("an end that is a word", #"{"exp": "tomorrow"}"#), ("for somebody else", #"{"aud": "other"}"#),
        ("for nobody", #"{"aud": null}"#), ("of another issuer", #"{"iss": "https://evil.example.com"}"#),
        ("of the issuer spelt otherwise", #"{"iss": "https://login.example.com/realms/corp/"}"#),
        ("of nobody", #"{"email": null}"#), ("of a nameless one", #"{"email": ""}"#),
        ("of one with two lines", #"{"email": "a\nb"}"#), ("not verified", #"{"email_verified": false}"#),
        ("nor known to be", #"{"email_verified": null}"#),
        ("verified by a word", #"{"email_verified": "false"}"#),
    ])
    func `a token that is not good now, or not for us, opens nothing`(why: String, changes: String) async throws {
        let harness = try await self.harness()
        let other = try ScriptedIssuer.members(changes)
        let answer = try await harness.get("/v1/teams", as: try self.issuer.token(self.claims(harness, other)))
        #expect(answer.status == 401, "\(why)")
        #expect(answer.headers[.wwwAuthenticate]?.contains("invalid_token") == true, "\(why)")
    }

    /// What the public attacks on verifiers of such tokens do: name another algorithm, bring a key along, leave the
    /// signature out, or let the public key be an HMAC's secret.
    @Test func `a token does not choose how it is believed`() async throws {
        let harness = try await self.harness()
        let claims = self.claims(harness)
        let headers = [
            #"{"alg": "none", "kid": "k1"}"#, #"{"alg": "None", "kid": "k1"}"#, #"{"alg": "HS256", "kid": "k1"}"#,
            #"{"alg": "ES384", "kid": "k1"}"#, #"{"alg": "RS256", "kid": "k1"}"#, #"{"alg": "es256", "kid": "k1"}"#,
            #"{"kid": "k1"}"#, #"{"alg": "ES256", "kid": "k2"}"#, #"{"alg": "ES256", "kid": "../k1"}"#,
            #"{"alg": "ES256", "kid": "k1", "crit": ["exp"]}"#, #"{"alg": "ES256", "alg": "none", "kid": "k1"}"#,
        ]
        for header in headers {
            let token = try self.issuer.token(claims, header: header)
            #expect(try await harness.get("/v1/teams", as: token).status == 401, "\(header)")
        }
        let own = P256.Signing.PrivateKey()
        let header = #"{"alg": "ES256", "jwk": \#(ScriptedIssuer.jwk(own, "own"))}"#
        let signed = "\(Data(header.utf8).base64URL).\(Data(claims.utf8).base64URL)"
        let brought = "\(signed).\(try own.signature(for: Data(signed.utf8)).rawRepresentation.base64URL)"
        #expect(try await harness.get("/v1/teams", as: brought).status == 401)
        let secret = SymmetricKey(data: self.issuer.elliptic.publicKey.rawRepresentation)
        let head = "\(Data(#"{"alg":"HS256","kid":"k1"}"#.utf8).base64URL).\(Data(claims.utf8).base64URL)"
        let code = HMAC<SHA256>.authenticationCode(for: Data(head.utf8), using: secret)
        #expect(try await harness.get("/v1/teams", as: "\(head).\(Data(code).base64URL)").status == 401)
    }

    @Test func `a changed byte anywhere opens nothing`() async throws {
        let harness = try await self.harness()
        let good = Array(try self.issuer.token(self.claims(harness)).utf8)
        var random = SeededGenerator.printed()
        for _ in 0..<40 {
            var bytes = good
            let place = Int.random(in: 0..<good.count, using: &random)
            // The last digits of base64 may have bits that mean nothing.
            guard place != good.count - 1 else { continue }
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let answer = try await harness.get("/v1/teams", as: String(decoding: bytes, as: UTF8.self))
            #expect(answer.status == 401, "at \(place)")
        }
        for text in [
            "a.b.c", "..", "\(String(decoding: good, as: UTF8.self)).", String(repeating: "a.", count: 20_000),
        ] {
            #expect(try await harness.get("/v1/teams", as: text).status == 401)
        }
    }

    @Test func `keys are kept, turned over at once, and asked for no oftener than every ten seconds`() async throws {
        let harness = try await self.harness()
        for _ in 0..<3 {
            #expect(try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness))).status == 200)
        }
        #expect(self.issuer.asked.count == 2)  // its document, and its keys
        let turned = #"{"alg": "ES256", "kid": "k2"}"#
        harness.clock.advance(seconds: 11)
        self.issuer.publish([ScriptedIssuer.jwk(self.issuer.elliptic, "k2")])
        let new = try self.issuer.token(self.claims(harness), header: turned)
        #expect(try await harness.get("/v1/me", as: new).status == 200)
        #expect(self.issuer.asked.count == 4)
        for number in 3..<50 {
            let unknown = try self.issuer.token(
                self.claims(harness),
                header: #"{"alg": "ES256", "kid": "k\#(number)"}"#
            )
            #expect(try await harness.get("/v1/me", as: unknown).status == 401)
        }
        #expect(self.issuer.asked.count == 4)
    }

    @Test func `a key that was withdrawn ends within the quarter hour, and a silent issuer's go on for a day`()
        async throws
    {
        let harness = try await self.harness()
        #expect(try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness))).status == 200)
        self.issuer.answer("https://login.example.com/keys", nil)
        harness.clock.advance(seconds: 20 * 3_600)
        #expect(try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness))).status == 200)
        harness.clock.advance(seconds: 4 * 3_600)
        let late = try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness)))
        #expect(late.status == 503 && late.headers[.retryAfter] != nil)
        self.issuer.publish([])
        harness.clock.advance(seconds: 11)
        #expect(try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness))).status == 401)
    }

    @Test func `a document of another issuer's, or one that sends us elsewhere, is not believed`() async throws {
        for document in [
            #"{"issuer": "https://evil.example.com", "jwks_uri": "https://login.example.com/keys"}"#,
            #"{"issuer": "\#(ScriptedIssuer.identifier)", "jwks_uri": "http://169.254.169.254/keys"}"#,
            #"{"issuer": "\#(ScriptedIssuer.identifier)", "jwks_uri": "http://127.0.0.1:8400/keys"}"#,
            #"{"issuer": "\#(ScriptedIssuer.identifier)", "jwks_uri": "https://127.0.0.1:9999/keys"}"#,
            #"{"issuer": "\#(ScriptedIssuer.identifier)"}"#, "[]", "",
        ] {
            let harness = try await self.harness()
            self.issuer.answer("\(ScriptedIssuer.identifier)/.well-known/openid-configuration", document)
            let answer = try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness)))
            #expect(answer.status == 503, "\(document)")
            #expect(!self.issuer.asked.contains { $0.hasPrefix("http:") })
        }
    }

    @Test func `keys that are for other things are not used`() async throws {
        let harness = try await self.harness()
        for more in [#","use": "enc""#, #","alg": "ES384""#] {
            self.issuer.publish([ScriptedIssuer.jwk(self.issuer.elliptic, "k1", more: more)])
            harness.clock.advance(seconds: 901)
            let answer = try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness)))
            #expect(answer.status == 401, "\(more)")
        }
    }

    @Test(arguments: [
        ("issuer", #""http://login.example.com""#), ("issuer", #""login.example.com""#),
        ("issuer", #""https://169.254.169.254""#), ("keysUrl", #""http://127.0.0.1:8400/keys""#), ("audiences", "[]"),
        ("issuer", #""http://127.corp.example""#),
    ])
    func `an issuer that nobody could trust is refused`(field: String, value: String) async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = try JSON.parse(Array(Self.corp.utf8)).merging([field: try JSON.parse(Array(value.utf8))])
        #expect(try await harness.call(.post, "/v1/issuers", body.canonical).pointers == ["/\(field)"])
        #expect(try await harness.call(.post, "/v1/issuers", Self.corp, as: "author").status == 403)
    }

    /// RFC 7515, appendix A.2: RSA by an implementation that is not ours.
    @Test func `the RFC's own token verifies by the RFC's own key, and not with another one's signature`() async throws
    {
        let key = """
            {"keys": [{"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-\
            Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z\
            5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9\
            iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}
            """
        let token = """
            eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZc\
            AcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOk\
            HWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
            """
        let keys = try #require(PublicKeys(Array(key.utf8)))
        let good = try JSONWebToken(token)
        try await PublicKeys.verify(good, by: try keys.key(for: good))
        let forged = try JSONWebToken(String(token.replacing("cC4hiUPoj9", with: "cC4hiUPoj8")))
        await #expect(throws: SignInFault.badToken("its signature is not its issuer's")) {
            try await PublicKeys.verify(forged, by: try keys.key(for: forged))
        }
    }

    @Test func `an address that nobody has proved grants nothing, whoever is named by another claim`() async throws {
        let harness = try await self.harness()
        let rule: JSON = ["claim": "email", "value": "ann@example.com", "roles": ["admin"]]
        let body = try JSON.parse(Array(Self.corp.utf8)).merging(["subject": "sub", "rules": [rule]])
        let headers = ["If-Match": "*"]
        #expect(try await harness.call(.put, "/v1/issuers/corp", body.canonical, headers: headers).status == 200)
        let proven = try self.issuer.token(self.claims(harness, ["sub": "1"]))
        #expect(try await harness.get("/v1/issuers", as: proven).status == 200)
        let claimed = try self.issuer.token(self.claims(harness, ["sub": "1", "email_verified": false]))
        #expect(try await harness.get("/v1/issuers", as: claimed).status == 403)
    }

    @Test func `an issuer is trusted under one name only: a person has one`() async throws {
        let harness = try await self.harness()
        let twin = Self.corp.replacing(#""name": "corp""#, with: #""name": "twin""#)
        #expect(try await harness.call(.post, "/v1/issuers", twin).pointers == ["/issuer"])
        let ci = try self.issuer.token(self.claims(harness, ["aud": "ci"]))
        #expect(try await harness.get("/v1/me", as: ci).body["name"] == "corp:ann@example.com")
    }

    @Test func `keys are kept by where they come from: an issuer that was corrected is asked at once`() async throws {
        let harness = try await self.harness()
        let wrong = try JSON.parse(Array(Self.corp.utf8)).merging(["keysUrl": "https://login.example.com/gone"])
        let headers = ["If-Match": "*"]
        _ = try await harness.call(.put, "/v1/issuers/corp", wrong.canonical, headers: headers)
        let token = try self.issuer.token(self.claims(harness))
        let refused = try await harness.get("/v1/me", as: token)
        #expect(refused.status == 503)
        #expect(!refused.body.canonical.contains("example.com"), "who comes without credentials learns nothing")
        _ = try await harness.call(.put, "/v1/issuers/corp", Self.corp, headers: headers)
        #expect(try await harness.get("/v1/me", as: token).status == 200)
    }

    @Test func `a clock that was ahead and is set back does not keep old keys for ever`() async throws {
        let harness = try await self.harness()
        harness.clock.advance(seconds: 3 * 86_400)
        #expect(try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness))).status == 200)
        harness.clock.advance(seconds: -2 * 86_400)
        self.issuer.publish([])
        #expect(try await harness.get("/v1/me", as: try self.issuer.token(self.claims(harness))).status == 401)
    }
}
