/// What a fleet is, and what befalls it. Money is in nano-dollars, rates are by the hour, shares in thousandths.
package struct FleetPlan {
    package var nodes = 4
    package var minutes: Int64 = 30
    /// What `all` may spend in a window; `team` and `soft` may spend half of it each.
    package var limit: Int64 = 2_000_000
    package var windowMinutes: Int64?
    /// Of a thousand messages.
    package var lost = 0
    package var doubled = 0
    /// Crashes of each node, of the kinds that follow.
    package var crashes: Int64 = 0
    package var kinds: [Crash] = Crash.allCases
    package var pauses: Int64 = 0
    /// Of the way between a node and the control plane, for up to half an hour.
    package var cuts: Int64 = 0
    /// Clocks on the wall that are set wrong.
    package var jumps: Int64 = 0
    package var controlCrashes: Int64 = 0
    /// Of a thousand commits.
    package var failedCommits = 0
    /// Of the control plane, from a backup that was taken some time before.
    package var restores: Int64 = 0
    /// Amounts that are raised and lowered.
    package var amendments: Int64 = 0
    /// Of a thousand attempts that may: they hold their money slab by slab.
    package var streams = 0
    /// Of a thousand attempts: they cost up to half more than they held.
    package var underestimates = 0

    package enum Crash: CaseIterable {
        /// `kill -9`: what is in the kernel stays.
        case process
        /// What is not on the disk is gone, and the last record may be torn.
        case power
        /// Nothing comes back.
        case disk
    }

    package init() {}

    var windowLength: Int64? { self.windowMinutes.map { $0 * 60_000 } }

    /// Nothing befalls it: then nobody is refused who can be covered.
    var isCalm: Bool {
        self.lost + self.doubled + self.failedCommits == 0
            && self.crashes + self.pauses + self.cuts + self.jumps + self.controlCrashes + self.restores
                + self.amendments == 0
    }
}

extension FleetPlan {
    /// Any mix of faults, by the seed: four in five fleets have up to 8 nodes, nearly all others up to 20, and one in a
    /// hundred has 200.
    package init(seed: UInt64, nodesMax: Int = 200) {
        var chance = Chance(seed: seed ^ 0x4D41_5254_4C45_5400)
        let size = chance.any(below: 100)
        let many = Int(size < 20 ? 9 + chance.any(below: 12) : 1 + chance.any(below: 8))
        self.init(seed: seed, nodes: min(size == 0 ? 200 : many, nodesMax))
        if self.nodes > 20 { self.minutes = 8 }
    }

    private init(seed: UInt64, nodes: Int) {
        var chance = Chance(seed: seed &+ 0x9E37)
        self.nodes = nodes
        self.minutes = 20 + chance.any(below: 20)
        // From one that is spent within minutes to one that lasts.
        self.limit = 1_000 << chance.any(below: 9)
        if chance.isChosen(400) { self.windowMinutes = 5 + chance.any(below: 15) }
        if chance.isChosen(600) { self.lost = Int(chance.any(below: 300)) }
        if chance.isChosen(500) { self.doubled = Int(chance.any(below: 300)) }
        if chance.isChosen(600) { self.crashes = 1 + chance.any(below: 5) }
        if chance.isChosen(300) { self.kinds = [.process] }
        if chance.isChosen(300) { self.pauses = 1 + chance.any(below: 3) }
        if chance.isChosen(200) { self.jumps = 2 }
        if chance.isChosen(400) { self.controlCrashes = 1 + chance.any(below: 8) }
        if chance.isChosen(300) { self.failedCommits = Int(chance.any(below: 100)) }
        if chance.isChosen(300) { self.restores = 1 + chance.any(below: 3) }
        if chance.isChosen(300) { self.amendments = 1 + chance.any(below: 10) }
        if chance.isChosen(600) { self.streams = Int(chance.any(below: 1_000)) }
        if chance.isChosen(400) { self.cuts = 1 + chance.any(below: 3) }
        if chance.isChosen(300) { self.underestimates = Int(chance.any(below: 200)) }
    }
}
