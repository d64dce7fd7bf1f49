import ControlPlane
import Domain
import Foundation
import HTTPTypes
import Platform
import Testing

/// A console, an issuer at which people sign in to it, and a browser that goes between them.
struct SignInHarness {
    let issuer = ScriptedIssuer()
    let console: ConsoleHarness

    static let corp = """
        {"name": "corp", "issuer": "\(ScriptedIssuer.identifier)", "audiences": ["admin-api"], "subject": "email",
         "rules": [{"claim": "groups", "value": "platform", "roles": ["author"]}],
         "console": {"clientId": "martlet", "scopes": ["email", "groups"]}}
        """

    static let document = """
        {"issuer": "\(ScriptedIssuer.identifier)", "jwks_uri": "https://login.example.com/keys",
         "authorization_endpoint": "https://login.example.com/auth?realm=corp",
         "token_endpoint": "https://login.example.com/token"}
        """

    init(_ content: String = Self.corp, address: String? = ConsoleHarness.address) async throws {
        self.issuer.publish([ScriptedIssuer.jwk(self.issuer.elliptic, "k1")])
        self.issuer.answer("\(ScriptedIssuer.identifier)/.well-known/openid-configuration", Self.document)
        self.console = try await ConsoleHarness(fetcher: self.issuer, address: address)
        try await self.console.house.fill()
        let made = try await self.console.house.call(.post, "/v1/issuers", content)
        #expect(made.status == 201, "\(made.body.canonical)")
    }

    /// A browser that has left for the issuer.
    struct SignInStart {
        let location: String
        /// What the authorization request says.
        let query: [String: String]
        let cookie: String
        let headers: HTTPFields
    }

    func begin(next: String = "", headers: [String: String] = [:]) async throws -> SignInStart {
        let path = "/console/sign-in/begin?issuer=corp&next=\(ConsoleHarness.encoded(next))"
        let answer = try await self.console.send(.get, path, "", cookie: nil, headers: headers)
        #expect(answer.status == 303, "\(answer.text)")
        let items = URLComponents(string: answer.location)?.queryItems ?? []
        return SignInStart(
            location: answer.location,
            query: Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first },
            cookie: String(answer.setCookie.prefix { $0 != ";" }),
            headers: answer.headers
        )
    }

    /// What a good ID token says, with other claims over it.
    func claims(_ start: SignInStart, _ other: [String: JSON] = [:]) -> String {
        let second = self.console.house.clock.now.unixMilliseconds / 1_000
        let good: JSON = [
            "iss": .string(ScriptedIssuer.identifier), "aud": "martlet", "sub": "17", "email": "ann@example.com",
            "email_verified": true, "groups": ["platform"], "nonce": .string(start.query["nonce"] ?? ""),
            "iat": .number(second), "exp": .number(second + 300),
        ]
        return good.merging(other).canonical
    }

    func grant(_ claims: String) throws {
        let body = #"{"access_token": "a", "token_type": "Bearer", "id_token": "\#(try self.issuer.token(claims))"}"#
        self.issuer.reply(OutgoingResponse(status: 200, body: Array(body.utf8)))
    }

    func comeBack(
        _ start: SignInStart,
        _ query: String = "code=the-code",
        state: String? = nil,
        cookie: String? = nil,
        at issuer: String = "corp"
    ) async throws -> ConsoleHarness.Answer {
        let path = "/console/sign-in/oidc/\(issuer)?state=\(state ?? start.query["state"] ?? "")&\(query)"
        let cookie = cookie ?? start.cookie
        let headers = ["Sec-Fetch-Site": "cross-site", "Host": "evil.example"]
        return try await self.console.send(.get, path, "", cookie: cookie, headers: headers)
    }

    /// Somebody signed in; `claims` are over the good ones.
    func signIn(_ claims: [String: JSON] = [:]) async throws -> ConsoleHarness.Answer {
        let start = try await self.begin()
        try self.grant(self.claims(start, claims))
        return try await self.comeBack(start)
    }

    /// A page as whoever got this answer.
    func look(_ path: String, after answer: ConsoleHarness.Answer) async throws -> ConsoleHarness.Answer {
        let cookie = String(answer.setCookie.prefix { $0 != ";" })
        return try await self.console.send(.get, path, "", cookie: cookie, headers: [:])
    }
}
