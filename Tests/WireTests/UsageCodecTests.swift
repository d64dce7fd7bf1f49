import Domain
import Schemas
import SwiftProtobuf
import TestSupport
import Testing
import Wire

struct UsageCodecTests {
    @Test func `every kind of record is read back as it was written`() throws {
        let contents: [UsageRecord.Content] =
            UsageEvent.Outcome.allCases.map { .event(Sample.event($0)) } + [
                .closed(StreamEnd(lastSequence: 9, lost: [must(LostRange(first: 2, last: 4))], machineWentDown: true)),
                .closed(StreamEnd(lastSequence: 0, machineWentDown: false)),
                .lost(must(LostRange(first: 1, last: 1))),
            ]
        for content in contents { #expect(UsageCodec.decode(UsageCodec.encode(content)) == content) }
    }

    /// The library reads what is laid by hand and writes the same value again: it has one way to do so.
    @Test func `an event's bytes are those that the protobuf library writes`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<2_000 {
            let event = Sample.anyEvent(using: &random)
            let bytes = UsageCodec.encode(event)
            #expect(UsageCodec.decode(bytes) == .event(event))
            var options = BinaryEncodingOptions()
            options.useDeterministicOrdering = true
            let again: [UInt8] = try PBUsageContent(serializedBytes: bytes).serializedBytes(options: options)
            #expect(bytes == again)
        }
    }

    @Test func `an absent count is not a count of zero`() throws {
        guard case .event(let event) = UsageCodec.decode(UsageCodec.encode(.event(Sample.event()))) else {
            Issue.record("not an event")
            return
        }
        #expect(event.tokens.input == 10)
        #expect(event.tokens.cachedInput == 0)
        #expect(event.tokens.output == nil)
    }

    @Test func `a record from before kinds were told apart is read, and one with a foreign kind is kept`() throws {
        var message = try PBUsageContent(serializedBytes: UsageCodec.encode(.event(Sample.event())))
        guard case .event(let event) = UsageCodec.decode(try message.serializedBytes()) else {
            Issue.record("not an event")
            return
        }
        for kind in TokenKind.allCases where ![.input, .cachedInput].contains(kind) {
            #expect(event.tokens[kind] == nil)
        }
        #expect(event.tokens.serviceTier == nil)
        let flaws: [(inout PBUsageEvent) -> Void] = [
            { $0.serviceTier = "tomorrow" }, { $0.reasoningTokens = -1 },
            { $0.cacheWriteTokens = TokenCounts.countMax + 1 },
        ]
        for flaw in flaws {
            message.event = try PBUsageContent(serializedBytes: UsageCodec.encode(.event(Sample.event()))).event
            flaw(&message.event)
            let bytes: [UInt8] = try message.serializedBytes()
            #expect(UsageCodec.decode(bytes) == .unreadable(bytes))
        }
    }

    @Test func `what cannot be read is kept byte for byte`() {
        let newer = UsageCodec.encode(.event(Sample.event())) + [0x5A, 0x01, 0x00]
        let foreign: [UInt8] = [0x2A, 0x02, 0x08, 0x01]
        for bytes in [[], [0xFF], foreign, [1, 2, 3]] as [[UInt8]] {
            #expect(UsageCodec.decode(bytes) == .unreadable(bytes))
            #expect(UsageCodec.encode(.unreadable(bytes)) == bytes)
        }
        if case .unreadable(let kept) = UsageCodec.decode(newer) { #expect(kept == newer) }
    }

    @Test func `the chain is the digest of all that came before, however it is cut into batches`() throws {
        let records = (1...20).map { UsageBatch.Record(sequence: UInt64($0), bytes: [UInt8($0), 7]) }
        let whole = UsageChain.start.appending(records)
        for cut in 0...20 {
            #expect(
                UsageChain.start.appending(Array(records.prefix(cut))).appending(Array(records.dropFirst(cut))) == whole
            )
        }
        #expect(UsageChain.start.appending(records.reversed()) != whole)
        var one = UsageChain.start
        one.append([1, 2])
        #expect(one.digest == Digest.sha256(of: [UInt8](repeating: 0, count: 32) + [1, 2]))
    }

    @Test func `a batch with a gap, without records, with too many, or without a chain is refused`() {
        let boot: ID<Boot> = must(ID("b"))
        func refused(_ records: [UsageBatch.Record], chain: UsageChain? = .start) -> Bool {
            do {
                _ = try UsageBatch.decode(UsageBatch(boot: boot, records: records, chain: chain).encoded())
                return false
            } catch {
                return true
            }
        }
        func record(_ sequence: UInt64) -> UsageBatch.Record { .init(sequence: sequence, bytes: [1]) }
        #expect(!refused([record(5), record(6)]))
        #expect(refused([record(5), record(7)]))
        #expect(refused([record(5), record(5)]))
        #expect(refused([record(0)]))
        #expect(refused([record(UInt64(1) << 63)]))
        #expect(refused([]))
        #expect(refused((1...501).map { record(UInt64($0)) }))
        #expect(!refused((1...500).map { record(UInt64($0)) }))
        #expect(refused([record(1)], chain: nil))
        let lost = UsageBatch.Record(sequence: 3, bytes: UsageCodec.encode(.lost(must(LostRange(first: 3, last: 9)))))
        #expect(!refused([lost], chain: nil))
        #expect(refused([lost, record(4)], chain: nil), "it stands alone")
    }
}
