import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

/// A secret's value goes to the hosts that were named when it was set, and to no others.
@Suite struct SecretAPITests {
    private static let path = "/v1/secrets/openai-key"
    private static let value = #"{"value": "sk-very-secret"}"#

    private func harness() async throws -> APIHarness {
        let harness = try await APIHarness()
        try await harness.fill()
        #expect(try await harness.call(.put, "\(Self.path)/value", Self.value, as: "operator").body["version"] == 1)
        return harness
    }

    private func held(_ harness: APIHarness) async throws -> [UInt8]? {
        let name = try #require(Name<Secret>("openai-key"))
        return try await harness.api.database.read { try $0.secretValue(name)?.sealed }
    }

    @Test func `a host more drops the value, by PUT and by bundle; fewer keep it`() async throws {
        let more = #"{"name": "openai-key", "hosts": ["api.openai.com", "evil.example"]}"#
        let fewer = #"{"name": "openai-key", "hosts": ["api.openai.com"]}"#
        for isBundle in [false, true] {
            let harness = try await self.harness()
            func write(_ body: String) async throws -> Int {
                isBundle
                    ? try await harness.call(.post, "/v1/apply", "{\"secrets\": [\(body)]}", as: "author").status
                    : try await harness.call(.put, Self.path, body, as: "author", headers: ["If-Match": "*"]).status
            }
            #expect(try await write(more) == 200)
            #expect(try await self.held(harness) == nil)
            #expect(try await harness.get(Self.path).body["version"] == .null)
            let again = try await harness.call(.put, "\(Self.path)/value", Self.value, as: "operator")
            #expect(again.body["version"] == 3)
            #expect(try await write(fewer) == 200)
            #expect(try await harness.get(Self.path).body["version"] == 3)
            let audit = try await harness.get("/v1/audit?limit=200")
            #expect(audit.body.canonical.contains("secret.value-dropped"))
        }
    }

    @Test func `an archived secret leaves no value to the next one of its name`() async throws {
        let harness = try await self.harness()
        #expect(try await harness.call(.delete, "/v1/providers/openai").status == 200)
        #expect(try await harness.call(.delete, Self.path, as: "author").status == 200)
        #expect(try await self.held(harness) == nil)
        let body = #"{"name": "openai-key", "hosts": ["evil.example"]}"#
        let anew = try await harness.call(.post, "/v1/secrets", body, as: "author")
        #expect(anew.status == 201)
        #expect(anew.body["version"] == .null)
        #expect(try await self.held(harness) == nil)
    }
}
