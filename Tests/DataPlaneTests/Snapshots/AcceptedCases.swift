import DataPlane
import Domain
import Platform
import Testing
import Wire

/// A: what must be taken. A suite that refuses everything fails here.
let acceptedCases: [AttackCase] = [
    AttackCase("A01") {
        let bench = try await SnapshotBench(serving: nil)
        #expect(bench.served == nil)
        try await bench.accepts(Recipe(1))
    },
    AttackCase("A02") { try await SnapshotBench().accepts(Recipe(42)) },
    AttackCase("A03") { try await SnapshotBench().accepts(Recipe(97)) },
    AttackCase("A04") {
        let bench = try await SnapshotBench()
        let fresh = bench.client?.status.freshUntil
        bench.pass(milliseconds: 60_000)
        bench.origin.set { $0.etag = "\"another\"" }
        try await bench.refusesWhatIsOffered([])
        #expect(bench.origin.asked.last == "/node/v1/head", "nothing is fetched again")
        #expect(bench.client?.status.freshUntil == fresh, "delivering it again does not make it fresher")
    },
    AttackCase("A05") {
        let bench = try await SnapshotBench()
        let recipe = Recipe(42) { $0.payload[.manifest] = { $0 + Raw.field(900, "x_future") } }
        try await bench.accepts(recipe)
    },
    AttackCase("A06") {
        let bench = try await SnapshotBench()
        let house = bench.house
        try await bench.accepts(
            Recipe(42) {
                $0.signers[.manifest] = [house.releaseKeys[0], house.stranger]
                $0.signers[.head] = [house.freshnessKey, house.stranger]
            }
        )
    },
    AttackCase("A07") {
        let garbage = Envelope.Signature(keyID: "?", bytes: [UInt8](repeating: 7, count: 64))
        let first = { @Sendable (envelope: Envelope) in envelope.with(signatures: [garbage] + envelope.signatures) }
        let last = { @Sendable (envelope: Envelope) in envelope.with(signatures: envelope.signatures + [garbage]) }
        for change in [first, last] {
            try await SnapshotBench().accepts(
                Recipe(42) {
                    $0.envelope[.head] = change
                    $0.envelope[.manifest] = change
                }
            )
        }
    },
    AttackCase("A08") {
        let house = House()
        let bench = try await SnapshotBench(
            house: house,
            root: { $0.root(release: $0.releaseKeys, releaseThreshold: 2) },
            recipe: { $0.signers[.manifest] = [house.releaseKeys[0], house.releaseKeys[1]] }
        )
        try await bench.accepts(
            Recipe(42) { $0.signers[.manifest] = [house.releaseKeys[0], house.releaseKeys[2]] }
        )
    },
    AttackCase("A09") {
        let bench = try await SnapshotBench()
        bench.origin.answer { _ in .failure(.init(.connect, "refused")) }
        try bench.restart()
        #expect(bench.served?.version.sequence == 41, "before anything was asked")
        await bench.deliver()
        #expect(bench.served?.version.sequence == 41)
    },
    AttackCase("A10") {
        let bench = try await SnapshotBench(serving: 30)
        try await bench.accepts(Recipe(41))
        try await bench.accepts(Recipe(42) { $0.sections = House.sections(tag: "seq-30") })
    },
    AttackCase("A11") {
        // In protobuf the freedom of spelling is the order of the fields.
        let bench = try await SnapshotBench()
        let reversed = { @Sendable (payload: [UInt8]) in Array(Raw.fields(of: payload).reversed().flatMap(\.bytes)) }
        try await bench.accepts(
            Recipe(42) {
                $0.payload[.manifest] = reversed
                $0.payload[.head] = reversed
            }
        )
    },
    AttackCase(
        "A12",
        argued:
            "the envelope is protobuf: payload and signatures are raw bytes, there is no base64 to have two alphabets"
    ) {
        // Base64 of an envelope is not an envelope.
        try await SnapshotBench.onBothLayers(.malformedEnvelope) { recipe, layer, _ in
            recipe.bytes[layer] = { Array(Base64.encodeURL($0).utf8) }
        }
    },
]

extension Envelope {
    func with(signatures: [Signature]) -> Envelope {
        Envelope(statedType: self.statedType, payload: self.payload, signatures: signatures)
    }

    /// The first signature with other bytes.
    func withSignature(_ change: ([UInt8]) -> [UInt8]) -> Envelope {
        self.with(signatures: self.signatures.map { Signature(keyID: $0.keyID, bytes: change($0.bytes)) })
    }

    func withKeyID(_ id: String) -> Envelope {
        self.with(signatures: self.signatures.map { Signature(keyID: id, bytes: $0.bytes) })
    }
}
