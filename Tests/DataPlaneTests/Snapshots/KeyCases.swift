import Crypto
import DataPlane
import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// D17 to D25: keys that are foreign, revoked or weak, and signatures that are none.
let keyCases: [AttackCase] = [
    AttackCase(
        "D17",
        argued:
            "a root lists the keys of one environment only: another's key is an unknown key, its payload another audience"
    ) {
        let staging = House()
        try await SnapshotBench.onBothLayers(.unknownKey) { recipe, layer, _ in
            recipe.signers[layer] = [layer == .head ? staging.freshnessKey : staging.releaseKeys[0]]
        }
    },
    AttackCase("D18") { try await revoked() },
    AttackCase(
        "D19",
        argued: "keys have no windows of validity: a key ends when a root without it comes, and with its root's expiry"
    ) {
        try await revoked()
    },
    AttackCase(
        "D20",
        argued: "keys have no windows of validity; what a removed key signed earlier is refused, the safe choice"
    ) {
        try await revoked()
    },
    AttackCase("D21") {
        let weak: [[UInt8]] = [
            [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31),
            [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
            must(Hex.decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
            must(Hex.decode("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
            // Not canonical: p, p + 1, 2^255 - 1; then the sign bit on a weak one; then the lengths.
            [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
            [0xEE] + [UInt8](repeating: 0xFF, count: 30) + [0x7F], [UInt8](repeating: 0xFF, count: 32),
            [1] + [UInt8](repeating: 0, count: 30) + [0x80], [UInt8](repeating: 9, count: 31),
            [UInt8](repeating: 9, count: 33),
        ]
        for bytes in weak {
            #expect(VerifyingKey(bytes) == nil)
            let house = House()
            let entry = Raw.field(1, Digest.sha256(of: bytes).hex) + Raw.field(2, bytes)
            try await refusesRoot(house, .keySetInvalid) { $0 + Raw.field(5, entry) }
        }
    },
    AttackCase("D22") {
        for count in [0, 63, 65, 128] {
            try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, _ in
                recipe.envelope[layer] = { $0.withSignature { Array(($0 + $0).prefix(count)) } }
            }
        }
    },
    AttackCase(
        "D23",
        argued:
            "an envelope has no field for an algorithm: the key decides. One added is refused, and so is any other algorithm's output"
    ) {
        try await SnapshotBench.onBothLayers(.malformedEnvelope) { recipe, layer, _ in
            recipe.bytes[layer] = { $0 + Raw.field(4, "HS256") }
        }
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, house in
            let key = layer == .head ? house.freshnessKey : house.releaseKeys[0]
            recipe.envelope[layer] = { envelope in
                let message = PAE.encode(type: envelope.statedType, payload: envelope.payload)
                let secret = SymmetricKey(data: key.verifyingKey.bytes)
                let code = Array(HMAC<SHA256>.authenticationCode(for: message, using: secret))
                return envelope.withSignature { _ in code + code }
            }
        }
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, house in
            // Ed25519ph's input: the digest in place of the message.
            let key = layer == .head ? house.freshnessKey : house.releaseKeys[0]
            recipe.envelope[layer] = { envelope in
                let message = PAE.encode(type: envelope.statedType, payload: envelope.payload)
                return envelope.withSignature { _ in key.signature(over: Array(SHA512.hash(data: message))) }
            }
        }
    },
    AttackCase("D24") {
        guard Fixtures.arePresent else { return }
        let vectors = try Fixtures.json(Ed25519Vectors.self, "signatures/ed25519.json")
        var agreed = 0
        for group in vectors.groups {
            let key = must(Hex.decode(group.pk))
            for vector in group.tests {
                let isValid = VerifyingKey.verifies(
                    must(Hex.decode(vector.sig)),
                    over: must(Hex.decode(vector.msg)),
                    publicKey: key
                )
                #expect(isValid == (vector.result == "valid"), "vector \(vector.tcId)")
                agreed += isValid == (vector.result == "valid") ? 1 : 0
            }
        }
        #expect(agreed == 151)
    },
    AttackCase("D25") {
        try await SnapshotBench.onBothLayers(.thresholdNotMet) { recipe, layer, _ in
            recipe.envelope[layer] = { $0.with(signatures: []) }
        }
        let bench = try await SnapshotBench()
        let publication = try bench.offer(Recipe(42) { $0.envelope[.head] = { $0.with(signatures: []) } })
        bench.origin.set { $0.etag = "\"\(Digest.sha256(of: publication.head).hex)\"" }
        try await bench.refusesWhatIsOffered([.thresholdNotMet])
    },
]

private struct Ed25519Vectors: Decodable {
    struct Group: Decodable {
        let pk: String
        let tests: [Vector]
    }

    struct Vector: Decodable {
        let tcId: Int
        let msg: String
        let sig: String
        let result: String
    }

    let groups: [Group]
}

/// K1 is taken away by root 2; what it signs is refused by name.
func revoked() async throws {
    let house = House()
    let bench = try await SnapshotBench(house: house)
    bench.origin.set { $0.roots[2] = house.signed(house.root(version: 2, release: [house.releaseKeys[1]])) }
    try await bench.accepts(
        Recipe(42) {
            $0.rootVersion = 2
            $0.signers[.manifest] = [house.releaseKeys[1]]
        }
    )
    try await bench.refuses(Recipe(43) { $0.rootVersion = 2 }, .revokedKey)
}

/// Root 2 with a spoilt payload, signed as it should be, stays out; so does the head that names it.
func refusesRoot(
    _ house: House,
    _ code: SnapshotRefusal.Code,
    signedBy keys: [SigningKey]? = nil,
    root: Root? = nil,
    first: Root? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ spoil: ([UInt8]) -> [UInt8] = { $0 }
) async throws {
    let bench = try await SnapshotBench(house: house, root: first.map { first in { _ in first } })
    let payload = spoil((root ?? house.root(version: 2)).encoded())
    let bytes = Envelope.signed(payload, type: .root, by: keys ?? [house.rootKeys[0]]).encoded()
    bench.origin.set { $0.roots[2] = bytes }
    try bench.offer(Recipe(42) { $0.rootVersion = 2 })
    try await bench.refusesWhatIsOffered(
        code == .keySetInvalid ? [code] : [code, .keySetInvalid],
        sourceLocation: sourceLocation
    )
    #expect(bench.client?.status.rootVersion == 1, sourceLocation: sourceLocation)
    #expect(
        bench.refused.contains { $0.code == code.rawValue && $0.digest == Digest.sha256(of: bytes) },
        sourceLocation: sourceLocation
    )
}
