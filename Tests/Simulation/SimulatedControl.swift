import Domain

/// The control plane: its disk, and what it only remembers. What was not committed when it is killed never was.
struct SimulatedControl {
    enum UsageReply {
        case acknowledged(through: UInt64)
        case rewind(expected: UInt64)
        case fence
    }

    private(set) var disk = ControlDisk()
    private var activity = LendingActivity()
    private(set) var isUp = true
    /// Raised by each restore.
    private(set) var epoch = 0
    /// Older loans may still be spent until then.
    private var quarantinedUntil: Int64 = 0
    /// What each budget may spend in a window, in the order of `Register.Role`.
    var limits: [Int64]
    let orphanMilliseconds: Int64
    var register: Register
    private var boots: [ID<Boot>] = []
    private var numbers: [ID<Boot>: Int] = [:]

    init(limits: [Int64], windowLength: Int64?, orphanMilliseconds: Int64) {
        self.limits = limits
        self.orphanMilliseconds = orphanMilliseconds
        self.register = Register(windowLength: windowLength)
    }

    /// A boot that nobody has been before.
    mutating func newBoot() -> Int {
        guard let id = ID<Boot>("b\(self.boots.count)") else { preconditionFailure("a boot's id") }
        self.numbers[id] = self.boots.count
        self.boots.append(id)
        self.disk.reserve(boots: self.boots.count, accounts: self.register.accounts.count)
        return self.boots.count - 1
    }

    func isLending(at now: Int64) -> Bool { now >= self.quarantinedUntil }

    /// What it could lend of a budget now.
    mutating func left(of role: Register.Role, at now: Int64) -> Money {
        let account = BudgetAccount(budget: role.budget, window: self.register.window(at: now))
        var book = LendingBook()
        self.disk.load(CollectionOfOne(account), &self.register, into: &book)
        var ledger = book.accounts[account] ?? BudgetLedger(limit: .zero)
        ledger.limit = Money(nanoDollars: self.limits[role.rawValue])
        return ledger.available
    }

    // MARK: - Starts and ends

    mutating func die() {
        self.isUp = false
        self.activity = LendingActivity()
    }

    mutating func start(at now: Int64) {
        guard !self.isUp else { return }
        self.isUp = true
        for (boot, ofBoot) in self.disk.boots.enumerated() {
            for (index, lease) in ofBoot.leases.enumerated() {
                guard let entry = lease?.entry, entry.lease.isOpen else { continue }
                let id = LeaseID(boot: self.boots[boot], number: UInt64(index) + 1)
                self.activity.remember(id, of: entry.account, at: now)
            }
        }
    }

    /// It goes on with what it had on its disk some time ago.
    mutating func restore(_ backup: ControlDisk, at now: Int64) {
        self.die()
        self.disk = backup
        self.disk.reserve(boots: self.boots.count, accounts: self.register.accounts.count)
        self.epoch += 1
        self.quarantinedUntil = now + LendingBook.validMilliseconds
        self.start(at: now)
    }

    // MARK: - Messages

    /// What it would answer, and what it would then have on its disk; nothing is committed.
    mutating func answer(
        _ call: LeaseCall,
        of boot: Int,
        at now: Int64
    ) -> (grants: [LeaseGrant], change: ControlDisk.Change) {
        var book = LendingBook()
        guard !self.disk.boots[boot].stream.isClosed else { return ([], ControlDisk.Change(boot: boot, book: book)) }
        let window = self.register.window(at: now)
        self.disk.load(call.asks.map(\.lease), of: boot, named: self.boots[boot], &self.register, into: &book)
        for ask in call.asks {
            for account in ask.accounts(now: window) where book.accounts[account] == nil {
                self.disk.load(CollectionOfOne(account), &self.register, into: &book)
            }
        }
        let limits = self.limits
        let grants = book.answer(
            call,
            from: self.boots[boot],
            at: now,
            isLending: self.isLending(at: now),
            &self.activity
        ) { budget in
            guard let role = Register.role(of: budget) else { return nil }
            let limit = Money(nanoDollars: limits[role.rawValue])
            return LendingTerms(limit: limit, isHard: role.isHard, window: window)
        }
        return (grants, ControlDisk.Change(boot: boot, book: book))
    }

    mutating func answer(_ batch: UsageBatch) -> (reply: UsageReply, change: ControlDisk.Change) {
        var change = ControlDisk.Change(boot: batch.boot, book: LendingBook())
        var stream = self.disk.boots[batch.boot].stream
        switch stream.offer(batch.arrivals, chainBefore: batch.chainBefore) {
        case .rewind(let expected): return (.rewind(expected: expected), change)
        case .fence: return (.fence, change)
        case .take(let first):
            for record in batch.records[first...] { self.take(record, into: &change) }
            change.stream = stream
            return (.acknowledged(through: stream.watermark), change)
        }
    }

    private mutating func take(_ record: UsageBatch.Record, into change: inout ControlDisk.Change) {
        let boot = self.boots[change.boot]
        switch record.content {
        case .event(let cost, let parts):
            let numbers = parts.map(\.lease).filter { change.book.leases[LeaseID(boot: boot, number: $0)] == nil }
            self.disk.load(numbers, of: change.boot, named: boot, &self.register, into: &change.book)
            for part in parts {
                let number = self.register.number(of: part.account)
                if change.book.accounts[part.account] == nil {
                    self.disk.load(CollectionOfOne(part.account), &self.register, into: &change.book)
                }
                let limit = Money(nanoDollars: self.limits[Register.role(of: number).rawValue])
                let id = LeaseID(boot: boot, number: part.lease)
                change.book.post(cost, on: id, of: part.account, limit: limit)
                change.events.append((number, cost.nanoDollars))
            }
        case .closed(let machineWentDown):
            let numbers = (1...UInt64(self.disk.boots[change.boot].leases.count + 1)).filter {
                change.book.leases[LeaseID(boot: boot, number: $0)] == nil
            }
            self.disk.load(numbers, of: change.boot, named: boot, &self.register, into: &change.book)
            change.book.end(change.book.leases.keys) { machineWentDown ? Self.lost($0) : .known }
        }
    }

    private static func lost(_ entry: LendingBook.Entry) -> LentLease.End {
        Register.role(of: entry.account.budget)?.isHard == false ? .released : .assumedSpent
    }

    mutating func commit(_ change: ControlDisk.Change) { self.disk.keep(change, &self.register) }

    /// Leases of which nobody was heard for too long, by boot.
    mutating func silent(at now: Int64) -> [(boot: Int, leases: [UInt64])] {
        let silent = self.activity.silent(forMilliseconds: self.orphanMilliseconds, at: now)
        guard !silent.isEmpty else { return [] }
        for (id, account) in silent { self.activity.forget(id, of: account) }
        let ofBoots = Dictionary(grouping: silent.map(\.id)) { self.numbers[$0.boot] ?? 0 }
        return ofBoots.sorted { $0.key < $1.key }.map { boot, ids in
            let open = ids.map(\.number).filter { self.disk.boots[boot].lease($0)?.lease.isOpen == true }
            return (boot, open.sorted())
        }
    }

    mutating func giveUp(_ leases: [UInt64], of boot: Int) -> ControlDisk.Change {
        var book = LendingBook()
        self.disk.load(leases, of: boot, named: self.boots[boot], &self.register, into: &book)
        book.end(leases.map { LeaseID(boot: self.boots[boot], number: $0) }, Self.lost)
        return ControlDisk.Change(boot: boot, book: book)
    }
}
