import Domain

extension Fleet {
    mutating func arrive(at node: Int) {
        guard !self.isCalm else { return }
        // A few nodes have most of the traffic.
        let pace = 6_000 * Int64(min(node, 30) + 1)
        self.agenda.plan(.arrive(node: node), at: self.now + 1 + self.chance.any(below: pace))
        guard self.isAwake(node) else { return }
        let amount = Self.amountMin + self.chance.any(below: Self.amountMax - Self.amountMin)
        let isOfTeam = self.chance.isChosen(400)
        let slabs = isOfTeam && self.chance.isChosen(self.plan.streams) ? 1 + Int(self.chance.any(below: 4)) : 0
        let roles = [Register.Role.all] + (isOfTeam ? [.team] : []) + (self.chance.isChosen(300) ? [.soft] : [])
        // A budget that ends streams holds slab by slab, and every other at once what all slabs may cost.
        let claims = roles.map { role in
            let isInSlabs = slabs > 0 && role == .team
            return Purse.Claim(role.claim, Money(nanoDollars: isInSlabs || slabs == 0 ? amount : amount * Int64(slabs)))
        }
        self.ask(node, claims, .attempt(slab: slabs > 0 ? amount : 0, slabs: max(slabs - 1, 0), claims: claims.count))
    }

    /// Holds what `waiting` needs, or waits for it.
    mutating func ask(_ node: Int, _ claims: [Purse.Claim], _ waiting: Waiting) {
        self.attempts += 1
        let ticket = self.attempts
        switch self.nodes[node].hold(ticket, claims, at: self.now) {
        case .held(let hold): self.held(hold, ticket, waiting, at: node)
        case .beyond(let budget):
            self.checkBeyond(budget, claims)
            self.refuse(waiting, at: node)
        case .short:
            self.waiting[ticket] = waiting
            self.agenda.plan(.press(node: node), at: self.now)
            self.agenda.plan(.serve(node: node), at: self.now + SimulatedNode.patienceMilliseconds + 20)
        }
        if self.nodes[node].purse.isPressing { self.agenda.plan(.press(node: node), at: self.now) }
    }

    mutating func serve(_ node: Int) {
        guard self.isAwake(node) else { return }
        for (ticket, answer) in self.nodes[node].serve(at: self.now) {
            guard let waiting = self.waiting.removeValue(forKey: ticket) else { continue }
            switch answer {
            case .held(let hold): self.held(hold, ticket, waiting, at: node)
            case .beyond: self.refuse(waiting, at: node)
            case .short:
                self.checkDenial(at: node)
                self.refuse(waiting, at: node)
            }
        }
    }

    private mutating func held(_ hold: Purse.Hold, _ ticket: Int, _ waiting: Waiting, at node: Int) {
        switch waiting {
        case .attempt(let slab, let slabs, let claims):
            if hold.parts.count != claims { self.found("an attempt of \(claims) budgets holds \(hold.parts)") }
            self.begin(ticket, hold, on: node, slab, slabs)
        case .slab(let attempt):
            guard self.nodes[node].absorb(hold, into: attempt, at: self.now) else { return self.end(attempt) }
            self.grew(attempt)
        }
    }

    private mutating func refuse(_ waiting: Waiting, at node: Int) {
        self.refused += 1
        if case .slab(let attempt) = waiting { self.end(attempt) }
    }

    private mutating func begin(_ attempt: Int, _ hold: Purse.Hold, on node: Int, _ slab: Int64, _ slabs: Int) {
        self.nodes[node].begin(attempt, hold, at: self.now)
        let boot = self.nodes[node].boot
        let parts = hold.parts.map { (self.control.register.number(of: $0.account), $0.amount.nanoDollars) }
        self.running[attempt] = Running(node: node, boot: boot, parts: parts, slab: slab, slabsLeft: slabs)
        for (account, amount) in parts {
            self.truth[boot, account].running += amount
            self.check(boot, account)
        }
        self.agenda.plan(.end(attempt: attempt), at: self.now + 1 + self.chance.any(below: Self.attemptMax))
        if slabs > 0 { self.planGrowth(of: attempt) }
    }

    private mutating func planGrowth(of attempt: Int) {
        self.agenda.plan(.grow(attempt: attempt), at: self.now + 1 + self.chance.any(below: Self.attemptMax / 4))
    }

    /// A stream needs its next slab.
    mutating func grow(_ attempt: Int) {
        guard let running = self.running[attempt], self.isAlive(running), self.isAwake(running.node) else { return }
        let slab = Money(nanoDollars: running.slab)
        if self.nodes[running.node].extend(attempt, by: slab, of: Register.Role.team.budget, at: self.now) {
            self.grew(attempt)
        } else {
            self.ask(running.node, [Purse.Claim(Register.Role.team.claim, slab)], .slab(of: attempt))
        }
    }

    private mutating func grew(_ attempt: Int) {
        guard var running = self.running[attempt],
            let part = running.parts.firstIndex(where: { Register.role(of: $0.account) == .team })
        else { return }
        running.parts[part].amount += running.slab
        running.slabsLeft -= 1
        self.running[attempt] = running
        self.truth[running.boot, running.parts[part].account].running += running.slab
        self.check(running.boot, running.parts[part].account)
        if running.slabsLeft > 0 { self.planGrowth(of: attempt) }
    }

    /// The provider bills whether or not anybody is left to read its answer.
    mutating func end(_ attempt: Int) {
        guard let running = self.running.removeValue(forKey: attempt) else { return }
        let held = running.parts.map(\.amount).min() ?? 0
        let isUnder = self.chance.isChosen(self.plan.underestimates)
        let cost = isUnder ? held + 1 + self.chance.any(below: held / 2) : self.chance.any(below: held + 1)
        for (account, amount) in running.parts {
            self.truth[running.boot, account].running -= amount
            self.truth[running.boot, account].billed += cost
            self.truth[running.boot, account].excess += max(cost - amount, 0)
        }
        if self.isAlive(running) { self.nodes[running.node].end(attempt, cost: Money(nanoDollars: cost), at: self.now) }
        for (account, _) in running.parts { self.check(running.boot, account) }
    }
}
