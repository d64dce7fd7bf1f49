import DataPlane
import Domain
import Platform
import Testing
import Wire

/// C: times. A snapshot has no expiry of its own: `expires_at` reads as the head's `fresh_until`, past which a node is
/// stale, a state that stops nothing by itself, and as the root's `expires`, past which nothing new is taken. Traffic
/// stops only under a bound on staleness.
let timeCases: [AttackCase] = [
    AttackCase(
        "C01",
        argued: "past fresh_until a head is stale, which is a state; what refuses for its age is a root past its expiry"
    ) {
        let bench = try await SnapshotBench()
        bench.pass(milliseconds: 200_000)
        let issued = bench.now.wall.advanced(byMilliseconds: -91_000)
        try bench.offer(Recipe(42) { $0.issued = issued })
        await bench.deliver()
        #expect(bench.served?.version.sequence == 42)
        #expect(bench.client?.status.isStale == true)
        let expiring = try await SnapshotBench(root: { $0.root(expires: House.start.advanced(byMilliseconds: 1_000)) })
        expiring.pass(milliseconds: 1_000)
        try await expiring.refuses(Recipe(42), .expired)
    },
    AttackCase(
        "C02",
        argued: "without a bound on staleness the product serves for ever, by law; with one it stops, which is tested"
    ) {
        let forever = try await SnapshotBench()
        forever.pass(milliseconds: 365 * 86_400_000)
        #expect(forever.served?.version.sequence == 41)
        #expect(forever.client?.status.isStale == true, "and says so")
        let bounded = try await SnapshotBench()
        bounded.stalenessMax = 600_000
        try bounded.restart()
        #expect(bounded.client?.status.isStale == false)
        bounded.pass(milliseconds: 90_000 + 599_000)
        #expect(bounded.served != nil)
        #expect(bounded.client?.status.isStale == true)
        bounded.pass(milliseconds: 2_000)
        #expect(bounded.served == nil)
        #expect(bounded.client?.status.isWithdrawn == true)
        try bounded.offer(Recipe(41) { $0.issued = bounded.now.wall })
        bounded.origin.set { $0.etag = "\"signed again\"" }
        await bounded.deliver()
        #expect(bounded.served?.version.sequence == 41, "freshness brings it back")
    },
    AttackCase(
        "C03",
        argued: "only under a bound on staleness is a copy on disk too old to serve; without one it always serves"
    ) {
        let bench = try await SnapshotBench()
        bench.pass(milliseconds: 90_000 + 600_001)
        try bench.restart()
        #expect(bench.served != nil, "no bound")
        bench.stalenessMax = 600_000
        try bench.restart()
        #expect(bench.served == nil, "not ready")
    },
    AttackCase("C04") {
        let bench = try await SnapshotBench()
        bench.stalenessMax = 600_000
        try bench.restart()
        bench.pass(milliseconds: 700_000)
        #expect(bench.served == nil)
        bench.now = Moment(wall: House.start.advanced(byMilliseconds: -86_400_000), steady: bench.now.steady + 1_000)
        bench.tick()
        #expect(bench.client?.status.isWithdrawn == true)
        try bench.restart()
        #expect(bench.served == nil, "also over a restart")
    },
    AttackCase("C05") {
        let bench = try await SnapshotBench()
        let issued = bench.now.wall.advanced(byMilliseconds: 3_600_000)
        try await bench.refuses(Recipe(42) { $0.issued = issued }, .notYetValid)
    },
    AttackCase("C06") {
        let bench = try await SnapshotBench()
        let issued = bench.now.wall.advanced(byMilliseconds: 120_000)
        try await bench.accepts(Recipe(42) { $0.issued = issued })
    },
    AttackCase("C07") {
        for lifetime: Int64 in [0, -1, -90_000] {
            let bench = try await SnapshotBench()
            try await bench.refuses(
                Recipe(42) { $0.editHead = { $0.freshUntil = $0.issued.advanced(byMilliseconds: lifetime) } },
                .payloadInvalid
            )
        }
    },
    AttackCase("C08") {
        let bench = try await SnapshotBench()
        try await bench.refuses(
            Recipe(42) { $0.payload[.head] = { Raw.replacing(6, in: $0, with: []) } },
            .payloadInvalid
        )
    },
    AttackCase("C09") {
        let bench = try await SnapshotBench()
        let far = Timestamp(unixMilliseconds: 253_402_300_799_999)
        try await bench.refuses(Recipe(42) { $0.editHead = { $0.freshUntil = far } }, .payloadInvalid)
        let hour = Head.lifetimeMax
        try await bench.refuses(
            Recipe(43) { $0.editHead = { $0.freshUntil = $0.issued.advanced(byMilliseconds: hour + 1) } },
            .payloadInvalid
        )
    },
    AttackCase("C10") {
        let bench = try await SnapshotBench()
        bench.origin.answer { $0 == "/node/v1/head" ? .success(.init(status: 304)) : nil }
        for _ in 0..<10 {
            bench.pass(milliseconds: 30_000)
            await bench.deliver()
        }
        #expect(bench.served?.version.sequence == 41)
        #expect(bench.client?.status.isStale == true, "an unsigned 304 makes nothing fresh")
    },
    AttackCase("C11") {
        let bench = try await SnapshotBench()
        bench.pass(milliseconds: 100_000)
        // Fresh for a last second when it comes, and no longer when it is in force.
        let issued = bench.now.wall.advanced(byMilliseconds: -89_000)
        try bench.offer(Recipe(42) { $0.issued = issued })
        await bench.deliver()
        bench.pass(milliseconds: 2_000)
        #expect(bench.served?.version.sequence == 42)
        #expect(bench.client?.status.isStale == true)
    },
    AttackCase(
        "C12",
        argued: "times are whole milliseconds, not text: zones, leap seconds and the 30th of February cannot be said"
    ) {
        for value in [UInt64(bitPattern: -1), 0, 253_402_300_800_000, UInt64(1) << 63] {
            let bench = try await SnapshotBench()
            for field: UInt64 in [5, 6] {
                try await bench.refuses(
                    Recipe(42) { $0.payload[.head] = { Raw.replacing(field, in: $0, with: Raw.field(field, value)) } },
                    .payloadInvalid
                )
            }
            try await bench.refuses(
                Recipe(43) { $0.payload[.manifest] = { Raw.replacing(12, in: $0, with: Raw.field(12, value)) } },
                .payloadInvalid
            )
        }
    },
]
