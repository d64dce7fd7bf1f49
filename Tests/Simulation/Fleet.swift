import Domain

/// A control plane and its nodes under one seeded scheduler. Everything that can be random comes from the seed, so that
/// whatever breaks a law can be seen again.
package struct Fleet {
    enum Happening {
        case arrive(node: Int)
        case grow(attempt: Int)
        case end(attempt: Int)
        case turn(node: Int)
        case press(node: Int)
        case serve(node: Int)
        case asked(LeaseCall, boot: Int, node: Int, sent: Int64)
        case granted([LeaseGrant], boot: Int, node: Int, sent: Int64, epoch: Int)
        case usage(UsageBatch, node: Int)
        case heard(SimulatedControl.UsageReply, boot: Int, node: Int, epoch: Int)
        case crash(node: Int)
        case restart(node: Int, FleetPlan.Crash)
        case pause(node: Int)
        case cut(node: Int)
        case jump(node: Int)
        case controlCrash
        case controlStart
        case restore
        case amend
        case sweep
        case probe(node: Int)
    }

    /// An attempt that a provider works on, whether or not its node still lives.
    struct Running {
        let node: Int
        let boot: Int
        var parts: [(account: Int, amount: Int64)]
        /// Of a stream: what it holds at a time, and how often it may still.
        var slab: Int64 = 0
        var slabsLeft = 0
    }

    enum Waiting {
        case attempt(slab: Int64, slabs: Int, claims: Int)
        case slab(of: Int)
    }

    static let amountMin: Int64 = 20
    static let amountMax: Int64 = 200
    /// The longest that a provider works on an attempt.
    static let attemptMax: Int64 = 30_000
    static let turnMilliseconds: Int64 = 10_000
    static let sweepMilliseconds: Int64 = 10_000
    static let orphanMilliseconds = LendingBook.validMilliseconds + Self.attemptMax + 60_000
    private static let fullCheckSteps = 4_096

    package let plan: FleetPlan
    package let seed: UInt64
    var chance: Chance
    var agenda = Agenda<Happening>()
    var now: Int64 = 0
    var control: SimulatedControl
    var nodes: [SimulatedNode]
    var running: [Int: Running] = [:]
    var waiting: [Int: Waiting] = [:]
    /// When the control plane last could not cover what waited at a node.
    var uncovered: [Int64]
    var truth = Truth()
    var attempts = 0
    package var refused = 0
    package internal(set) var steps = 0
    /// Since when faults are over.
    var calmSince: Int64?
    var isCalm: Bool { self.calmSince != nil }
    var hasLostRecords = false
    var backup: ControlDisk?
    var probed: Set<Int> = []

    /// What was found to break a law; the first one ends the run.
    package private(set) var flaws: [String] = []

    package init(_ plan: FleetPlan, seed: UInt64) {
        self.plan = plan
        self.seed = seed
        self.chance = Chance(seed: seed)
        self.control = SimulatedControl(
            limits: [plan.limit, plan.limit / 2, plan.limit / 2],
            windowLength: plan.windowLength,
            orphanMilliseconds: Self.orphanMilliseconds
        )
        self.nodes = []
        self.uncovered = Array(repeating: 0, count: plan.nodes)
        for _ in 0..<plan.nodes {
            let drift = self.chance.any(below: 5_000)
            self.nodes.append(SimulatedNode(boot: self.control.newBoot(), drift: drift))
        }
        self.planAll()
    }

    private mutating func planAll() {
        for node in 0..<self.plan.nodes {
            self.agenda.plan(.arrive(node: node), at: self.chance.any(below: 5_000))
            self.agenda.plan(.turn(node: node), at: self.chance.any(below: 5_000))
            self.planFault(self.plan.crashes, .crash(node: node))
            self.planFault(self.plan.pauses, .pause(node: node))
            self.planFault(self.plan.cuts, .cut(node: node))
            self.planFault(self.plan.jumps, .jump(node: node))
        }
        self.planFault(self.plan.controlCrashes, .controlCrash)
        self.planFault(self.plan.restores, .restore)
        self.planFault(self.plan.amendments, .amend)
        self.agenda.plan(.sweep, at: Self.sweepMilliseconds)
    }

    mutating func planFault(_ anHour: Int64, _ fault: Happening) {
        guard anHour > 0, !self.isCalm else { return }
        self.agenda.plan(fault, at: self.now + 1 + self.chance.any(below: 2 * 3_600_000 / anHour))
    }

    // MARK: - Running

    package mutating func run() {
        self.pass(until: self.plan.minutes * 60_000)
        guard self.flaws.isEmpty else { return }
        self.finish()
    }

    mutating func pass(until end: Int64) {
        while let next = self.agenda.next() {
            guard next.time <= end else {
                self.agenda.plan(next.happening, at: next.time)
                break
            }
            self.now = next.time
            self.steps += 1
            self.happen(next.happening)
            if self.steps.isMultiple(of: Self.fullCheckSteps) { self.checkAll() }
            if !self.flaws.isEmpty { return }
        }
        self.now = max(self.now, end)
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .arrive(let node): self.arrive(at: node)
        case .grow(let attempt): self.grow(attempt)
        case .end(let attempt): self.end(attempt)
        case .turn(let node): self.turn(node)
        case .press(let node): self.ask(from: node)
        case .serve(let node): self.serve(node)
        case .asked(let call, let boot, let node, let sent): self.asked(call, boot, node, sent)
        case .granted(let grants, let boot, let node, let sent, let epoch):
            self.granted(grants, boot, node, sent, epoch)
        case .usage(let batch, let node): self.usage(batch, node)
        case .heard(let reply, let boot, let node, let epoch): self.heard(reply, boot, node, epoch)
        case .crash(let node): self.crash(node)
        case .restart(let node, let crash): self.restart(node, crash)
        case .pause(let node): self.pause(node)
        case .cut(let node): self.cut(node)
        case .jump(let node): self.jump(node)
        case .controlCrash: self.controlCrash()
        case .controlStart: self.control.start(at: self.now)
        case .restore: self.restore()
        case .amend: self.amend()
        case .sweep: self.sweep()
        case .probe(let node): self.probe(node)
        }
    }

    func isAwake(_ node: Int) -> Bool { self.nodes[node].isUp && self.nodes[node].pausedUntil <= self.now }

    func isAlive(_ attempt: Running) -> Bool {
        self.nodes[attempt.node].isUp && self.nodes[attempt.node].boot == attempt.boot
    }

    mutating func found(_ flaw: String) { self.flaws.append("at \(self.now) ms: \(flaw)") }
}
