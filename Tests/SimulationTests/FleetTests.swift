import Domain
import Testing

@Suite struct `A fleet under one scheduler` {
    private static func run(_ plan: Fleet.Plan, seed: UInt64) -> Fleet {
        var fleet = Fleet(plan, seed: seed)
        fleet.run()
        #expect(fleet.flaws.isEmpty, "seed \(seed): \(fleet.flaws.first ?? "")")
        return fleet
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `without faults a budget is spent to its end and not beyond`(seed: UInt64) {
        let fleet = Self.run(Fleet.Plan(limit: 40_000), seed: seed)
        #expect(fleet.share > 0.99 && fleet.share <= 1, "seed \(seed): \(fleet.share)")
        #expect(fleet.refused > 0)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a rich budget refuses nobody but the first`(seed: UInt64) {
        let fleet = Self.run(Fleet.Plan(limit: 1_000_000_000), seed: seed)
        #expect(fleet.refused <= 4 * 6, "seed \(seed): \(fleet.refused)")
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `whatever is lost, late, doubled, killed or paused, a hard budget holds`(seed: UInt64) {
        var plan = Fleet.Plan()
        plan.nodes = seed.isMultiple(of: 20) ? 20 : 2 + Int(seed % 7)
        plan.minutes = 45
        plan.limit = 20_000 + Int64(seed % 5) * 20_000
        plan.lost = Int(seed % 4) * 60
        plan.doubled = Int(seed % 3) * 100
        plan.crashes = Double(seed % 5)
        plan.controlCrashes = Double(seed % 2) * 4
        plan.pauses = Double(seed % 3)
        plan.jumps = Double(seed % 7 == 0 ? 2 : 0)
        plan.windowLength = seed.isMultiple(of: 2) ? nil : 1_200_000
        _ = Self.run(plan, seed: seed)
    }
}
