package import Domain
package import Logging
package import Storage
import Synchronization
package import Wire

/// Takes in what nodes counted, exactly once, and adds it up.
package final class Metering: Sendable {
    private let database: Database
    private let prices = PriceBook()
    private let budgets: BudgetBook
    private let timing: Timing
    private let logger: Logger
    private let counts = Mutex(MeteringCounts())

    package init(
        database: Database,
        budgets: BudgetBook = BudgetBook(),
        timing: Timing = .system,
        logger: Logger
    ) {
        self.database = database
        self.budgets = budgets
        self.timing = timing
        self.logger = logger
    }

    /// What this process has taken in, for metrics and alarms.
    package func totals() -> MeteringCounts { self.counts.withLock { $0 } }

    /// Returns once the batch is on the disk. The same batch again changes nothing.
    package func take(_ batch: UsageBatch, from node: ID<Node>) async throws -> UsageReceipt {
        let delivery = UsageDelivery(batch, from: node, received: self.timing.now())
        let events = delivery.records.compactMap { record -> UsageEvent? in
            guard case .event(let event) = record.content else { return nil }
            return event
        }
        try await self.prices.learn(from: events, in: self.database)
        let receipt = try await self.database.write { transaction in
            try transaction.take(delivery, expectedCost: self.prices.expectedCost) { budget in
                try self.budgets.terms(budget, at: delivery.received, in: transaction.reading)
            }
        }
        self.note(receipt, of: delivery)
        return receipt
    }

    private func note(_ receipt: UsageReceipt, of delivery: UsageDelivery) {
        self.counts.withLock { $0.add(receipt, of: delivery) }
        let place: Logger.Metadata = ["node.id": "\(delivery.node)", "boot.id": "\(delivery.boot)"]
        switch receipt {
        case .rewind: break
        case .fenced:
            self.logger.error("two writers of one usage stream: fenced", metadata: place)
        case .taken(_, let intake):
            if intake.unreadable > 0 {
                let more: Logger.Metadata = ["usage.records": "\(intake.unreadable)"]
                self.logger.error("usage that cannot be read is kept aside", metadata: place.merging(more) { $1 })
            }
            if intake.lost > 0 {
                let more: Logger.Metadata = ["usage.records": "\(intake.lost)"]
                self.logger.warning("a node declared usage lost", metadata: place.merging(more) { $1 })
            }
            if intake.costMismatches > 0 {
                let more: Logger.Metadata = ["usage.records": "\(intake.costMismatches)"]
                self.logger.warning("cost is not what the price gives", metadata: place.merging(more) { $1 })
            }
        }
    }
}

package struct MeteringCounts: Hashable, Sendable {
    package private(set) var events: UInt64 = 0
    package private(set) var unreadable: UInt64 = 0
    package private(set) var lost: UInt64 = 0
    package private(set) var costMismatches: UInt64 = 0
    package private(set) var rewinds: UInt64 = 0
    package private(set) var fenced: UInt64 = 0

    package private(set) var duplicates: UInt64 = 0
    /// Of the last batch's oldest event: from its end, by the node's clock, to its arrival here. Nil before the first.
    package private(set) var lagMilliseconds: Int64?

    mutating func add(_ receipt: UsageReceipt, of delivery: UsageDelivery) {
        switch receipt {
        case .rewind: self.rewinds &+= 1
        case .fenced: self.fenced &+= 1
        case .taken(_, let intake):
            self.events &+= UInt64(intake.events)
            self.duplicates &+= UInt64(intake.duplicates)
            if intake.events > 0, let ended = delivery.oldestEnd {
                self.lagMilliseconds = max(0, delivery.received.milliseconds(since: ended))
            }
            self.unreadable &+= UInt64(intake.unreadable)
            self.lost &+= intake.lost
            self.costMismatches &+= UInt64(intake.costMismatches)
        }
    }
}

extension UsageDelivery {
    /// When the first event that this brings had ended.
    fileprivate var oldestEnd: Timestamp? {
        for record in self.records {
            guard case .event(let event) = record.content else { continue }
            return event.admitted.advanced(byMilliseconds: event.latency.total / 1_000)
        }
        return nil
    }

    /// Reads the records and runs the digest along them.
    init(_ batch: UsageBatch, from node: ID<Node>, received: Timestamp) {
        var chain = batch.chain
        var arrivals: [StreamIntake.Arrival] = []
        let records = batch.records.map(\.record)
        for (sent, record) in zip(batch.records, records) {
            chain?.append(sent.bytes)
            let digest = chain?.digest.bytes ?? []
            arrivals.append(StreamIntake.Arrival(record, chain: digest))
        }
        self.init(
            node: node,
            boot: batch.boot,
            records: records,
            arrivals: arrivals,
            chainBefore: batch.chain?.digest.bytes ?? [],
            received: received
        )
    }
}

extension StreamIntake.Arrival {
    fileprivate init(_ record: UsageRecord, chain: [UInt8]) {
        switch record.content {
        case .lost(let range):
            let through = max(record.sequence, range.last)
            self.init(sequence: record.sequence, through: through, isLoss: true, chain: chain)
        case .closed: self.init(sequence: record.sequence, through: record.sequence, isClose: true, chain: chain)
        case .event, .unreadable: self.init(sequence: record.sequence, through: record.sequence, chain: chain)
        }
    }
}
