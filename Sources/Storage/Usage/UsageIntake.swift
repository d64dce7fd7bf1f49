package import Domain
import FoundationEssentials
import GRDB

extension Transaction {
    /// Takes in a batch once: drops what is at or below the watermark, keeps the events, adds them to the minutes,
    /// moves the watermark. All of it, or none.
    ///
    /// Whose stream a boot's is, is not for the bringer to say: a node that enrols anew has the spool of before, and
    /// under its new id every event would be another one. See `Reading.usageOwner`.
    ///
    /// The same transaction posts what events cost to the accounts of the budgets that paid for it, and ends the leases of
    /// a boot that is over.
    ///
    /// `expectedCost` says what an event's named price gives for its tokens; nil where that cannot be said. `terms` says
    /// what a budget is; nil where there is none of that name any more.
    package func take(
        _ brought: UsageDelivery,
        expectedCost: (UsageEvent) -> Money?,
        terms: (Name<Budget>) throws -> LendingTerms? = { _ in nil }
    ) throws -> UsageReceipt {
        let delivery = brought.of(try self.reading.usageOwner(of: brought.boot, broughtBy: brought.node))
        var stream = try self.reading.usageStream(delivery.node, delivery.boot) ?? StreamIntake()
        let expected = stream.watermark + 1
        let isOwn = delivery.node == brought.node
        switch stream.offer(delivery.arrivals, chainBefore: delivery.chainBefore, isOwn: isOwn) {
        case .rewind(let expected):
            return .rewind(expected: expected)
        case .fence:
            // What another node says fences itself alone.
            if isOwn { try self.keep(stream, of: delivery) }
            return .fenced(expected: expected)
        case .take(let first):
            var intake = try self.takeRecords(delivery, from: first, expectedCost: expectedCost)
            intake.duplicates = first
            try self.settleAccounts(delivery, from: first, terms: terms)
            if first < delivery.records.count { try self.keep(stream, of: delivery) }
            return .taken(through: stream.watermark, intake)
        }
    }

    private func takeRecords(
        _ delivery: UsageDelivery,
        from first: Int,
        expectedCost: (UsageEvent) -> Money?
    ) throws -> UsageReceipt.Intake {
        var intake = UsageReceipt.Intake()
        var minutes: [UsageMinute: UsageTotals] = [:]
        var texts = MetadataTexts()
        for record in delivery.records[first...] {
            switch record.content {
            case .event(let event):
                let expected = expectedCost(event)
                let isMismatch = expected.map { $0 != event.cost } ?? false
                try self.insert(event, record.sequence, delivery, expected: isMismatch ? expected : nil, &texts)
                minutes[UsageMinute(of: event), default: UsageTotals()].add(event, mismatched: isMismatch)
                intake.events += 1
                if isMismatch { intake.costMismatches += 1 }
            case .closed(let end):
                for range in end.lost { intake.lost += try self.keep(range, delivery) }
                intake.isClosed = true
            case .lost(let range):
                intake.lost += try self.keep(range, delivery)
            case .unreadable(let bytes):
                try self.keepUnreadable(bytes, record.sequence, delivery)
                intake.unreadable += 1
            }
        }
        for (minute, totals) in minutes { try self.add(totals, to: .minutes, at: minute.minute, minute.dimensions) }
        try self.boundValues(of: minutes)
        return intake
    }

    private func settleAccounts(
        _ delivery: UsageDelivery,
        from first: Int,
        terms: (Name<Budget>) throws -> LendingTerms?
    ) throws {
        var postings: [(posting: LeasePosting, cost: Money, admitted: Timestamp)] = []
        var isClosed = false
        var isAllKnown = true
        for record in delivery.records[first...] {
            switch record.content {
            case .event(let event): postings += event.postings.map { ($0, event.cost, event.admitted) }
            case .closed(let end):
                isClosed = true
                isAllKnown = isAllKnown && !end.machineWentDown
            case .lost, .unreadable: continue
            }
        }
        try self.post(postings, of: delivery, terms: terms)
        guard isClosed else { return }
        isAllKnown = try isAllKnown && !self.reading.hasGaps(delivery.boot)
        try self.endLeases(of: delivery, isAllKnown: isAllKnown, terms: terms)
    }

    private func keep(_ stream: StreamIntake, of delivery: UsageDelivery) throws {
        let wentDown = delivery.records.contains { record in
            guard case .closed(let end) = record.content else { return false }
            return end.machineWentDown
        }
        try self.db.execute(
            sql: """
                INSERT INTO usageStream
                    (node, boot, watermark, chain, isClosed, isFenced, machineWentDown, first, last)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                ON CONFLICT (node, boot) DO UPDATE SET watermark = ?3, chain = ?4, isClosed = ?5, isFenced = ?6,
                    machineWentDown = max(machineWentDown, ?7), last = max(last, ?8)
                """,
            arguments: [
                delivery.node.text, delivery.boot.text, Int64(clamping: stream.watermark), Data(stream.chain),
                stream.isClosed, stream.isFenced, wentDown, delivery.received.column,
            ]
        )
    }

    private func keep(_ range: LostRange, _ delivery: UsageDelivery) throws -> UInt64 {
        try self.db.execute(
            sql: """
                INSERT INTO usageLost (node, boot, first, last, received) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (node, boot, first) DO UPDATE SET last = max(last, excluded.last)
                """,
            arguments: [
                delivery.node.text, delivery.boot.text, Int64(clamping: range.first), Int64(clamping: range.last),
                delivery.received.column,
            ]
        )
        let (count, overflow) = (range.last - range.first).addingReportingOverflow(1)
        return overflow ? .max : count
    }

    private func keepUnreadable(_ bytes: [UInt8], _ sequence: UInt64, _ delivery: UsageDelivery) throws {
        try self.db.execute(
            sql: "INSERT INTO usageUnreadable (node, boot, seq, bytes, received) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                delivery.node.text, delivery.boot.text, Int64(clamping: sequence), Data(bytes),
                delivery.received.column,
            ]
        )
    }

    private func insert(
        _ event: UsageEvent,
        _ sequence: UInt64,
        _ delivery: UsageDelivery,
        expected: Money?,
        _ texts: inout MetadataTexts
    ) throws {
        let row = UsageEventRow(event, sequence, delivery, expected: expected, metadata: try texts.text(of: event))
        try self.db.cachedStatement(sql: UsageEventRow.insertion).execute(arguments: StatementArguments(row.columns))
    }
}

/// One minute of the clock and one tuple of dimensions. An event belongs to the minute of its admission.
struct UsageMinute: Hashable {
    static let milliseconds: Int64 = 60_000

    let minute: Int64
    var dimensions: UsageDimensions

    init(of event: UsageEvent) {
        self.minute = event.admitted.unixMilliseconds.flooredQuotient(by: Self.milliseconds)
        self.dimensions = UsageDimensions(of: event)
    }

    var day: Int64 { self.minute.flooredQuotient(by: 1_440) }
}

extension Int64 {
    func flooredQuotient(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}

extension Reading {
    /// Whether some of a boot's records were lost, or could not be read: what they cost is not known.
    func hasGaps(_ boot: ID<Boot>) throws -> Bool {
        try Bool.fetchOne(
            self.db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM usageLost WHERE boot = ?1)
                    OR EXISTS (SELECT 1 FROM usageUnreadable WHERE boot = ?1)
                """,
            arguments: [boot.text]
        ) ?? false
    }

    /// Whose stream a boot's is. A node that already has this boot's stream keeps it (two may, from before this rule);
    /// else it is the stream of whoever brought most.
    func usageOwner(of boot: ID<Boot>, broughtBy node: ID<Node>) throws -> ID<Node> {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT node FROM usageStream WHERE boot = ?1 ORDER BY node = ?2 DESC, watermark DESC LIMIT 1",
            arguments: [boot.text, node.text]
        )
        return try row?.id("node") ?? node
    }

    /// How far a boot's stream was taken in; nil if nothing of it came yet.
    package func usageStream(_ node: ID<Node>, _ boot: ID<Boot>) throws -> StreamIntake? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM usageStream WHERE node = ? AND boot = ?",
            arguments: [node.text, boot.text]
        )
        return row.map {
            StreamIntake(
                watermark: UInt64(clamping: $0["watermark"] as Int64),
                chain: Array($0["chain"] as Data),
                isClosed: $0["isClosed"],
                isFenced: $0["isFenced"]
            )
        }
    }
}
