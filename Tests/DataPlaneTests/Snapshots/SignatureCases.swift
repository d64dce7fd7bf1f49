import Crypto
import DataPlane
import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// D01 to D16: signatures that are missing, broken, doubled, or made for another purpose.
let signatureCases: [AttackCase] = [
    AttackCase(
        "D01",
        argued: "protobuf does not tell an absent list from an empty one: it is D02, and labelled as that is"
    ) {
        try await SnapshotBench.onBothLayers(.thresholdNotMet) { recipe, layer, _ in
            recipe.bytes[layer] = { Raw.replacing(3, in: $0, with: []) }
        }
    },
    AttackCase("D02") {
        try await SnapshotBench.onBothLayers(.thresholdNotMet) { recipe, layer, _ in
            recipe.envelope[layer] = { $0.with(signatures: []) }
        }
    },
    AttackCase("D03") {
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, _ in
            recipe.envelope[layer] = { envelope in
                var payload = envelope.payload
                payload[payload.count / 2] ^= 1
                return Envelope(statedType: envelope.statedType, payload: payload, signatures: envelope.signatures)
            }
        }
    },
    AttackCase("D04") {
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, _ in
            recipe.envelope[layer] = { $0.withSignature { $0.dropLast() + [$0[63] ^ 1] } }
        }
    },
    AttackCase("D05") {
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, _ in
            let other = layer == .head ? PayloadType.manifest : .head
            recipe.envelope[layer] = {
                Envelope(statedType: other.rawValue, payload: $0.payload, signatures: $0.signatures)
            }
        }
    },
    AttackCase("D06") {
        try await SnapshotBench.onBothLayers(.unsupportedPayloadType) { recipe, layer, house in
            let key = layer == .head ? house.freshnessKey : house.releaseKeys[0]
            recipe.envelope[layer] = { Envelope.signed($0.payload, type: .call, by: [key]) }
        }
    },
    AttackCase("D07") {
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, house in
            let key = layer == .head ? house.freshnessKey : house.releaseKeys[0]
            recipe.envelope[layer] = { envelope in
                envelope.withSignature { _ in key.signature(over: envelope.payload) }
            }
        }
    },
    AttackCase("D08") {
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, _ in
            // One byte moves over: type and payload put together are the same bytes as before.
            recipe.envelope[layer] = { envelope in
                Envelope(
                    statedType: String(envelope.statedType.dropLast()),
                    payload: Array(envelope.statedType.utf8.suffix(1)) + envelope.payload,
                    signatures: envelope.signatures
                )
            }
        }
    },
    AttackCase("D09") {
        try await SnapshotBench.onBothLayers(.unknownKey) { recipe, layer, house in
            recipe.signers[layer] = [house.stranger]
        }
    },
    AttackCase("D10") {
        try await SnapshotBench.onBothLayers(.badSignature) { recipe, layer, house in
            let key = layer == .head ? house.freshnessKey : house.releaseKeys[0]
            recipe.signers[layer] = [house.stranger]
            recipe.envelope[layer] = { $0.withKeyID(key.keyID.hex) }
        }
    },
    AttackCase("D11") {
        // Our choice, on every path: the id is a hint, all keys of the role are tried.
        for id in ["", "zzz"] {
            try await SnapshotBench().accepts(
                Recipe(42) {
                    $0.envelope[.head] = { $0.withKeyID(id) }
                    $0.envelope[.manifest] = { $0.withKeyID(id) }
                }
            )
        }
    },
    AttackCase("D12") {
        try await twoOfThree { recipe, house in
            recipe.signers[.manifest] = [house.releaseKeys[0], house.releaseKeys[0]]
        }
    },
    AttackCase(
        "D13",
        argued: "a key's id is the digest of its bytes, so a root with one key under two ids is refused whole (H11)"
    ) {
        try await twoOfThree { recipe, house in
            recipe.signers[.manifest] = [house.releaseKeys[0]]
            recipe.envelope[.manifest] = { envelope in
                let second = envelope.withKeyID(house.releaseKeys[1].keyID.hex)
                return envelope.with(signatures: envelope.signatures + second.signatures)
            }
        }
        try await h11()
    },
    AttackCase("D14") {
        try await twoOfThree { recipe, house in
            recipe.signers[.manifest] = [house.releaseKeys[0]]
            recipe.envelope[.manifest] = { envelope in
                envelope.with(signatures: envelope.signatures + envelope.withSignature(addingOrder).signatures)
            }
        }
    },
    AttackCase("D15") {
        try await twoOfThree { recipe, house in
            recipe.signers[.manifest] = [house.releaseKeys[0], house.stranger]
        }
    },
    AttackCase("D16") {
        try await SnapshotBench.onBothLayers(.wrongKeyUsage) { recipe, layer, house in
            recipe.signers[layer] = [layer == .head ? house.releaseKeys[0] : house.freshnessKey]
        }
        try await SnapshotBench.onBothLayers(.wrongKeyUsage) { recipe, layer, house in
            recipe.signers[layer] = [house.rootKeys[0]]
        }
    },
]

/// A node under K1, K2, K3 with threshold 2 refuses this, because only one of them has signed.
private func twoOfThree(_ spoil: (inout Recipe, House) -> Void) async throws {
    let house = House()
    let bench = try await SnapshotBench(
        house: house,
        root: { $0.root(release: $0.releaseKeys, releaseThreshold: 2) },
        recipe: { $0.signers[.manifest] = [house.releaseKeys[0], house.releaseKeys[1]] }
    )
    var recipe = Recipe(42)
    spoil(&recipe, house)
    try await bench.refuses(recipe, .thresholdNotMet)
}

/// S + L: the same signature to a verifier that does not check the range of S.
private func addingOrder(_ signature: [UInt8]) -> [UInt8] {
    let order = must(Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
    var carry = 0
    var scalar: [UInt8] = []
    for index in 0..<32 {
        let sum = Int(signature[32 + index]) + Int(order[index]) + carry
        scalar.append(UInt8(sum & 0xFF))
        carry = sum >> 8
    }
    return signature.prefix(32) + scalar
}
