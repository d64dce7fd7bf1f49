import Domain

extension Fleet {
    mutating func crash(_ node: Int) {
        self.planFault(self.plan.crashes, .crash(node: node))
        guard !self.isCalm, self.nodes[node].isUp else { return }
        let kind = self.plan.kinds[Int(self.chance.any(below: Int64(self.plan.kinds.count)))]
        self.hasLostRecords = self.hasLostRecords || kind != .process
        self.nodes[node].crash()
        self.agenda.plan(.restart(node: node, kind), at: self.now + self.chance.any(below: 300_000))
    }

    mutating func restart(_ node: Int, _ crash: FleetPlan.Crash) {
        self.nodes[node].restart(after: crash, as: self.control.newBoot(), at: self.now, &self.chance)
    }

    mutating func pause(_ node: Int) {
        self.planFault(self.plan.pauses, .pause(node: node))
        if !self.isCalm { self.nodes[node].pausedUntil = self.now + self.chance.any(below: 1_800_000) }
    }

    mutating func cut(_ node: Int) {
        self.planFault(self.plan.cuts, .cut(node: node))
        if !self.isCalm { self.nodes[node].cutUntil = self.now + self.chance.any(below: 1_800_000) }
    }

    mutating func jump(_ node: Int) {
        self.planFault(self.plan.jumps, .jump(node: node))
        if !self.isCalm { self.nodes[node].wallOffset = self.chance.any(below: 7_200_000) - 3_600_000 }
    }

    mutating func controlCrash() {
        self.planFault(self.plan.controlCrashes, .controlCrash)
        guard !self.isCalm else { return }
        self.control.die()
        self.agenda.plan(.controlStart, at: self.now + self.chance.any(below: 600_000))
    }

    /// Takes a backup the first time, and every other time puts the last one back.
    mutating func restore() {
        self.planFault(self.plan.restores * 2, .restore)
        guard !self.isCalm else { return }
        guard let backup = self.backup else {
            self.backup = self.control.disk
            return
        }
        let before = self.control.disk
        self.control.restore(backup, at: self.now)
        self.backup = nil
        self.hasLostRecords = true
        for boot in before.boots.indices { self.forget(boot, before) }
    }

    /// What was granted and is forgotten may be spent all the same.
    private mutating func forget(_ boot: Int, _ before: ControlDisk) {
        for (index, lease) in before.boots[boot].leases.enumerated() {
            guard let lease else { continue }
            let granted = self.control.disk.boots[boot].lease(UInt64(index) + 1)?.lease.granted ?? .zero
            self.truth[boot, lease.account].gap += lease.entry.lease.granted.remainder(after: granted).nanoDollars
        }
    }

    mutating func amend() {
        self.planFault(self.plan.amendments, .amend)
        guard !self.isCalm else { return }
        let role = Int(self.chance.any(below: Int64(self.control.limits.count)))
        self.control.limits[role] = self.plan.limit / 4 + self.chance.any(below: self.plan.limit)
    }

    mutating func sweep() {
        self.agenda.plan(.sweep, at: self.now + Self.sweepMilliseconds)
        guard self.control.isUp else { return }
        for (boot, leases) in self.control.silent(at: self.now) {
            let change = self.control.giveUp(leases, of: boot)
            for (id, entry) in change.book.leases where !Register.isHard(entry.account) {
                // The rest is lent again, and may have been spent.
                let rest = self.control.disk.boots[change.boot].lease(id.number)?.lease.pending ?? .zero
                self.truth[change.boot, self.control.register.number(of: entry.account)].gap += rest.nanoDollars
            }
            self.commit(change)
        }
    }
}

extension Register {
    static func isHard(_ account: BudgetAccount) -> Bool { self.role(of: account.budget)?.isHard ?? true }
}
