import Domain

/// What must hold when all faults are over.
extension Fleet {
    /// Faults and traffic stop, whoever is silent is given up, money that is left is lent to whoever asks; then all end.
    mutating func finish() {
        self.calmSince = self.now
        for node in self.nodes.indices {
            self.nodes[node].pausedUntil = min(self.nodes[node].pausedUntil, self.now)
            self.nodes[node].cutUntil = 0
            self.nodes[node].wallOffset = 0
        }
        self.control.start(at: self.now)
        let calm = Self.orphanMilliseconds + 300_000 + 2 * Self.sweepMilliseconds + Purse.idleMilliseconds
        self.pass(until: self.now + calm)
        self.checkCalm()
        self.probeAll()
        self.stopAll()
        self.checkAll()
        self.checkEnd()
    }

    private mutating func checkCalm() {
        for account in self.control.register.accounts.indices where self.control.disk.sums[account].pending != 0 {
            self.found("\(self.name(account)): something is pending that nobody asked for")
        }
    }

    // MARK: - Liveness

    private mutating func probeAll() {
        for node in self.nodes.indices.prefix(8) {
            self.agenda.plan(.probe(node: node), at: self.now + Int64(node + 1) * 4_000)
        }
        self.pass(until: self.now + 40_000 + Self.attemptMax + 2 * Self.turnMilliseconds)
    }

    /// Asks for a good part of what is left of all budgets at once: it must be had within an attempt's patience.
    mutating func probe(_ node: Int) {
        let claims = Register.Role.allCases.map { role in
            let left = self.control.left(of: role, at: self.now)
            return Purse.Claim(role.claim, Money(nanoDollars: left.nanoDollars / 2))
        }
        self.ask(node, claims, .attempt(slab: 0, slabs: 0, claims: claims.count))
    }

    // MARK: - The end

    private mutating func stopAll() {
        self.pass(until: self.now + UsageStream.syncMilliseconds)
        for node in self.nodes.indices {
            self.nodes[node].stop(at: self.now)
            while let batch = self.nodes[node].batch(at: self.now, countMax: 200) {
                let (reply, change) = self.control.answer(batch)
                guard !reply.isFence else { return self.found("a boot was fenced at its end") }
                self.commit(change)
                self.nodes[node].hear(reply, of: batch.boot)
            }
        }
    }

    private mutating func checkEnd() {
        let written = self.written()
        for (boot, costs) in written {
            for account in self.control.register.accounts.indices {
                let taken = self.control.disk.events(of: boot, account)
                if taken != costs[account] ?? 0 {
                    self.found(
                        "\(self.name(account)): boot \(boot) wrote \(costs[account] ?? 0), and \(taken) was taken in"
                    )
                }
            }
        }
        for account in self.control.register.accounts.indices { self.checkEnd(of: account) }
    }

    /// What stands in the streams that nodes still have.
    private mutating func written() -> [Int: [Int: Int64]] {
        var written: [Int: [Int: Int64]] = [:]
        for stream in self.nodes.flatMap(\.streams) {
            written[stream.boot] = [:]
            for case .event(let cost, let parts) in stream.records.map(\.content) {
                for part in parts {
                    let account = self.control.register.number(of: part.account)
                    written[stream.boot, default: [:]][account, default: 0] += cost.nanoDollars
                }
            }
        }
        return written
    }

    private mutating func checkEnd(of account: Int) {
        guard let ledger = self.control.disk.ledgers[account] else { return }
        let total = self.truth.total(of: account)
        let name = self.name(account)
        if ledger.pending != .zero { self.found("\(name): something is pending for ever") }
        if total.billed > self.truth.highest[account] + total.excess + total.gap {
            self.found("\(name): \(total) is beyond \(self.truth.highest[account])")
        }
        if total.billed > ledger.posted.nanoDollars + total.excess + total.gap {
            self.found("\(name): \(total) and only \(ledger.posted) is posted")
        }
        if !self.hasLostRecords {
            if ledger.unconfirmed != .zero { self.found("\(name): unconfirmed without a loss") }
        }
    }

    /// How much of the first budget is spent, in thousandths.
    package var share: Int64 { self.truth.total(of: 0).billed * 1_000 / max(self.plan.limit, 1) }
}
