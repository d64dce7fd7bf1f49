import Domain

/// The control plane: what it has on its disk, committed together, and what it only remembers. What was not committed when it
/// is killed never was.
struct SimulatedControl {
    struct Terms {
        let limit: Money
        let isHard: Bool
    }

    /// As a database has it: of each message, only what it is about is loaded and kept.
    struct Stored {
        private(set) var accounts: [BudgetAccount: BudgetLedger] = [:]
        private(set) var leases: [LeaseID: LendingBook.Entry] = [:]
        private(set) var leasesOfBoot: [ID<Boot>: [LeaseID]] = [:]
        private(set) var leasesOfAccount: [BudgetAccount: [LeaseID]] = [:]
        /// Boots whose streams are closed: nothing is lent to them, however late they ask.
        var closed: Set<ID<Boot>> = []
        var streams: [ID<Boot>: StreamIntake] = [:]
        /// Cost of all events that were taken in, by account.
        var events: [BudgetAccount: Int64] = [:]

        func book(of leases: some Sequence<LeaseID>, and accounts: some Sequence<BudgetAccount> = []) -> LendingBook {
            var book = LendingBook()
            for id in leases {
                guard let entry = self.leases[id] else { continue }
                book.load(entry, as: id)
                if let ledger = self.accounts[entry.account] { book.load(ledger, of: entry.account) }
            }
            for account in accounts { if let ledger = self.accounts[account] { book.load(ledger, of: account) } }
            return book
        }

        mutating func keep(_ book: LendingBook) {
            for account in book.changedAccounts { self.accounts[account] = book.accounts[account] }
            for id in book.changedLeases {
                if self.leases[id] == nil, let account = book.leases[id]?.account {
                    self.leasesOfBoot[id.boot, default: []].append(id)
                    self.leasesOfAccount[account, default: []].append(id)
                }
                self.leases[id] = book.leases[id]
            }
        }
    }

    private(set) var stored = Stored()
    private var activity = LendingActivity()
    private(set) var isUp = true
    let terms: [Name<Budget>: Terms]
    /// Milliseconds of one window; nil: one for ever.
    let windowLength: Int64?
    let orphanMilliseconds: Int64

    init(_ terms: [Name<Budget>: Terms], windowLength: Int64?, orphanMilliseconds: Int64) {
        self.terms = terms
        self.windowLength = windowLength
        self.orphanMilliseconds = orphanMilliseconds
    }

    mutating func die() {
        self.isUp = false
        self.activity = LendingActivity()
    }

    mutating func start(at now: Int64) {
        self.isUp = true
        for (id, entry) in self.stored.leases where entry.lease.isOpen {
            self.activity.remember(id, of: entry.account, at: now)
        }
    }

    func window(at now: Int64) -> BudgetWindow {
        guard let length = self.windowLength else {
            return BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil)
        }
        let start = now / length * length
        return BudgetWindow(
            name: "w/\(start)",
            start: Timestamp(unixMilliseconds: start),
            end: Timestamp(unixMilliseconds: start + length)
        )
    }

    /// What it would answer, and what it would then hold; nothing is committed.
    mutating func answer(
        _ call: LeaseCall,
        of boot: ID<Boot>,
        at now: Int64
    ) -> (grants: [LeaseGrant], after: Stored) {
        guard !self.stored.closed.contains(boot) else { return ([], self.stored) }
        let window = self.window(at: now)
        let accounts = call.asks.map { BudgetAccount(budget: $0.budget, unit: $0.unit, window: window) }
        var book = self.stored.book(of: self.stored.leasesOfBoot[boot] ?? [], and: accounts)
        let grants = book.answer(call, from: boot, at: now, &self.activity) { budget in
            self.terms[budget].map { LendingTerms(limit: $0.limit, isHard: $0.isHard, window: window) }
        }
        var after = self.stored
        after.keep(book)
        return (grants, after)
    }

    func answer(_ batch: UsageBatch) -> (through: UInt64?, after: Stored) {
        var after = self.stored
        var stream = after.streams[batch.boot] ?? StreamIntake()
        let arrivals = batch.records.map {
            StreamIntake.Arrival(
                sequence: $0.number,
                through: $0.number,
                isClose: $0.isClose,
                chain: UsageBatch.chain(batch.boot, through: $0.number)
            )
        }
        let before = UsageBatch.chain(batch.boot, through: (batch.records.first?.number ?? 1) - 1)
        switch stream.offer(arrivals, chainBefore: before) {
        case .rewind(let expected): return (expected - 1, after)
        case .fence: return (nil, after)
        case .take(let first):
            for record in batch.records[first...] { self.take(record, of: batch.boot, into: &after) }
            after.streams[batch.boot] = stream
            return (stream.watermark, after)
        }
    }

    private func take(_ record: UsageBatch.Record, of boot: ID<Boot>, into stored: inout Stored) {
        switch record.content {
        case .event(let cost, let parts):
            let ids = parts.map { LeaseID(boot: boot, number: $0.lease) }
            var book = stored.book(of: ids, and: parts.map(\.account))
            for (id, part) in zip(ids, parts) {
                book.post(cost, on: id, of: part.account)
                stored.events[part.account, default: 0] += cost.nanoDollars
            }
            stored.keep(book)
        case .closed(let machineWentDown):
            stored.closed.insert(boot)
            self.end(stored.leasesOfBoot[boot] ?? [], in: &stored) { machineWentDown ? self.lost($0) : .known }
        }
    }

    private func end(_ ids: [LeaseID], in stored: inout Stored, _ end: (LendingBook.Entry) -> LentLease.End) {
        var book = stored.book(of: ids)
        book.end(ids, end)
        stored.keep(book)
    }

    private func lost(_ entry: LendingBook.Entry) -> LentLease.End {
        self.terms[entry.account.budget]?.isHard == false ? .released : .assumedSpent
    }

    mutating func commit(_ after: Stored) { self.stored = after }

    mutating func sweep(at now: Int64) {
        let silent = self.activity.silent(forMilliseconds: self.orphanMilliseconds, at: now)
        let open = silent.map(\.id).filter { self.stored.leases[$0]?.lease.isOpen == true }
        self.end(open, in: &self.stored, self.lost)
        for (id, account) in silent { self.activity.forget(id, of: account) }
    }
}

/// A part of a boot's stream on its way.
struct UsageBatch {
    struct Record {
        enum Content {
            case event(Money, [Purse.Hold.Part])
            case closed(machineWentDown: Bool)
        }

        let number: UInt64
        let content: Content

        var isClose: Bool {
            guard case .closed = self.content else { return false }
            return true
        }
    }

    let boot: ID<Boot>
    let records: [Record]

    /// Stands for a running digest: what matters is that it is the same where the history is.
    static func chain(_ boot: ID<Boot>, through number: UInt64) -> [UInt8] {
        guard number > 0 else { return Array(repeating: 0, count: Digest.byteCount) }
        let hash = StickyHash("\(boot)\(number)").value
        return (0..<Digest.byteCount).map { UInt8(truncatingIfNeeded: hash >> (8 * ($0 % 8))) }
    }
}
