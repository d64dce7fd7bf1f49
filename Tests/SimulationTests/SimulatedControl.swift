import Domain

/// The control plane: one book and how far each boot's stream was taken in, committed together. What was not committed
/// when it is killed never was.
struct SimulatedControl {
    struct Stored {
        var book = LendingBook()
        var streams: [ID<Boot>: StreamIntake] = [:]
        /// Cost of all events that were taken in, by account.
        var events: [BudgetAccount: Int64] = [:]
    }

    private(set) var stored = Stored()
    var isUp = true
    let terms: [Name<Budget>: LendingBook.Terms]
    /// Milliseconds of one window; nil: one for ever.
    let windowLength: Int64?

    init(_ terms: [Name<Budget>: LendingBook.Terms], windowLength: Int64?) {
        self.terms = terms
        self.windowLength = windowLength
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
    func answer(_ asks: [LeaseAsk], of boot: ID<Boot>, at now: Int64) -> (grants: [LeaseGrant], after: Stored) {
        var after = self.stored
        let window = self.window(at: now)
        let grants = after.book.take(asks, from: boot, at: now) { budget in
            self.terms[budget].map { ($0, window) }
        }
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
            stored.book.post(cost, on: parts.map(\.lease), of: boot)
            for part in parts { stored.events[part.account, default: 0] += cost.nanoDollars }
        case .closed(let machineWentDown): stored.book.close(boot, machineWentDown: machineWentDown)
        }
    }

    mutating func commit(_ after: Stored) { self.stored = after }

    mutating func sweep(at now: Int64) { self.stored.book.sweep(at: now) }
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
