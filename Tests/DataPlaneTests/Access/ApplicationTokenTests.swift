import Dialects
import Domain
import Foundation
import Testing

@testable import DataPlane

@Suite struct `An application's token in place of a key` {
    private let issuer: TokenIssuer
    private let snapshot: Snapshot

    init() throws {
        self.issuer = try TokenIssuer()
        self.snapshot = try .fixture(issuers: [self.issuer.issuer()])
    }

    private func ask(
        _ token: String,
        _ fields: Fields = [:],
        on snapshot: Snapshot? = nil,
        lookup: ApplicationLookup = ApplicationLookup(KnownTokens(JSONReader()))
    ) throws -> ExchangeBench {
        let bench = try ExchangeBench(snapshot ?? self.snapshot, lookup: lookup)
        var fields = fields
        fields.add("authorization", "Bearer \(token)")
        bench.request(Chat.request(), fields)
        return bench
    }

    private func refusal(_ token: String, on snapshot: Snapshot? = nil) throws -> String {
        let bench = try self.ask(token, on: snapshot)
        #expect(bench.head?.status == 401 && bench.denied.isEmpty && bench.connects.isEmpty)
        #expect(bench.head?.fields["martlet-error"] == "invalid_api_key")
        return bench.body
    }

    @Test(arguments: TokenAlgorithm.allCases)
    func `each algorithm is known by its key`(algorithm: TokenAlgorithm) throws {
        let bench = try self.ask(try self.issuer.token(algorithm))
        bench.opened()
        #expect(bench.begun.map(\.caller.application.text) == ["corp:runner"])
        #expect(bench.begun.map(\.caller.team.text) == ["demo"])
        #expect(bench.occupied?.text == "corp:runner")
    }

    @Test func `its subject is the user of what names none`() throws {
        let bench = try self.ask(try self.issuer.token())
        bench.opened()
        #expect(bench.begun.map(\.caller.user) == ["runner"])
        let named = try self.ask(try self.issuer.token(), ["martlet-metadata": "user=ann"])
        named.opened()
        #expect(named.begun.map(\.caller.user) == ["ann"])
    }

    @Test(arguments: ["x-api-key", "api-key", "x-goog-api-key"])
    func `every vendor's header carries it`(header: String) throws {
        let bench = try ExchangeBench(self.snapshot)
        var fields: Fields = [:]
        fields.add(header, try self.issuer.token())
        bench.arrive("GET", "/v1/models", fields)
        bench.end()
        #expect(bench.head?.status == 200)
    }

    @Test(arguments: [
        (["exp": "1799999000"], "expired"), (["exp": "null"], "no end"), (["nbf": "1800000100"], "not good yet"),
        (["aud": #""other""#], "somebody else"), (["iss": #""https://evil.example.com""#], "none that is trusted"),
        (["groups": #""cI""#], "fit no rule"), (["groups": "null"], "fit no rule"), (["sub": #""""#], "names nobody"),
        (["sub": "7"], "names nobody"),
    ])
    func `what is not good now, or not for us, is told why`(other: [String: String], reason: String) throws {
        let body = try self.refusal(try self.issuer.token(.es256, TokenIssuer.claims(other)))
        #expect(body.contains(reason), "\(body)")
    }

    @Test(arguments: [
        (#"{"alg":"none"}"#, "algorithm"), (#"{"alg":"HS256","kid":"p256"}"#, "algorithm"),
        (#"{"alg":"ES384","kid":"p256"}"#, "no such key"), (#"{"alg":"RS256","kid":"p256"}"#, "no such key"),
        (#"{"alg":"ES256","kid":"other"}"#, "no such key"), (#"{"alg":"PS256","kid":"r"}"#, "signature"),
        (#"{"alg":"ES256","kid":"p256","crit":["b64"],"b64":false}"#, "extensions"),
        (#"{"alg":"EdDSA"}"#, "signature"), (#"[]"#, "three parts"), (#"{"alg":"ES256","alg":"none"}"#, "three parts"),
    ])
    func `a header chooses nothing`(header: String, reason: String) throws {
        let body = try self.refusal(try self.issuer.token(.es256, header: header))
        #expect(body.contains(reason), "\(body)")
    }

    @Test func `one changed byte anywhere opens nothing`() throws {
        let token = Array(try self.issuer.token().utf8)
        for index in token.indices where token[index] != UInt8(ascii: ".") {
            var changed = token
            changed[index] = token[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            _ = try self.refusal(String(decoding: changed, as: UTF8.self))
        }
        let text = String(decoding: token, as: UTF8.self)
        for wrong in ["\(text)=", "\(text).", ".\(text)", "\(text)A", text.replacing(".", with: ".."), "..", "a.b.c"] {
            _ = try self.refusal(wrong)
        }
    }

    @Test func `a token longer than 16 KiB is not read`() throws {
        let long = TokenIssuer.claims(["pad": "\"\(String(repeating: "x", count: 16 << 10))\""])
        #expect(try self.refusal(try self.issuer.token(.es256, long)).contains("longer"))
    }

    @Test func `without issuers a token is a wrong key, and is called so`() throws {
        #expect(try self.refusal(try self.issuer.token(), on: .fixture()).contains("API key is unknown"))
    }

    @Test func `another key of the issuer's name opens nothing`() throws {
        #expect(try self.refusal(try TokenIssuer().token()).contains("signature"))
    }

    @Test func `what was found good is good until it ends, and until the snapshot says otherwise`() throws {
        let (lookup, token) = (ApplicationLookup(KnownTokens(JSONReader())), try self.issuer.token())
        let elsewhere = try Snapshot.fixture(issuers: [self.issuer.issuer(keys: [])])
        for (snapshot, isGood) in [
            (self.snapshot, true), (self.snapshot, true), (elsewhere, false), (self.snapshot, true),
        ] {
            let bench = try self.ask(token, on: snapshot, lookup: lookup)
            #expect((bench.head?.status == 401) != isGood)
        }
        let fields: Fields = ["authorization": "Bearer \(token)"]
        let end = Timestamp(unixMilliseconds: (TokenIssuer.now + 300 + Claims.leewaySeconds) * 1_000)
        #expect(throws: Fault.self) { try lookup.application(of: fields, on: self.snapshot, at: end) }
        let before = end.advanced(byMilliseconds: -1_000)
        #expect(try lookup.application(of: fields, on: self.snapshot, at: before).id.text == "corp:runner")
    }
}
