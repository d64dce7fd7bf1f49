import Domain
import Testing

@Suite struct `Issuers of applications' tokens` {
    private static func name<Subject>(_ text: String) throws -> Name<Subject> { try #require(Name(text)) }

    private static func issuer(_ name: String = "corp", keys: [IssuerKey] = []) throws -> Issuer {
        func rule(_ claim: String, _ value: String, _ team: String) throws -> ApplicationRule {
            ApplicationRule(claim: claim, value: value, team: try Self.name(team), roles: [try Self.name("everyone")])
        }
        return Issuer(
            name: try Self.name(name),
            identifier: "https://login.example.com/\(name)",
            audiences: ["martlet", "gateway"],
            subjectClaim: "azp",
            rules: [try rule("groups", "legal", "legal"), try rule("groups", "demo", "demo")],
            keys: keys
        )
    }

    private static func key(_ id: String?, _ algorithm: TokenAlgorithm? = nil) -> IssuerKey {
        IssuerKey(id: id, algorithm: algorithm, material: .elliptic(.p256, x: [1], y: [2]))
    }

    private static func header(_ algorithm: String, _ id: String? = nil) throws -> TokenHeader {
        var members: [String: JSONValue] = ["alg": .text(algorithm)]
        if let id { members["kid"] = .text(id) }
        return try TokenHeader(members)
    }

    @Test func `the first rule that fits says the team and the roles`() throws {
        let both = Claims(["azp": .text("ci"), "groups": .list([.text("demo"), .text("legal")])])
        let application = try Self.issuer().application(with: both)
        #expect(application.id.text == "corp:ci" && application.subject == "ci")
        #expect(application.team.text == "legal" && application.roles.map(\.text) == ["everyone"])
        let one = Claims(["azp": .text("ci"), "groups": .text("demo")])
        #expect(try Self.issuer().application(with: one).team.text == "demo")
    }

    @Test func `who fits no rule, or is nobody, is no application`() throws {
        for claims in [["azp": JSONValue.text("ci")], ["groups": .text("demo")], [:]] {
            #expect(throws: TokenFlaw.self) { try Self.issuer().application(with: Claims(claims)) }
        }
    }

    @Test(arguments: [
        ("https://login.example.com/corp", JSONValue.text("martlet"), true),
        ("https://login.example.com/corp", .list([.text("x"), .text("gateway")]), true),
        ("https://login.example.com/corp", .text("other"), false),
        ("https://login.example.com/corp/", .text("martlet"), false), ("", .text("martlet"), false),
    ])
    func `a token is of one issuer, and for us`(identifier: String, audience: JSONValue, isGood: Bool) throws {
        let issuers = [try Self.issuer("other"), try Self.issuer()]
        let claims = Claims(["iss": .text(identifier), "aud": audience])
        if isGood {
            #expect(try issuers.issuer(of: claims).name.text == "corp")
        } else {
            #expect(throws: TokenFlaw.self) { try issuers.issuer(of: claims) }
        }
    }

    @Test(arguments: ["none", "None", "HS256", "HS512", "RS257", "rs256", "ES256K", ""])
    func `an algorithm without a private key is none`(algorithm: String) {
        #expect(throws: TokenFlaw.self) { try Self.header(algorithm) }
    }

    @Test func `extensions that must be understood are refused`() {
        #expect(throws: TokenFlaw.self) { try TokenHeader(["alg": .text("ES256"), "crit": .list([.text("exp")])]) }
        #expect(throws: TokenFlaw.self) { try TokenHeader([:]) }
    }

    @Test func `the key says what it is for, and the token only which one it means`() throws {
        let keys = [Self.key("a"), Self.key("b", .es256)]
        #expect(try keys.key(for: Self.header("ES256", "b")).id == "b")
        for (algorithm, id) in [("RS256", "a"), ("ES384", "a"), ("ES256", "c"), ("EdDSA", "b")] {
            #expect(throws: TokenFlaw.self) { try keys.key(for: Self.header(algorithm, id)) }
        }
        #expect(throws: TokenFlaw.self, "two could have signed it") { try keys.key(for: Self.header("ES256")) }
        #expect(try [Self.key("a")].key(for: Self.header("ES256")).id == "a")
        #expect(throws: TokenFlaw.self) { try [Self.key(nil)].key(for: Self.header("ES256", "a")) }
    }
}
