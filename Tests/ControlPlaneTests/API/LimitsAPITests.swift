import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing
import Wire

/// What the API takes, a snapshot holds: one body too many for it would stop all publishing.
@Suite struct LimitsAPITests {
    private static func names(_ count: Int) -> [JSON] { (1...count).map { .string("n\($0)") } }

    private static func text(_ count: Int) -> String { String(repeating: "é", count: count / 2) }

    /// Things that are as large as the API takes them, and one that is larger, field by field.
    private static let largest: [(path: String, body: JSON)] = [
        (
            "teams",
            [
                "name": "large",
                "metadata": .object(
                    Dictionary(uniqueKeysWithValues: (10..<26).map { ("k\($0)", .string(Self.text(60))) })
                ),
            ]
        ), ("teams", ["name": "long", "metadata": ["a": .string("b" + Self.text(1_022))]]),
        ("roles", ["name": "large", "routes": .array(Self.names(300)), "models": .array(Self.names(300))]),
        (
            "providers",
            [
                "name": "large", "dialect": "openai", "region": .string(Self.text(64)),
                "baseUrl": .string("https://a/" + String(repeating: "b", count: 2_000)),
                "jurisdictions": .array(Self.names(64)),
                "credential": ["file": .string("/" + String(repeating: "f", count: 1_023))],
            ]
        ),
        (
            "providers",
            [
                "name": "variable", "dialect": "openai", "baseUrl": "https://a",
                "credential": ["env": .string(String(repeating: "V", count: 128))],
            ]
        ),
        (
            "models",
            [
                "name": "large/m", "upstream": .string(Self.text(256)), "context": 100_000_000,
                "maxOutput": 100_000_000,
                "capabilities": .array(Model.Capability.allCases.map { .string($0.rawValue) }),
                "price": [
                    "input": "1000000", "cachedInput": "1000000.000000000", "output": "1000000",
                    "from": "1970-01-01T00:00:00Z",
                ],
            ]
        ),
        (
            "routes",
            [
                "name": "large", "maxOutput": 100_000_000,
                "rules": .array(Array(repeating: ["use": ["large/m"], "fallback": ["local/m"]], count: 256)),
            ]
        ),
    ]

    @Test func `contents at the limits of the API pass a snapshot's codec and its checks`() async throws {
        let harness = try await APIHarness(approvalsRequired: 0)
        try await harness.fill()
        for (path, body) in Self.largest {
            let answer = try await harness.call(.post, "/v1/\(path)", body.canonical)
            #expect(answer.status == 201, "\(path): \(answer.body.canonical)")
        }
        _ = try await harness.call(.post, "/v1/models/large%2Fm/propose")
        for name in Self.names(64) {
            _ = try await harness.call(.post, "/v1/roles", JSON.object(["name": name]).canonical)
        }
        let key: JSON = ["team": "large", "roles": .array(Self.names(64)), "expires": "9999-12-31T23:59:59.999Z"]
        #expect(try await harness.call(.post, "/v1/keys", key.canonical).status == 201)
        let now = harness.clock.now
        let compiled = try await harness.api.database.read { reading in
            try SnapshotCompiler.compile(reading, at: now, published: [])
        }
        #expect(compiled.problems.isEmpty, "\(compiled.problems)")
        #expect(compiled.sections.models.count == 2)
        let decoded = try SectionCodec.decode(try SectionCodec.encode(compiled.sections))
        #expect(decoded.keys.map(\.roles.count) == [64])
        _ = try SnapshotContent(decoded)
    }
}
