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
        if self.recalled(call, change).isEmpty { self.checkSums(change) }
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

    /// A word of a node never raises what is posted and pending beyond the limit.
    private mutating func checkSums(_ change: ControlDisk.Change) {
        for account in change.book.changedAccounts {
            let number = self.control.register.number(of: account)
            guard let after = change.book.accounts[account], let before = self.control.disk.ledgers[number] else {
                continue
            }
            let (was, known) = (
                before.posted.clampedSum(with: before.pending), after.posted.clampedSum(with: after.pending)
            )
            if known > after.limit, known > was { self.found("\(self.name(number)): \(before) became \(after)") }
        }
    }

    /// What was forgotten in a restore and a node says again.
    mutating func recalled(_ call: LeaseCall, _ change: ControlDisk.Change) -> [(account: Int, amount: Int64)] {
        call.asks.compactMap { ask in
            let was = self.control.disk.boots[change.boot].lease(ask.lease)?.lease.granted ?? .zero
            guard ask.granted > was,
                let entry = change.book.leases.first(where: { $0.key.number == ask.lease })?.value
            else { return nil }
            let account = self.control.register.number(of: entry.account)
            guard entry.lease.isOpen || Register.isHard(entry.account) else {
                // Of a soft budget what is named too late is lent again at once, with what was known of it.
                let rest = self.control.disk.boots[change.boot].lease(ask.lease)?.lease.pending ?? .zero
                return (account, -rest.nanoDollars)
            }
            let amount = min(ask.granted, entry.lease.granted).remainder(after: was)
            return (account, amount.nanoDollars)
        }
    }

    /// What waits first is covered whole where it can be, and else not at all. Returns whether something goes on waiting.
    mutating func leavesWaiting(_ call: LeaseCall, _ change: ControlDisk.Change) -> Bool {
        guard let wishes = call.waiting.first else { return false }
        var loans: [Loan] = []
        for wish in wishes { if let loan = self.loan(wish, call, change) { loans.append(loan) } }
        let isCovered = loans.count == wishes.count && loans.allSatisfy { $0.free >= $0.amount }
        let canBe = loans.count == wishes.count && loans.allSatisfy { $0.isOpen && $0.canBeLent }
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
        /// What its node can hold after the answer; below zero where attempts have cost more than they held.
        let free: Int64
        let lent: Int64
        /// Before the answer.
        let available: Int64
        /// By how much more would be pending if all that is missing were lent.
        let growth: Int64
        let isOpen: Bool

        var canBeLent: Bool {
            self.free - self.lent >= self.amount || self.available > 0 && self.growth <= self.available
        }
    }

    private func loan(_ wish: LeaseWish, _ call: LeaseCall, _ change: ControlDisk.Change) -> Loan? {
        guard let ask = call.asks.first(where: { $0.lease == wish.lease }),
            let entry = change.book.leases.first(where: { $0.key.number == wish.lease })?.value,
            let ledger = change.book.accounts[entry.account]
        else { return nil }
        let lease = entry.lease
        let was = self.control.disk.boots[change.boot].lease(wish.lease)?.lease.granted ?? .zero
        let lent = lease.granted.remainder(after: max(was, ask.granted)).nanoDollars
        let gone = lease.returned.nanoDollars + max(lease.used, ask.used).nanoDollars + ask.held.nanoDollars
        let free = lease.granted.nanoDollars - gone
        // Signed: what was posted beyond what was granted is made up for first.
        let unposted = lease.granted.nanoDollars - lent - lease.returned.nanoDollars - lease.posted.nanoDollars
        let known = ledger.posted.nanoDollars + ledger.pending.nanoDollars - lease.pending.nanoDollars
        let missing = max(wish.amount.nanoDollars - (free - lent), 0)
        let isFresh = ask.used >= lease.used && ask.returned >= lease.returned
        let isNow = entry.account.window == self.control.register.window(at: self.now)
        return Loan(
            amount: wish.amount.nanoDollars,
            free: free,
            lent: lent,
            available: ledger.limit.nanoDollars - known - max(unposted, 0),
            growth: max(unposted + missing, 0) - max(unposted, 0),
            isOpen: isNow && isFresh && lease.isOpen && self.control.isLending(at: self.now)
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

    /// So long after all faults everybody is served again: a node whose clock was wrong asks again within a minute.
    private static let settlingMilliseconds: Int64 = 60_000

    /// Where nothing goes wrong, nobody has waited in vain unless there was less to lend than was needed.
    mutating func checkDenial(at node: Int) {
        let since = self.now - SimulatedNode.patienceMilliseconds - 500
        guard self.plan.isCalm || self.calmSince.map({ $0 + Self.settlingMilliseconds < since }) ?? false else {
            return
        }
        if self.uncovered[node] < since { self.found("node \(node): what could be covered was denied") }
    }
}
