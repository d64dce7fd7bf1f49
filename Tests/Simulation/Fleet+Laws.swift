import Domain

/// The laws that hold after every step.
extension Fleet {
    /// What a boot spent and may spend is known to the control plane, and what it may spend without asking is pending.
    mutating func check(_ boot: Int, _ account: Int) {
        let line = self.truth[boot, account]
        let known = self.control.disk.known(of: boot, account)
        let free = self.free(of: boot, account)
        let real = line.billed + line.running + free
        if real > known.all + line.excess + line.gap {
            self.found(
                "boot \(boot) of \(self.name(account)): \(line) with \(free) free is more than \(known) that is known"
            )
        }
        guard self.control.isLending(at: self.now) else { return }
        if free > known.pending {
            self.found("boot \(boot) of \(self.name(account)): \(free) is free and only \(known.pending) lent")
        }
    }

    private func free(of boot: Int, _ account: Int) -> Int64 {
        guard let node = self.nodes.firstIndex(where: { $0.boot == boot }) else { return 0 }
        return self.nodes[node].free(of: self.control.register.accounts[account], at: self.now)
    }

    /// What was posted is what events said and what was assumed, and what is pending is what leases may still spend.
    mutating func checkAccount(_ account: Int) {
        guard let ledger = self.control.disk.ledgers[account] else { return }
        let sums = self.control.disk.sums[account]
        self.truth.allow(ledger.limit.nanoDollars, of: account)
        if ledger.pending.nanoDollars != sums.pending {
            self.found("\(self.name(account)): \(ledger.pending) is pending, of leases \(sums.pending)")
        }
        if ledger.unconfirmed.nanoDollars != sums.assumed {
            self.found("\(self.name(account)): \(ledger.unconfirmed) is unconfirmed, of leases \(sums.assumed)")
        }
        if ledger.posted.nanoDollars != sums.events + sums.assumed {
            self.found("\(self.name(account)): \(ledger.posted) is posted, of events \(sums.events)")
        }
    }

    /// Nothing is lent beyond a limit, and nothing at all after a restore until older loans have ended.
    mutating func checkLoans(_ call: LeaseCall, _ change: ControlDisk.Change) {
        for id in change.book.changedLeases {
            guard let entry = change.book.leases[id], let ledger = change.book.accounts[entry.account] else { continue }
            let was = self.control.disk.boots[change.boot].lease(id.number)?.lease.granted ?? .zero
            let told = call.asks.first { $0.lease == id.number }?.granted ?? .zero
            guard entry.lease.granted > max(was, told) else { continue }
            let isWithin = ledger.posted.clampedSum(with: ledger.pending) <= ledger.limit
            let name = self.name(self.control.register.number(of: entry.account))
            if !isWithin { self.found("\(name) is lent beyond its limit: \(ledger)") }
            if !(self.control.isLending(at: self.now)) { self.found("\(name) is lent too soon") }
        }
    }

    /// What waits first is covered whole where it can be, and else not at all. Returns whether something goes on waiting.
    mutating func leavesWaiting(_ call: LeaseCall, _ change: ControlDisk.Change) -> Bool {
        guard let wishes = call.waiting.first else { return false }
        var loans: [Loan] = []
        for wish in wishes { if let loan = self.loan(wish, call, change) { loans.append(loan) } }
        let isCovered = loans.count == wishes.count && loans.allSatisfy { $0.free >= $0.amount }
        let canBe = loans.count == wishes.count && loans.allSatisfy { $0.isOpen && $0.missing <= $0.available }
        if !(isCovered || !canBe) { self.found("what can be covered waits on: \(loans)") }
        // Where little is left, nothing is lent but to what waits.
        let isHalf =
            !isCovered && call.waiting.count == 1 && loans.contains { $0.lent > 0 && $0.available < Self.scarce }
        if isHalf { self.found("an attempt is covered by half: \(loans)") }
        return !isCovered || call.waiting.count > 1
    }

    /// Below this each attempt reserves centrally, since four reservations are more.
    private static let scarce = 4 * Self.amountMin

    /// What an answer does for one wish of an attempt that waits.
    private struct Loan {
        let amount: Int64
        /// What its node can hold after the answer.
        let free: Int64
        let lent: Int64
        /// Before the answer.
        let available: Int64
        let isOpen: Bool

        var missing: Int64 { self.amount - (self.free - self.lent) }
    }

    private func loan(_ wish: LeaseWish, _ call: LeaseCall, _ change: ControlDisk.Change) -> Loan? {
        guard let ask = call.asks.first(where: { $0.lease == wish.lease }),
            let entry = change.book.leases.first(where: { $0.key.number == wish.lease })?.value
        else { return nil }
        let was = self.control.disk.boots[change.boot].lease(wish.lease)?.lease.granted ?? .zero
        let limit = change.book.accounts[entry.account]?.limit ?? .zero
        let ledger = change.book.accounts[entry.account] ?? BudgetLedger(limit: .zero)
        let lent = entry.lease.granted.remainder(after: max(was, ask.granted))
        let known = ledger.posted.clampedSum(with: ledger.pending).remainder(after: lent)
        let spare = entry.lease.granted.remainder(after: lent).remainder(after: entry.lease.returned)
            .remainder(after: max(entry.lease.used, ask.used)).remainder(after: ask.held)
        let isNow = entry.account.window == self.control.register.window(at: self.now)
        return Loan(
            amount: wish.amount.nanoDollars,
            free: spare.clampedSum(with: lent).nanoDollars,
            lent: lent.nanoDollars,
            available: limit.remainder(after: known).nanoDollars,
            isOpen: isNow && entry.lease.isOpen && self.control.isLending(at: self.now)
        )
    }

    mutating func checkAll() {
        for boot in self.control.disk.boots.indices {
            for account in self.control.register.accounts.indices { self.check(boot, account) }
        }
        for account in self.control.register.accounts.indices { self.checkAccount(account) }
    }

    func name(_ account: Int) -> String {
        let account = self.control.register.accounts[account]
        return "\(account.budget)/\(account.window.name)"
    }

    // MARK: - Who is refused

    /// Where nothing goes wrong, nobody is told that there is too little left unless there is.
    mutating func checkBeyond(_ budget: Name<Budget>, _ claims: [Purse.Claim]) {
        guard self.plan.isCalm, self.plan.windowMinutes == nil,
            let claim = claims.first(where: { $0.key.budget == budget })
        else { return }
        let account = Register.role(of: budget)?.rawValue ?? 0
        let ledger = self.control.disk.ledgers[account] ?? BudgetLedger(limit: .zero)
        if ledger.limit.remainder(after: ledger.posted) >= claim.amount {
            self.found("\(self.name(account)): \(claim.amount) was denied as beyond \(ledger)")
        }
    }

    /// Where nothing goes wrong, nobody has waited in vain unless there was less to lend than was needed.
    mutating func checkDenial(at node: Int) {
        guard self.plan.isCalm || self.isCalm else { return }
        let since = self.now - SimulatedNode.patienceMilliseconds - 500
        if self.uncovered[node] < since { self.found("node \(node): what could be covered was denied") }
    }
}
