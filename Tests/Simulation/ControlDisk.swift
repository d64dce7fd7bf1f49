import Domain

/// What a simulated control plane has on its disk. A message loads what it is about and keeps what it changed, as with a
/// database; a copy of the value is a backup.
struct ControlDisk {
    struct OfBoot {
        struct Lease {
            var entry: LendingBook.Entry
            let account: Int
        }

        /// By number, from 1.
        var leases: [Lease?] = []
        var stream = StreamIntake()
        /// What its events have cost that were taken in, by account.
        var events: [Int64] = []

        func lease(_ number: UInt64) -> LendingBook.Entry? {
            number >= 1 && number <= UInt64(self.leases.count) ? self.leases[Int(number) - 1]?.entry : nil
        }
    }

    /// What one message changes, to be committed whole or not at all.
    struct Change {
        let boot: Int
        var book: LendingBook
        var stream: StreamIntake?
        var events: [(account: Int, cost: Int64)] = []
    }

    /// Sums that the ledgers keep too, by other means.
    struct Sums {
        var pending: Int64 = 0
        var assumed: Int64 = 0
        var events: Int64 = 0
    }

    private(set) var ledgers: [BudgetLedger?] = []
    private(set) var boots: [OfBoot] = []
    private(set) var sums: [Sums] = []

    mutating func reserve(boots: Int, accounts: Int) {
        while self.boots.count < boots { self.boots.append(OfBoot()) }
        while self.sums.count < accounts {
            self.ledgers.append(nil)
            self.sums.append(Sums())
        }
    }

    mutating func load(
        _ accounts: some Sequence<BudgetAccount>,
        _ register: inout Register,
        into book: inout LendingBook
    ) {
        for account in accounts {
            let number = register.number(of: account)
            self.reserve(boots: 0, accounts: register.accounts.count)
            if let ledger = self.ledgers[number] { book.load(ledger, of: account) }
        }
    }

    /// Leases with their accounts.
    func load(
        _ numbers: some Sequence<UInt64>,
        of boot: Int,
        named id: ID<Boot>,
        _ register: inout Register,
        into book: inout LendingBook
    ) {
        for number in numbers {
            guard let entry = self.boots[boot].lease(number) else { continue }
            book.load(entry, as: LeaseID(boot: id, number: number))
            guard book.accounts[entry.account] == nil else { continue }
            if let ledger = self.ledgers[register.number(of: entry.account)] { book.load(ledger, of: entry.account) }
        }
    }

    mutating func keep(_ change: Change, _ register: inout Register) {
        for account in change.book.changedAccounts {
            let number = register.number(of: account)
            self.reserve(boots: 0, accounts: register.accounts.count)
            self.ledgers[number] = change.book.accounts[account]
        }
        for id in change.book.changedLeases {
            if let entry = change.book.leases[id] { self.keep(entry, Int(id.number) - 1, of: change.boot, &register) }
        }
        for (account, cost) in change.events { self.add(cost, to: account, of: change.boot) }
        if let stream = change.stream { self.boots[change.boot].stream = stream }
    }

    private mutating func keep(_ entry: LendingBook.Entry, _ index: Int, of boot: Int, _ register: inout Register) {
        while self.boots[boot].leases.count <= index { self.boots[boot].leases.append(nil) }
        let account = register.number(of: entry.account)
        let before = self.boots[boot].leases[index]?.entry.lease
        self.boots[boot].leases[index] = OfBoot.Lease(entry: entry, account: account)
        self.sums[account].pending += entry.lease.pending.nanoDollars - (before?.pending.nanoDollars ?? 0)
        self.sums[account].assumed += entry.lease.assumed.nanoDollars - (before?.assumed.nanoDollars ?? 0)
    }

    private mutating func add(_ cost: Int64, to account: Int, of boot: Int) {
        while self.boots[boot].events.count <= account { self.boots[boot].events.append(0) }
        self.boots[boot].events[account] += cost
        self.sums[account].events += cost
    }

    func events(of boot: Int, _ account: Int) -> Int64 {
        let events = self.boots[boot].events
        return account < events.count ? events[account] : 0
    }

    /// What it knows that a boot has spent or may spend of an account, and the part that may still be spent.
    func known(of boot: Int, _ account: Int) -> (all: Int64, pending: Int64) {
        guard boot < self.boots.count else { return (0, 0) }
        var (pending, assumed): (Int64, Int64) = (0, 0)
        for case let lease? in self.boots[boot].leases where lease.account == account {
            pending += lease.entry.lease.pending.nanoDollars
            assumed += lease.entry.lease.assumed.nanoDollars
        }
        return (self.events(of: boot, account) + pending + assumed, pending)
    }
}
