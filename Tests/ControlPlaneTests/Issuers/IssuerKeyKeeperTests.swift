import Crypto
import Domain
import Logging
import Storage
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct `What nodes are told of issuers` {
    private let issuer = ScriptedIssuer()
    private let clock = ManualTiming()

    private static func corp(_ applications: String) -> String {
        #"{"name":"corp","issuer":"\#(ScriptedIssuer.identifier)","audiences":["martlet"],"rules":[],"applications":[\#(applications)]}"#
    }

    private static let runner = #"{"claim":"azp","value":"ci","team":"demo","roles":["everyone"]}"#

    private func control(_ applications: String = Self.runner) async throws -> ControlPlaneUnderTest {
        self.issuer.publish([ScriptedIssuer.jwk(self.issuer.elliptic, "k1")])
        let control = try await ControlPlaneUnderTest(timing: self.clock.timing, issuers: self.issuer)
        try await control.writeFirstCatalog()
        try await control.write(.issuers, "corp", Self.corp(applications))
        try await control.services.publisher.begin()
        return control
    }

    private func published(_ control: ControlPlaneUnderTest) async throws -> [Issuer] {
        _ = try await control.services.publisher.publishAnyway(by: control.deed)
        return try await control.asNodeSees().content.issuers
    }

    @Test func `its keys are fetched, kept, written down in the audit, and published with its rules`() async throws {
        let control = try await self.control()
        #expect(try await control.asNodeSees().content.issuers.isEmpty)
        #expect(control.services.publisher.report().problems.map(\.subject) == ["issuer/corp"])
        await control.services.issuerKeys.refreshDue()
        let corp = try #require(try await self.published(control).first)
        #expect(corp.keys.map(\.id) == ["k1"] && corp.rules.map(\.team.text) == ["demo"] && corp.subjectClaim == "sub")
        let entries = try await control.database.read { try $0.auditEntries(limit: 100) }
        #expect(entries.filter { $0.action == "issuer.keys-fetched" }.map(\.detail) == [#"{"keys":["k1"]}"#])
    }

    @Test func `they are asked for again after five minutes, and written down only if they are others`() async throws {
        let control = try await self.control()
        await control.services.issuerKeys.refreshDue()
        let asked = self.issuer.asked.count
        await control.services.issuerKeys.refreshDue()
        #expect(self.issuer.asked.count == asked)
        self.clock.advance(by: .seconds(300))
        await control.services.issuerKeys.refreshDue()
        #expect(self.issuer.asked.count > asked)
        let before = try await self.published(control)
        self.issuer.publish([
            ScriptedIssuer.jwk(P256.Signing.PrivateKey(), "k2"),
            ScriptedIssuer.jwk(self.issuer.elliptic, "k1", more: #","x5t":"changed every day""#),
        ])
        self.clock.advance(by: .seconds(300))
        await control.services.issuerKeys.refreshDue()
        let after = try await self.published(control)
        #expect(before.first?.keys.map(\.id) == ["k1"] && after.first?.keys.map(\.id) == ["k1", "k2"])
        let entries = try await control.database.read { try $0.auditEntries(limit: 100) }
        #expect(entries.count { $0.action == "issuer.keys-fetched" } == 2)
    }

    @Test func `a publication is asked for only where keys are others, or the first`() async throws {
        let control = try await self.control()
        let (changes, logger) = (RecordingListener(), Logger(label: "test"))
        let keeper = IssuerKeyKeeper(
            database: control.database,
            keys: IssuerKeys(self.issuer, ownPorts: [], logger: logger),
            changes: changes,
            timing: self.clock.timing,
            logger: logger
        )
        let (first, second) = (ScriptedIssuer.jwk(self.issuer.elliptic, "k1"), ScriptedIssuer.jwk(.init(), "k2"))
        for (published, count) in [([first], 1), ([first], 1), ([first, second], 2), ([first, second], 2)] {
            self.issuer.publish(published)
            await keeper.refreshDue()
            #expect(changes.counts == [count, 0])
            self.clock.advance(by: .seconds(300))
        }
    }

    @Test func `a silent issuer takes nobody's access away, and one that is archived does`() async throws {
        let control = try await self.control()
        await control.services.issuerKeys.refreshDue()
        self.issuer.answer("\(ScriptedIssuer.identifier)/.well-known/openid-configuration", nil)
        self.clock.advance(by: .seconds(86_400 * 3))
        await control.services.issuerKeys.refreshDue()
        #expect(try await self.published(control).count == 1)
        try await control.write(.issuers, "corp", Self.corp(Self.runner), state: .archived)
        #expect(try await self.published(control).isEmpty)
        await control.services.issuerKeys.refreshDue()
        #expect(try await control.database.read { try $0.issuerKeys(from: ScriptedIssuer.identifier) } == nil)
    }

    @Test func `a rule whose team is not in force is left out and reported, and the others go on`() async throws {
        let other = #"{"claim":"azp","value":"x","team":"gone","roles":["everyone"]}"#
        let control = try await self.control("\(Self.runner),\(other)")
        await control.services.issuerKeys.refreshDue()
        try await control.services.publisher.begin()
        let corp = try #require(try await control.asNodeSees().content.issuers.first)
        #expect(corp.rules.map(\.team.text) == ["demo"])
        #expect(control.services.publisher.report().problems.map(\.subject) == ["issuer/corp"])
    }

    @Test func `who signs people in only is not told to nodes`() async throws {
        let control = try await self.control("")
        await control.services.issuerKeys.refreshDue()
        #expect(self.issuer.asked.isEmpty)
        #expect(try await self.published(control).isEmpty)
    }

    @Test func `where publishing is left to people, keys that were turned over go out all the same, and nothing else`()
        async throws
    {
        let control = try await self.control()
        await control.services.issuerKeys.refreshDue()
        _ = try await self.published(control)
        let deed = control.deed
        try await control.database.write { try $0.setPublishing(.manual, by: deed) }
        try await control.write(.teams, "other", #"{"name":"other"}"#)
        self.issuer.publish([ScriptedIssuer.jwk(P256.Signing.PrivateKey(), "k2")])
        self.clock.advance(by: .seconds(300))
        await control.services.issuerKeys.refreshDue()
        try await control.services.publisher.begin()
        let content = try await control.asNodeSees().content
        #expect(content.issuers.first?.keys.map(\.id) == ["k2"] && content.teams.count == 1)
        try await control.write(.issuers, "corp", Self.corp(Self.runner), state: .archived)
        try await control.services.publisher.begin()
        let after = try await control.asNodeSees().content
        #expect(after.issuers.isEmpty && after.teams.count == 1, "an issuer that was removed opens nothing")
    }

    @Test func `an issuer that never gave keys holds up nobody who publishes`() async throws {
        let control = try await self.control()
        #expect(try await self.published(control).isEmpty)
    }

    @Test func `the order of an issuer's list is no news, and neither is a key that stands there twice`() throws {
        let (a, b) = (ScriptedIssuer.jwk(self.issuer.elliptic, "a"), ScriptedIssuer.jwk(self.issuer.elliptic, "b"))
        let one = PublicKeys(Array("{\"keys\":[\(a),\(b)]}".utf8))
        let other = PublicKeys(Array("{\"keys\":[\(b),\(a),\(b)]}".utf8))
        #expect(try #require(one).canonical == #require(other).canonical)
    }

    @Test func `a coordinate without its leading zeros is the same key`() throws {
        var key = P256.Signing.PrivateKey()
        while key.publicKey.rawRepresentation.first != 0 { key = P256.Signing.PrivateKey() }
        let point = key.publicKey.rawRepresentation
        let (x, y) = (point.prefix(32).dropFirst().base64URL, point.suffix(32).base64URL)
        let text = #"{"keys":[{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"}]}"#
        #expect(PublicKeys(Array(text.utf8))?.keys.count == 1)
        let long = #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA\#(x)AAAA","y":"\#(y)"}]}"#
        #expect(PublicKeys(Array(long.utf8))?.keys.isEmpty == true)
    }

    @Test func `keys that are no good for tokens are passed over`() throws {
        let good = ScriptedIssuer.jwk(self.issuer.elliptic, "good")
        let bad = [
            ScriptedIssuer.jwk(self.issuer.elliptic, "a", more: #","use":"enc""#),
            ScriptedIssuer.jwk(self.issuer.elliptic, "b", more: #","alg":"HS256""#),
            #"{"kty":"oct","kid":"c","k":"c2VjcmV0"}"#, #"{"kty":"RSA","kid":"d","n":"AQAB","e":"AQAB"}"#,
            #"{"kty":"EC","crv":"P-256","kid":"e","x":"AAAA","y":"AAAA"}"#,
            #"{"kty":"EC","crv":"secp256k1","kid":"f","x":"AAAA","y":"AAAA"}"#,
            #"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
            ScriptedIssuer.jwk(self.issuer.elliptic, #"a\nb"#),
            ScriptedIssuer.jwk(self.issuer.elliptic, String(repeating: "k", count: 257)), "7", "null",
        ]
        let text = "{\"keys\":[\((bad + [good]).joined(separator: ","))]}"
        let keys = try #require(PublicKeys(Array(text.utf8)))
        #expect(keys.keys.map(\.id) == ["good"])
        #expect(PublicKeys(Array(keys.canonical.utf8)) == keys)
    }
}
