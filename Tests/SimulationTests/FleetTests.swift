import Foundation
import Simulation
import Testing

/// `MARTLET_SEED=n swift test --filter SimulationTests` runs one seed; `deploy/soak --seeds N` runs any number of them.
@Suite struct `A fleet under one scheduler` {
    private static let wanted = ProcessInfo.processInfo.environment["MARTLET_SEED"].flatMap { UInt64($0) }

    private static func seeds(_ usual: ClosedRange<UInt64>) -> ClosedRange<UInt64> {
        Self.wanted.map { $0...$0 } ?? usual
    }

    @discardableResult
    private static func run(_ plan: FleetPlan, seed: UInt64) -> Fleet {
        var fleet = Fleet(plan, seed: seed)
        fleet.run()
        #expect(fleet.flaws.isEmpty, "MARTLET_SEED=\(seed), \(plan.nodes) nodes: \(fleet.flaws.first ?? "")")
        return fleet
    }

    @Test func `without faults a budget is spent to its end and not beyond`() {
        for seed in Self.seeds(1...10) {
            var plan = FleetPlan()
            plan.limit = 40_000
            let fleet = Self.run(plan, seed: seed)
            #expect((990...1_000).contains(fleet.share), "MARTLET_SEED=\(seed): \(fleet.share) of a thousand")
            #expect(fleet.refused > 0)
        }
    }

    @Test func `a rich budget refuses nobody but the first`() {
        for seed in Self.seeds(1...10) {
            var plan = FleetPlan()
            plan.limit = 1_000_000_000
            let fleet = Self.run(plan, seed: seed)
            #expect(fleet.refused <= 4 * plan.nodes, "MARTLET_SEED=\(seed): \(fleet.refused)")
        }
    }

    /// Lost, late and doubled messages, processes that are killed, power cuts, lost disks, full disks, restores from old
    /// backups, clocks that are slow or wrong: see `FleetPlan(seed:)`.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `whatever befalls a fleet, its laws hold`(part: UInt64) {
        guard let wanted = Self.wanted else {
            for seed in (part * 20 + 1)...(part * 20 + 20) { Self.run(FleetPlan(seed: seed, nodesMax: 20), seed: seed) }
            return
        }
        if part == 0 { Self.run(FleetPlan(seed: wanted), seed: wanted) }
    }
}
