package import Domain
import Schemas

/// A usage record's content ⇄ bytes. The bytes are what is spooled, chained, uploaded and kept: nobody writes them
/// twice.
package enum UsageCodec {
    /// One record's content at most, in bytes.
    package static let contentSizeMax = 64 << 10
    package static let lostRangesMax = 1_024

    package static func encode(_ event: borrowing UsageEvent) -> [UInt8] { UsageEventBytes.content(event) }

    package static func encode(_ content: UsageRecord.Content) -> [UInt8] {
        var message = PBUsageContent()
        switch content {
        case .event(let event): return self.encode(event)
        case .closed(let end):
            var closed = PBStreamClosed()
            closed.lastSeq = end.lastSequence
            closed.lost = end.lost.map(Self.message)
            closed.machineWentDown = end.machineWentDown
            message.closed = closed
        case .lost(let range): message.lost = Self.message(range)
        case .unreadable(let bytes): return bytes
        }
        return message.deterministicBytes
    }

    /// Never fails: what cannot be read is `.unreadable` with its bytes as they were.
    package static func decode(_ bytes: [UInt8]) -> UsageRecord.Content {
        do {
            return try self.read(bytes)
        } catch {
            return .unreadable(bytes)
        }
    }

    /// Like `decode`, saying why something cannot be read.
    package static func read(_ bytes: [UInt8]) throws(WireError) -> UsageRecord.Content {
        switch try PBUsageContent(strictly: bytes, atMost: self.contentSizeMax).kind {
        case .event(let event): .event(try UsageEventCodec.event(event))
        case .closed(let closed): .closed(try self.end(closed))
        case .lost(let range): .lost(try self.range(range))
        case nil: throw WireError(.invalid, "a usage record holds nothing that this build knows")
        }
    }

    private static func end(_ closed: PBStreamClosed) throws(WireError) -> StreamEnd {
        try Check.count(closed.lost.count, atMost: self.lostRangesMax, "lost ranges")
        var lost: [LostRange] = []
        for range in closed.lost { lost.append(try self.range(range)) }
        return StreamEnd(
            lastSequence: try Check.numberOrZero(closed.lastSeq, "last_seq"),
            lost: lost,
            machineWentDown: closed.machineWentDown
        )
    }

    private static func range(_ message: PBLostRange) throws(WireError) -> LostRange {
        guard message.last <= Check.numberMax, let range = LostRange(first: message.first, last: message.last) else {
            throw WireError(.invalid, "a lost range does not go from a number to one that is not below it")
        }
        return range
    }

    private static func message(_ range: LostRange) -> PBLostRange {
        var message = PBLostRange()
        message.first = range.first
        message.last = range.last
        return message
    }
}
