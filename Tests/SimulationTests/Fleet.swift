import Domain
import TestSupport

/// A control plane and its nodes under one seeded scheduler: messages are lost, doubled and late, processes die at every
/// write, disks are lost, clocks are wrong. Everything that can be random comes from the seed.
struct Fleet {
    struct Plan {
        var nodes = 4
        var minutes: Int64 = 60
        var limit: Int64 = 2_000_000
        var isHard = true
        var windowLength: Int64?
        /// Of a thousand messages.
        var lost = 0
        var doubled = 0
        /// Crashes an hour and node.
        var crashes = 0.0
        var controlCrashes = 0.0
        var pauses = 0.0
        /// Clocks on the wall that are set wrong.
        var jumps = 0.0
        var loses: [SimulatedNode.Crash] = SimulatedNode.Crash.allCases
    }

    private enum Happening {
        case arrive(node: Int)
        case end(attempt: Int)
        case turn(node: Int)
        case press(node: Int)
        case serve(node: Int)
        case asked(LeaseCall, boot: ID<Boot>, node: Int, sent: Int64)
        case granted([LeaseGrant], boot: ID<Boot>, node: Int, sent: Int64)
        case usage(UsageBatch, node: Int)
        case acknowledged(ID<Boot>, through: UInt64, node: Int)
        case crash(node: Int)
        case restart(node: Int, SimulatedNode.Crash)
        case pause(node: Int)
        case jump(node: Int)
        case controlCrash
        case controlStart
        case sweep
    }

    private struct Running {
        let node: Int
        let boot: ID<Boot>
        let parts: [Purse.Hold.Part]
        let cost: Money
    }

    private static let budget: Name<Budget> = Name("all") ?? { preconditionFailure("a name") }()
    private static let team: Name<Budget> = Name("team") ?? { preconditionFailure("a name") }()
    private static let attemptMax: Int64 = 30_000
    private static let fullCheckSteps = 64
    private static let orphanMilliseconds = LendingBook.validMilliseconds + Self.attemptMax + 60_000

    let plan: Plan
    let seed: UInt64
    private var random: SeededGenerator
    private var agenda = Agenda<Happening>()
    private(set) var now: Int64 = 0
    private(set) var control: SimulatedControl
    private(set) var nodes: [SimulatedNode]
    /// Attempts that providers work on, whether or not their node still lives.
    private var running: [Int: Running] = [:]
    private var attempts = 0
    /// What providers have billed.
    private(set) var billed: [BudgetAccount: Int64] = [:]
    private(set) var refused = 0
    private(set) var flaws: [String] = []
    private var isEnding = false
    private var steps = 0
    private var hasLostRecords = false

    init(_ plan: Plan, seed: UInt64) {
        self.plan = plan
        self.seed = seed
        self.random = SeededGenerator(seed: seed)
        let terms = { (limit: Int64) in
            SimulatedControl.Terms(limit: Money(nanoDollars: limit), isHard: plan.isHard)
        }
        self.control = SimulatedControl(
            [Self.budget: terms(plan.limit), Self.team: terms(plan.limit / 2)],
            windowLength: plan.windowLength,
            orphanMilliseconds: Self.orphanMilliseconds
        )
        var random = self.random
        self.nodes = (0..<plan.nodes).map { SimulatedNode($0, drift: Int64.random(in: 0...5_000, using: &random)) }
        self.random = random
        self.planAll()
    }

    private mutating func planAll() {
        for node in 0..<self.plan.nodes {
            self.agenda.plan(.arrive(node: node), at: self.any(below: 5_000))
            self.agenda.plan(.turn(node: node), at: self.any(below: 5_000))
            self.planFault(self.plan.crashes) { .crash(node: node) }
            self.planFault(self.plan.pauses) { .pause(node: node) }
            self.planFault(self.plan.jumps) { .jump(node: node) }
        }
        self.planFault(self.plan.controlCrashes) { .controlCrash }
        self.agenda.plan(.sweep, at: 10_000)
    }

    private mutating func planFault(_ anHour: Double, _ fault: () -> Happening) {
        guard anHour > 0 else { return }
        self.agenda.plan(fault(), at: self.now + self.any(below: Int64(2 * 3_600_000 / anHour)) + 1)
    }

    private mutating func any(below bound: Int64) -> Int64 { Int64.random(in: 0..<max(bound, 1), using: &self.random) }
    private mutating func isChosen(_ ofThousand: Int) -> Bool { self.any(below: 1_000) < ofThousand }

    // MARK: - Running

    mutating func run() {
        let end = self.plan.minutes * 60_000
        while self.now <= end, let next = self.agenda.next() {
            self.now = next.time
            self.happen(next.happening)
            self.check()
            if !self.flaws.isEmpty { return }
        }
        self.finish()
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .arrive(let node): self.arrive(at: node)
        case .end(let attempt): self.end(attempt)
        case .turn(let node):
            if !self.isEnding { self.agenda.plan(.turn(node: node), at: self.now + 10_000) }
            self.turn(node)
        case .press(let node): self.ask(from: node)
        case .serve(let node): self.serve(node)
        case .asked(let call, let boot, let node, let sent): self.asked(call, boot, node, sent)
        case .granted(let grants, let boot, let node, let sent):
            guard self.isAwake(node), self.nodes[node].boot == boot else { return }
            self.nodes[node].hear(grants, sent: sent)
            self.serve(node)
        case .usage(let batch, let node): self.usage(batch, node)
        case .acknowledged(let boot, let through, let node):
            if self.nodes[node].isUp { self.nodes[node].acknowledge(boot, through: through) }
        case .crash(let node): self.crash(node)
        case .restart(let node, let crash): self.nodes[node].restart(after: crash, at: self.now)
        case .pause(let node):
            self.nodes[node].pausedUntil = self.now + self.any(below: 1_800_000)
            self.planFault(self.plan.pauses) { .pause(node: node) }
        case .jump(let node):
            self.nodes[node].wallOffset = self.any(below: 7_200_000) - 3_600_000
            self.planFault(self.plan.jumps) { .jump(node: node) }
        case .controlCrash:
            self.control.die()
            self.agenda.plan(.controlStart, at: self.now + self.any(below: 600_000))
            self.planFault(self.plan.controlCrashes) { .controlCrash }
        case .controlStart: self.control.start(at: self.now)
        case .sweep:
            if self.control.isUp { self.control.sweep(at: self.now) }
            if !self.isEnding { self.agenda.plan(.sweep, at: self.now + 10_000) }
        }
    }

    private func isAwake(_ node: Int) -> Bool { self.nodes[node].isUp && self.nodes[node].pausedUntil <= self.now }

    // MARK: - Traffic

    private mutating func arrive(at node: Int) {
        // A few nodes have most of the traffic.
        self.agenda.plan(.arrive(node: node), at: self.now + 1 + self.any(below: 6_000 * Int64(node + 1)))
        guard self.isAwake(node) else { return }
        let amount = Money(nanoDollars: 1 + self.any(below: 200))
        var claims = [Purse.Claim(.init(Self.budget), amount)]
        if self.isChosen(400) { claims.append(Purse.Claim(.init(Self.team), amount)) }
        self.attempts += 1
        switch self.nodes[node].hold(self.attempts, claims, at: self.now) {
        case .held(let hold): self.run(self.attempts, hold, on: node)
        case .beyond: self.refused += 1
        case .short:
            self.agenda.plan(.press(node: node), at: self.now)
            self.agenda.plan(.serve(node: node), at: self.now + SimulatedNode.patienceMilliseconds)
        }
        if self.nodes[node].purse.isPressing { self.agenda.plan(.press(node: node), at: self.now) }
    }

    private mutating func serve(_ node: Int) {
        guard self.isAwake(node) else { return }
        for (attempt, answer) in self.nodes[node].serve(at: self.now) {
            guard case .held(let hold) = answer else {
                self.refused += 1
                continue
            }
            self.run(attempt, hold, on: node)
        }
    }

    private mutating func run(_ attempt: Int, _ hold: Purse.Hold, on node: Int) {
        self.nodes[node].begin(attempt, hold, at: self.now)
        let worst = hold.parts.map(\.amount.nanoDollars).max() ?? 0
        self.running[attempt] = Running(
            node: node,
            boot: self.nodes[node].boot,
            parts: hold.parts,
            cost: Money(nanoDollars: self.any(below: worst + 1))
        )
        self.agenda.plan(.end(attempt: attempt), at: self.now + 1 + self.any(below: Self.attemptMax))
    }

    /// The provider bills whether or not anybody is left to read its answer.
    private mutating func end(_ number: Int) {
        guard let running = self.running.removeValue(forKey: number) else { return }
        for part in running.parts { self.billed[part.account, default: 0] += running.cost.nanoDollars }
        guard self.nodes[running.node].isUp, self.nodes[running.node].boot == running.boot else { return }
        self.nodes[running.node].end(number, cost: running.cost, at: self.now)
    }

    // MARK: - Messages

    private mutating func send(_ happening: Happening) {
        if self.isEnding || !self.isChosen(self.plan.lost) {
            self.agenda.plan(happening, at: self.now + 1 + self.any(below: 200))
        }
        if !self.isEnding, self.isChosen(self.plan.doubled) {
            self.agenda.plan(happening, at: self.now + 1 + self.any(below: 120_000))
        }
    }

    private mutating func turn(_ node: Int) {
        guard self.isAwake(node) else { return }
        self.ask(from: node)
        if let batch = self.nodes[node].batch(at: self.now, countMax: 50) { self.send(.usage(batch, node: node)) }
    }

    private mutating func ask(from node: Int) {
        guard self.isAwake(node) else { return }
        let call = self.nodes[node].call(at: self.now)
        guard !call.asks.isEmpty else { return }
        let sent = self.nodes[node].steady(at: self.now)
        self.send(.asked(call, boot: self.nodes[node].boot, node: node, sent: sent))
    }

    private mutating func asked(_ call: LeaseCall, _ boot: ID<Boot>, _ node: Int, _ sent: Int64) {
        guard self.control.isUp else { return }
        let (grants, after) = self.control.answer(call, of: boot, at: self.now)
        guard self.commits(after) else { return }
        self.send(.granted(grants, boot: boot, node: node, sent: sent))
    }

    private mutating func usage(_ batch: UsageBatch, _ node: Int) {
        guard self.control.isUp else { return }
        let (through, after) = self.control.answer(batch)
        guard self.commits(after) else { return }
        guard let through else {
            self.flaws.append("a boot was fenced that has one writer")
            return
        }
        self.send(.acknowledged(batch.boot, through: through, node: node))
    }

    /// False where the control plane dies on the way: before the commit, or after it and before its answer.
    private mutating func commits(_ after: SimulatedControl.Stored) -> Bool {
        guard !self.isEnding, self.plan.controlCrashes > 0, self.any(below: 20_000) == 0 else {
            self.control.commit(after)
            return true
        }
        if self.isChosen(500) { self.control.commit(after) }
        self.control.die()
        self.agenda.plan(.controlStart, at: self.now + self.any(below: 60_000))
        return false
    }

    // MARK: - Faults

    private mutating func crash(_ node: Int) {
        self.planFault(self.plan.crashes) { .crash(node: node) }
        guard self.nodes[node].isUp else { return }
        let crash = self.plan.loses.randomElement(using: &self.random) ?? .process
        self.hasLostRecords = self.hasLostRecords || crash != .process
        self.nodes[node].crash()
        self.agenda.plan(.restart(node: node, crash), at: self.now + self.any(below: 300_000))
    }

    // MARK: - Laws

    private mutating func check() {
        self.steps += 1
        for (account, ledger) in self.control.stored.accounts {
            // What is over and of which nothing is lent hardly changes any more.
            let isQuiet = ledger.pending == .zero && !account.window.holds(Timestamp(unixMilliseconds: self.now))
            if isQuiet, !self.steps.isMultiple(of: Self.fullCheckSteps) { continue }
            let pending = self.pending(of: account)
            self.expect(ledger.pending == pending, "pending of \(account) is not what its leases may spend")
            guard self.plan.isHard else { continue }
            let known = ledger.posted.clampedSum(with: ledger.pending)
            self.expect(known <= ledger.limit, "\(account) is lent beyond its limit")
            self.expect(
                self.spendable(of: account) <= known.nanoDollars,
                "more of \(account) can be spent than is known"
            )
        }
    }

    private func pending(of account: BudgetAccount) -> Money {
        let leases = self.control.stored.leasesOfAccount[account] ?? []
        return leases.reduce(.zero) { sum, id in
            sum.clampedSum(with: self.control.stored.leases[id]?.lease.pending ?? .zero)
        }
    }

    /// Billed, or what may still be: by what runs, and by what nodes may begin without asking.
    private func spendable(of account: BudgetAccount) -> Int64 {
        var sum = self.billed[account] ?? 0
        for running in self.running.values {
            sum += running.parts.first { $0.account == account }?.amount.nanoDollars ?? 0
        }
        for node in self.nodes where node.isUp {
            sum += node.purse.free(of: account, at: node.steady(at: self.now)).nanoDollars
        }
        return sum
    }

    private mutating func expect(_ isSo: Bool, _ flaw: @autoclosure () -> String) {
        if !isSo { self.flaws.append("at \(self.now) ms: \(flaw())") }
    }

    // MARK: - The end

    /// All faults are over, all attempts end, all boots close, and all is heard.
    private mutating func finish() {
        self.isEnding = true
        while let next = self.agenda.next() {
            self.now = max(self.now, next.time)
            switch next.happening {
            case .arrive, .crash, .pause, .jump, .controlCrash, .turn, .sweep, .press, .serve: continue
            default: self.happen(next.happening)
            }
            self.check()
        }
        self.control.start(at: self.now)
        self.now += SimulatedNode.syncMilliseconds + Self.orphanMilliseconds
        for node in self.nodes.indices {
            if !self.nodes[node].isUp { self.nodes[node].restart(after: .process, at: self.now) }
            self.nodes[node].stop(at: self.now)
            while let batch = self.nodes[node].batch(at: self.now, countMax: 50) {
                let (through, after) = self.control.answer(batch)
                guard let through else { return self.flaws.append("a boot was fenced at the end") }
                self.control.commit(after)
                self.nodes[node].acknowledge(batch.boot, through: through)
            }
        }
        self.control.sweep(at: self.now)
        self.check()
        self.checkEnd()
    }

    private mutating func checkEnd() {
        for (account, ledger) in self.control.stored.accounts {
            let events = self.control.stored.events[account] ?? 0
            self.expect(ledger.pending == .zero, "something of \(account) is pending for ever")
            let confirmed = ledger.posted.nanoDollars - ledger.unconfirmed.nanoDollars
            self.expect(confirmed == events, "\(account): \(confirmed) was posted for events of \(events)")
            self.expect(
                self.plan.isHard ? ledger.posted.nanoDollars >= self.billed[account] ?? 0 : true,
                "\(account): too little is posted"
            )
            if !self.hasLostRecords {
                self.expect(ledger.unconfirmed == .zero, "\(account): unconfirmed without a loss")
            }
        }
    }

    /// How much of the first budget is spent.
    var share: Double {
        let spent = self.billed.filter { $0.key.budget == Self.budget }.values.max() ?? 0
        return Double(spent) / Double(self.plan.limit)
    }
}
