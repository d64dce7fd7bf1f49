import Domain

extension Fleet {
    private mutating func send(_ happening: Happening, of node: Int) {
        guard self.nodes[node].cutUntil <= self.now else { return }
        if self.isCalm || !self.chance.isChosen(self.plan.lost) {
            self.agenda.plan(happening, at: self.now + 1 + self.chance.any(below: 200))
        }
        if !self.isCalm, self.chance.isChosen(self.plan.doubled) {
            self.agenda.plan(happening, at: self.now + 1 + self.chance.any(below: 120_000))
        }
    }

    mutating func turn(_ node: Int) {
        self.agenda.plan(.turn(node: node), at: self.now + Self.turnMilliseconds)
        guard self.isAwake(node) else { return }
        self.ask(from: node)
        if let batch = self.nodes[node].batch(at: self.now, countMax: 50) {
            self.send(.usage(batch, node: node), of: node)
        }
    }

    mutating func ask(from node: Int) {
        guard self.isAwake(node) else { return }
        let call = self.nodes[node].call(at: self.now)
        guard !call.asks.isEmpty else { return }
        let sent = self.nodes[node].steady(at: self.now)
        self.send(.asked(call, boot: self.nodes[node].boot, node: node, sent: sent), of: node)
    }

    mutating func asked(_ call: LeaseCall, _ boot: Int, _ node: Int, _ sent: Int64) {
        guard self.control.isUp else { return }
        let (grants, change) = self.control.answer(call, of: boot, at: self.now)
        self.checkLoans(call, change)
        if self.leavesWaiting(call, change) { self.uncovered[node] = self.now }
        let recalled = self.recalled(call, change)
        guard self.commits(change) else { return }
        for (account, amount) in recalled {
            self.truth[boot, account].gap = max(self.truth[boot, account].gap - amount, 0)
        }
        self.send(.granted(grants, boot: boot, node: node, sent: sent, epoch: self.control.epoch), of: node)
    }

    /// An answer comes over the connection of its question, which ends with the process that was asked: none comes from
    /// before a restore.
    mutating func granted(_ grants: [LeaseGrant], _ boot: Int, _ node: Int, _ sent: Int64, _ epoch: Int) {
        guard self.isAwake(node), self.nodes[node].boot == boot, epoch == self.control.epoch else { return }
        self.nodes[node].hear(grants, sent: sent)
        self.nodes[node].hear(epoch: epoch)
        for grant in grants { self.check(boot, self.control.register.number(of: grant.account)) }
        self.serve(node)
    }

    mutating func usage(_ batch: UsageBatch, _ node: Int) {
        guard self.control.isUp else { return }
        let (reply, change) = self.control.answer(batch)
        guard self.commits(change) else { return }
        if reply.isFence { self.found("a boot was fenced that has one writer") }
        self.send(.heard(reply, boot: batch.boot, node: node, epoch: self.control.epoch), of: node)
    }

    mutating func heard(_ reply: SimulatedControl.UsageReply, _ boot: Int, _ node: Int, _ epoch: Int) {
        guard self.nodes[node].isUp, epoch == self.control.epoch else { return }
        self.nodes[node].hear(epoch: epoch)
        self.nodes[node].hear(reply, of: boot)
    }

    /// False where nothing is answered: the disk is full, or the control plane dies, before the commit or after it.
    private mutating func commits(_ change: ControlDisk.Change) -> Bool {
        guard !self.isCalm else {
            self.commit(change)
            return true
        }
        if self.chance.isChosen(self.plan.failedCommits) { return false }
        guard self.plan.controlCrashes > 0, self.chance.any(below: 20_000) == 0 else {
            self.commit(change)
            return true
        }
        if self.chance.isChosen(500) { self.commit(change) }
        self.control.die()
        self.agenda.plan(.controlStart, at: self.now + self.chance.any(below: 60_000))
        return false
    }

    mutating func commit(_ change: ControlDisk.Change) {
        self.control.commit(change)
        for account in change.book.changedAccounts {
            let number = self.control.register.number(of: account)
            self.checkAccount(number)
            self.check(change.boot, number)
        }
    }
}

extension SimulatedControl.UsageReply {
    var isFence: Bool {
        switch self {
        case .fence: true
        case .acknowledged, .rewind: false
        }
    }
}
