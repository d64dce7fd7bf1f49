import Domain
import TestSupport
import Testing
import Wire

@testable import DataPlane

@Suite struct `Slots of attempts in flight` {
    private func table(_ folder: TemporaryFolder, slots: Int = 2) throws -> SlotTable {
        let path = folder.path + "/slots"
        let byteCount = slots * SlotTable.slotByteCount
        try PosixDisk().create(path, byteCount: byteCount)
        return SlotTable(try PosixDisk().map(path, byteCount: byteCount))
    }

    private func bytes(_ folder: TemporaryFolder) throws -> [UInt8] {
        try PosixDisk().read(folder.path + "/slots", at: 0, atMost: 1 << 20)
    }

    @Test func `an event is read back as it was, whatever is absent`() throws {
        let denied = UsageEvent.Target(route: nil)
        let full = try UsageEvent.fixture(metadata: ["a": "ä\0\u{1F600}", "": ""])
        for event in [full, try .fixture(outcome: .lost, user: ""), full.with(denied)] {
            let folder = try TemporaryFolder()
            var table = try self.table(folder)
            let slotGiven = table.begin(UsageCodec.encode(event))
            let slot = try #require(slotGiven)
            let begun = SlotTable.pending(in: try self.bytes(folder))
            #expect(begun.attempts == [PendingAttempt(event: event, hasEnded: false)])
            table.release(slot)
            #expect(SlotTable.pending(in: try self.bytes(folder)).attempts.isEmpty)
        }
    }

    @Test func `the end replaces the beginning, and only its own`() throws {
        let folder = try TemporaryFolder()
        var table = try self.table(folder, slots: 1)
        let slotGiven = table.begin(UsageCodec.encode(try .fixture(1, outcome: .lost)))
        let slot = try #require(slotGiven)
        let ended = try UsageEvent.fixture(1, output: 99)
        let hasEnded = table.end(slot, UsageCodec.encode(ended))
        #expect(hasEnded)
        #expect(table.pending() == [PendingAttempt(event: ended, hasEnded: true)])
        table.release(slot)
        // The old end is still there, under the new beginning.
        let next = try UsageEvent.fixture(2, outcome: .lost)
        let again = table.begin(UsageCodec.encode(next))
        #expect(again == slot)
        #expect(table.pending() == [PendingAttempt(event: next, hasEnded: false)])
    }

    @Test func `a slot torn at any byte is whole or not there, and the beginning outlives a torn end`() throws {
        let folder = try TemporaryFolder()
        var table = try self.table(folder, slots: 1)
        let blank = try self.bytes(folder)
        let lost = try UsageEvent.fixture(1, outcome: .lost)
        let ended = try UsageEvent.fixture(1)
        let slotGiven = table.begin(UsageCodec.encode(lost))
        let slot = try #require(slotGiven)
        let begun = try self.bytes(folder)
        let hasEnded = table.end(slot, UsageCodec.encode(ended))
        #expect(hasEnded)
        let whole = try self.bytes(folder)
        for cut in 0...blank.count {
            let beginning = SlotTable.pending(in: Array(begun[..<cut] + blank[cut...])).attempts
            #expect(beginning.isEmpty || beginning == [PendingAttempt(event: lost, hasEnded: false)])
            let end = SlotTable.pending(in: Array(whole[..<cut] + begun[cut...])).attempts
            let isWhole = end == [PendingAttempt(event: ended, hasEnded: true)]
            #expect(isWhole || end == [PendingAttempt(event: lost, hasEnded: false)])
            // Stores may reach the file in any order: the other way round, the beginning is also there.
            let backwards = SlotTable.pending(in: Array(begun[..<cut] + whole[cut...])).attempts
            #expect(backwards.map(\.event.exchange) == [lost.exchange])
        }
    }

    @Test func `a flipped bit in a beginning voids it`() throws {
        let folder = try TemporaryFolder()
        var table = try self.table(folder, slots: 1)
        let event = try UsageEvent.fixture()
        let slot = table.begin(UsageCodec.encode(event))
        #expect(slot != nil)
        let whole = try self.bytes(folder)
        var random = SeededGenerator.printed()
        for _ in 0..<2_000 {
            var flipped = whole
            let position = Int.random(in: 0..<SlotTable.halfByteCount, using: &random)
            flipped[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let found = SlotTable.pending(in: flipped).attempts
            #expect(found.isEmpty || found == [PendingAttempt(event: event, hasEnded: false)])
        }
    }

    @Test func `no free slot is said, and a freed one is used again`() throws {
        let folder = try TemporaryFolder()
        var table = try self.table(folder, slots: 2)
        let firstGiven = table.begin(UsageCodec.encode(try .fixture(1)))
        let first = try #require(firstGiven)
        let secondGiven = table.begin(UsageCodec.encode(try .fixture(2)))
        let second = try #require(secondGiven)
        #expect(first != second)
        let third = table.begin(UsageCodec.encode(try .fixture(3)))
        #expect(third == nil)
        table.release(first)
        let again = table.begin(UsageCodec.encode(try .fixture(3)))
        #expect(again == first)
    }

    @Test func `what is too long for a half is not begun, and does not touch the beginning as an end`() throws {
        let folder = try TemporaryFolder()
        var table = try self.table(folder, slots: 1)
        let long = UsageCodec.encode(try .fixture(1, user: String(repeating: "u", count: 2_024)))
        let refused = table.begin(long)
        #expect(refused == nil)
        let event = try UsageEvent.fixture(1, outcome: .lost)
        let slotGiven = table.begin(UsageCodec.encode(event))
        let slot = try #require(slotGiven)
        let hasEnded = table.end(slot, long)
        #expect(!hasEnded)
        #expect(table.pending() == [PendingAttempt(event: event, hasEnded: false)])
    }

    @Test func `an event that is too long keeps all but the caller's own words in its slot, and all in the list`()
        throws
    {
        let folder = try TemporaryFolder()
        try PosixDisk().create(folder.path + "/slots", byteCount: SlotTable.slotByteCount)
        let memory = try PosixDisk().map(folder.path + "/slots", byteCount: SlotTable.slotByteCount)
        let ledger = AttemptLedger(memory)
        let long = try UsageEvent.fixture(1, user: String(repeating: "u", count: 2_024))
        let slot = try #require(ledger.begin(long))
        ledger.end(slot, long)
        #expect(ledger.pending().map(\.event) == [long.withoutCallersWords])
        #expect(ledger.takeEnded().map(\.content) == [UsageCodec.encode(long)])
    }

    /// Otherwise whoever writes much about itself would have what it spent forgotten by a crash.
    @Test func `what paid for an attempt stays, whatever its caller wrote, and as much as there may be of it fits`()
        throws
    {
        let folder = try TemporaryFolder()
        try PosixDisk().create(folder.path + "/slots", byteCount: SlotTable.slotByteCount)
        let ledger = AttemptLedger(
            try PosixDisk().map(folder.path + "/slots", byteCount: SlotTable.slotByteCount)
        )
        let postings = try (0..<8).map { number in
            LeasePosting(
                budget: try #require(Name("\(number)" + String(repeating: "b", count: 60))),
                unit: String(repeating: "u", count: 19),
                window: "month/2026-11",
                lease: .max >> 1
            )
        }
        let event = try UsageEvent.fixture(1, user: String(repeating: "u", count: 2_024)).paid(by: postings)
        _ = try #require(ledger.begin(event))
        #expect(ledger.pending().map(\.event.postings) == [postings])
    }
}

extension UsageEvent {
    fileprivate func with(_ target: Target) -> UsageEvent {
        UsageEvent(
            exchange: self.exchange,
            attempt: 0,
            isLast: false,
            admitted: self.admitted,
            caller: self.caller,
            target: target,
            snapshot: self.snapshot,
            tokens: .unknown,
            tokenSource: .unknown,
            cost: .zero,
            latency: self.latency,
            outcome: .denied,
            code: .modelNotAllowed,
            upstreamStatus: nil,
            isStream: false,
            isUnconfirmed: false
        )
    }

    fileprivate func paid(by postings: [LeasePosting]) -> UsageEvent {
        UsageEvent(
            exchange: self.exchange,
            attempt: self.attempt,
            isLast: self.isLast,
            admitted: self.admitted,
            caller: self.caller,
            target: self.target,
            snapshot: self.snapshot,
            tokens: self.tokens,
            tokenSource: self.tokenSource,
            cost: self.cost,
            latency: self.latency,
            outcome: self.outcome,
            code: self.code,
            upstreamStatus: self.upstreamStatus,
            isStream: self.isStream,
            isUnconfirmed: self.isUnconfirmed,
            postings: postings
        )
    }
}
