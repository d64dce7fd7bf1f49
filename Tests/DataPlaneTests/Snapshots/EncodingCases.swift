import DataPlane
import Domain
import Foundation
import Platform
import Testing
import Wire

/// E01 to E12: bytes that are cut, doubled, too many, or not the format at all.
let encodingCases: [AttackCase] = [
    AttackCase("E01") {
        try await SnapshotBench.onBothLayers(.truncated) { recipe, layer, _ in
            // Both are pinned by digest above, so what is cut is what was meant to be sent.
            recipe.bytes[layer] = { Array($0.prefix($0.count / 2)) }
        }
        try await refusesEveryHeadAndBlob(.failure(OutgoingFault(.truncated, "closed")), .truncated)
    },
    AttackCase("E02") { try await refusesEveryHeadAndBlob(.failure(OutgoingFault(.truncated, "closed")), .truncated) },
    AttackCase("E03") {
        let tails: [[UInt8]] = [
            Array("{\"more\":1}".utf8), Array("   x".utf8), Array("  ".utf8), [0], Raw.field(9, 1),
        ]
        for tail in tails {
            let codes: Set = ["malformed_envelope", "truncated"]
            let bench = try await SnapshotBench()
            let before = try bench.disk()
            try bench.offer(Recipe(42) { $0.bytes[.head] = { (bytes: [UInt8]) in bytes + tail } })
            await bench.deliver()
            #expect(!bench.codes.isEmpty && bench.codes.isSubset(of: codes), "\(tail): \(bench.codes)")
            #expect(try bench.disk() == before)
            #expect(bench.served?.version.sequence == 41)
        }
    },
    AttackCase("E04") {
        try await SnapshotBench.onBothLayers(.malformedEnvelope) { recipe, layer, _ in
            recipe.bytes[layer] = { $0 + Raw.field(2, "hostile") }
        }
        try await SnapshotBench.onBothLayers(.malformedEnvelope) { recipe, layer, _ in
            recipe.bytes[layer] = { (bytes: [UInt8]) in Raw.field(2, "hostile") + bytes }
        }
    },
    AttackCase("E05") {
        try await SnapshotBench.onBothLayers(.payloadInvalid) { recipe, layer, _ in
            recipe.payload[layer] = { $0 + Raw.fields(of: $0)[1].bytes }
        }
        // Also inside a section, and in a message inside a message.
        try await refusesCatalog { $0 + Raw.field(15, 1) }
        try await refusesCatalog { catalog in
            let model = must(Raw.fields(of: catalog).first { $0.number == 2 }).bytes
            let inner = Array(model.dropFirst(model.count < 130 ? 2 : 3)) + Raw.field(6, 9_999)
            return Raw.replacing(2, in: catalog, with: Raw.field(2, inner))
        }
    },
    AttackCase("E06") {
        try await SnapshotBench.onBothLayers(.payloadInvalid) { recipe, layer, _ in
            recipe.payload[layer] = { Raw.replacing(2, in: $0, with: Raw.field(2, [0x70, 0xFF, 0xFE])) }
        }
    },
    AttackCase("E07") {
        try await SnapshotBench.onBothLayers(.oversized) { recipe, layer, _ in
            let limit = (layer == .head ? PayloadType.head : .manifest).envelopeSizeMax
            recipe.bytes[layer] = { $0 + [UInt8](repeating: 0, count: limit + 1 - $0.count) }
            // A head may not even name a manifest of that size: nothing of it is fetched.
        }
        try await refusesEveryHeadAndBlob(.failure(OutgoingFault(.tooLarge, "over the bound")), .oversized)
        let big = OutgoingResponse(status: 200, body: [UInt8](repeating: 1, count: 300_000))
        try await refusesEveryHeadAndBlob(.success(big), .oversized)
    },
    AttackCase(
        "E08",
        argued: "replies are never inflated: compressed bytes are judged as they are, so there is nothing to blow up"
    ) {
        let squeezed = OutgoingResponse(
            status: 200,
            headers: [OutgoingHeader("content-encoding", "gzip")],
            body: [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 0x55, count: 4_000)
        )
        let bench = try await SnapshotBench()
        bench.origin.answer { $0 == "/node/v1/head" ? .success(squeezed) : nil }
        try await bench.refusesWhatIsOffered([.malformedEnvelope])
    },
    AttackCase("E09") {
        // The bench's origin checks that every call has an overall deadline; this is what becomes of it.
        try await refusesEveryHeadAndBlob(.failure(OutgoingFault(.timeout, "no whole reply in time")), .timeout)
    },
    AttackCase("E10") {
        let deep = [UInt8](repeating: 0x0B, count: 100_000)
        let bench = try await SnapshotBench()
        try await bench.refuses(Recipe(42) { recipe in recipe.payload[.manifest] = { _ in deep } }, .payloadInvalid)
        try await bench.refuses(
            Recipe(43) { recipe in recipe.payload[.head] = { _ in Array(deep.prefix(1_000)) } },
            .payloadInvalid
        )
        try await bench.refuses(Recipe(44) { recipe in recipe.bytes[.manifest] = { _ in deep } }, .malformedEnvelope)
        try await bench.refuses(Recipe(45) { recipe in recipe.bytes[.head] = { _ in deep } }, .oversized)
    },
    AttackCase("E11") {
        try await SnapshotBench.onBothLayers(.malformedEnvelope) { recipe, layer, _ in
            recipe.envelope[layer] = { envelope in
                envelope.with(signatures: (0..<17).map { _ in envelope.signatures[0] })
            }
        }
        let bench = try await SnapshotBench()
        let empty = (0..<100_000).map { _ in Envelope.Signature(keyID: "", bytes: []) }
        try await bench.refuses(Recipe(42) { $0.envelope[.head] = { $0.with(signatures: empty) } }, .oversized)
        try await bench.refuses(
            Recipe(43) { $0.envelope[.manifest] = { $0.with(signatures: empty) } },
            .malformedEnvelope
        )
    },
    AttackCase(
        "E12",
        argued:
            "the envelope is protobuf: raw bytes, no base64 that could be loose. A blob's identity is the digest of its bytes"
    ) {
        let bench = try await SnapshotBench()
        try await bench.refuses(
            Recipe(42) { $0.bytes[.head] = { Array(Base64.encode($0).utf8) + Array("\n ".utf8) } },
            .malformedEnvelope
        )
    },
]

/// The reply in place of every head and in place of every blob; nothing changes but what is reported.
func refusesEveryHeadAndBlob(
    _ reply: Result<OutgoingResponse, OutgoingFault>,
    _ code: SnapshotRefusal.Code,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    for prefix in ["/node/v1/head", "/node/v1/blobs/"] {
        let bench = try await SnapshotBench()
        try bench.offer(Recipe(42))
        bench.origin.answer { $0.hasPrefix(prefix) ? reply : nil }
        try await bench.refusesWhatIsOffered([code], sourceLocation: sourceLocation)
        bench.origin.answerHonestly()
        await bench.deliver()
        #expect(
            bench.served?.version.sequence == 42,
            "and all is well once the truth is told",
            sourceLocation: sourceLocation
        )
    }
}

/// A genuine publication whose catalog was written by somebody who makes mistakes.
func refusesCatalog(
    _ code: SnapshotRefusal.Code = .payloadInvalid,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ spoil: @escaping ([UInt8]) -> [UInt8]
) async throws {
    let bench = try await SnapshotBench()
    var recipe = Recipe(42)
    recipe.editParts = { parts in
        parts.map { part in
            part.kind == "catalog" ? part.with(bytes: spoil(part.bytes)) : part
        }
    }
    try await bench.refuses(recipe, code, sourceLocation: sourceLocation)
}

extension SnapshotSection {
    func with(bytes: [UInt8]) -> SnapshotSection {
        SnapshotSection(kind: self.kind, shard: self.shard, isCritical: self.isCritical, bytes: bytes)
    }
}
