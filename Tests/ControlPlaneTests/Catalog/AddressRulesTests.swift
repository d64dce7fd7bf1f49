import Domain
import HTTPTypes
import Testing

@testable import ControlPlane

@Suite struct AddressRulesTests {
    static let refused = [
        "http://169.254.169.254/latest", "http://169.254.0.1", "http://[fe80::1]", "http://[febf::1]",
        "http://[::ffff:169.254.169.254]", "http://[64:ff9b::169.254.169.254]", "http://[::169.254.169.254]",
        "http://2852039166", "http://0xa9fea9fe", "http://169.254.43518", "http://0251.0376.0251.0376",
        "http://169.254.169.254.", "http://[fe80::1%25eth0]", "http://127.0.0.1:8400", "http://localhost:8401",
        "http://LOCALHOST:8400", "http://localhost.:8400", "http://a.localhost:8400", "http://127.9.9.9:8400",
        "http://0.0.0.0:8400", "http://[::1]:8400", "http://[::]:8401", "http://[::ffff:127.0.0.1]:8400",
        "http://127.1:8400", "http://0x7f.1:8400",
    ]

    static let allowed = [
        "http://127.0.0.1:8490/v1", "http://localhost:8490", "http://[::1]:8490", "https://api.openai.com/v1",
        "http://10.0.0.1:8400", "https://example.com:8400", "http://[2001:db8::1]", "http://192.168.1.1",
    ]

    private func add(_ url: String, to harness: APIHarness) async throws -> APIHarness.Answer {
        let body: JSON = ["name": "p", "dialect": "openai-compatible", "baseUrl": .string(url)]
        return try await harness.call(.post, "/v1/providers", body.canonical)
    }

    @Test func `link-local addresses and the control plane's own ports are refused, however they are spelt`()
        async throws
    {
        let harness = try await APIHarness()
        for url in Self.refused {
            let answer = try await self.add(url, to: harness)
            #expect(answer.status == 422, "\(url)")
            #expect(answer.pointers == ["/baseUrl"], "\(url)")
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1", true), ("http://127.9.9.9", true), ("http://localhost", true), ("http://[::1]", true),
        ("http://[::]", true), ("http://0.0.0.0", true), ("http://a.localhost", true),
        ("http://[::ffff:127.0.0.1]", true), ("http://[::ffff:10.0.0.1]", false), ("http://10.0.0.1", false),
        ("http://localhost.example.com", false), ("http://[2001:db8::1]", false),
    ])
    func `this machine is known however it is spelt`(url: String, isHere: Bool) throws {
        #expect(AddressRules.leadsHere(try #require(BaseURL(url))) == isHere)
    }

    @Test func `local models and everything else are allowed`() async throws {
        for url in Self.allowed {
            let harness = try await APIHarness()
            #expect(try await self.add(url, to: harness).status == 201, "\(url)")
        }
    }
}
