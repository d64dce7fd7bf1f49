import DataPlane
import Domain
import Foundation
import Testing
import Wire

/// B: what is older, or twice the same number.
let rollbackCases: [AttackCase] = [
    AttackCase("B01") {
        let bench = try await SnapshotBench()
        try await bench.refuses(Recipe(40), .rollback)
        // The same with a head that the freshness key signed newly: the manifest is still the older one.
        try await bench.refuses(Recipe(40) { $0.headVersion = 99 }, .rollback)
    },
    AttackCase("B02") {
        let bench = try await SnapshotBench()
        try bench.restart()
        try await bench.refuses(Recipe(40), .rollback)
    },
    AttackCase("B03") {
        let bench = try await SnapshotBench()
        try FileManager.default.removeItem(at: bench.file("active"))
        try bench.restart()
        #expect(bench.served == nil)
        try await bench.refuses(Recipe(40), .rollback)
        #expect(bench.served == nil, "not ready")
    },
    AttackCase("B04") {
        let bench = try await SnapshotBench(serving: nil, floor: HeadPosition(epoch: 1, headVersion: 35))
        try await bench.refuses(Recipe(20), .rollback)
        #expect(bench.served == nil)
        // The known limit: what is above enrolment's floor is taken.
        try await bench.accepts(Recipe(36))
    },
    AttackCase("B05") {
        let bench = try await SnapshotBench()
        let other = House.sections(tag: "other")
        try await bench.refuses(Recipe(41) { $0.sections = other }, .equivocation)
        try await bench.refuses(
            Recipe(41) {
                $0.headVersion = 42
                $0.sections = other
            },
            .equivocation
        )
        let alarm = try #require(bench.refused.first { $0.code == "equivocation" })
        let known = try #require(try bench.files.floors()?.manifestDigest)
        #expect(alarm.detail.contains(known.hex), "both digests are named")
        #expect(alarm.detail.contains(try #require(alarm.digest).hex))
    },
    AttackCase("B06") {
        let bench = try await SnapshotBench()
        try bench.offer(Recipe(40))
        bench.origin.set { $0.etag = "\"99.99\"" }
        try await bench.refusesWhatIsOffered([.rollback])
    },
    AttackCase("B07") {
        let house = House()
        let bench = try await SnapshotBench(house: house)
        let top = UInt64(Int64.max)
        try await bench.accepts(Recipe(top) { $0.floor = top })
        let root = house.root(version: 2, epochMin: 2, release: [house.releaseKeys[1]])
        bench.origin.set { $0.roots[2] = house.signed(root) }
        try await bench.accepts(
            Recipe(1) {
                $0.epoch = 2
                $0.rootVersion = 2
                $0.signers[.manifest] = [house.releaseKeys[1]]
            }
        )
        #expect(bench.served?.version.epoch == 2)
    },
    AttackCase("B08") {
        let bench = try await SnapshotBench()
        // The freshness key alone, the release key alone, and both beyond what any root could overtake.
        try await bench.refuses(Recipe(42) { $0.headEpoch = 2 }, .wrongKeyUsage)
        try await bench.refuses(
            Recipe(43) {
                $0.epoch = 2
                $0.headEpoch = 1
            },
            .wrongKeyUsage
        )
        try await bench.refuses(Recipe(44) { $0.epoch = 2_000 }, .wrongKeyUsage)
        // A head that only raises the epoch of what is in force.
        let bytes = try bench.files.active().map { bench.files.blob($0.active.blob) }
        #expect(bytes != nil)
        try await bench.refuses(
            Recipe(41) {
                $0.epoch = 1
                $0.headEpoch = 2
            },
            .wrongKeyUsage
        )
    },
    AttackCase(
        "B09",
        argued: "leading zeroes, exponents, quotes and null are JSON's; varints have other odd forms, tested here"
    ) {
        let forms: [[UInt8]] = [
            Raw.field(4, UInt64(bitPattern: -1)), Raw.field(4, 0), Raw.fixed64(4, 41.5.bitPattern), Raw.field(4, "42"),
            Raw.varint(4 << 3) + [0xAA, 0x80, 0x00], Raw.field(4, UInt64(1) << 63), [],
            Raw.field(4, 42) + Raw.field(4, 42),
        ]
        for form in forms {
            let bench = try await SnapshotBench()
            try await bench.refuses(
                Recipe(42) { $0.payload[.manifest] = { Raw.replacing(4, in: $0, with: form) } },
                .payloadInvalid
            )
            try await bench.refuses(
                Recipe(43) { $0.payload[.head] = { Raw.replacing(4, in: $0, with: form) } },
                .payloadInvalid
            )
        }
    },
    AttackCase("B10") {
        let bench = try await SnapshotBench()
        try Data("garbage".utf8).write(to: bench.file("floors"))
        try bench.restart()
        #expect(bench.served?.version.sequence == 41)
        #expect(bench.codes == ["disk_tampered"])
        try await bench.refuses(Recipe(40), .rollback)
    },
    AttackCase("B11") {
        let bench = try await SnapshotBench()
        bench.pass(milliseconds: 120_000)
        #expect(bench.client?.status.isStale == true)
        try await bench.refuses(Recipe(40), .rollback)
        #expect(try bench.files.floors()?.manifest?.number == 41)
    },
    AttackCase(
        "B12",
        argued:
            "the client has one delivery under way at a time; the later of two is judged against the marks of the first"
    ) {
        let bench = try await SnapshotBench()
        try await bench.accepts(Recipe(43))
        try await bench.refuses(Recipe(42), .rollback)
    },
]
