import Domain
import Synchronization
import Wire

/// The event loops' side of the spool: slots for the attempts in flight, and what has ended since the writer last
/// looked. One lock per loop, held for a copy of some hundred bytes; the writer takes it only to swap a list.
final class AttemptLedger: Sendable {
    private let state: Mutex<State>

    private struct State {
        var slots: SlotTable?
        var ended: [Ended] = []
        var withoutSlot: UInt64 = 0
    }

    /// An attempt that is over. Its slot stays taken until the event is in the kernel.
    struct Ended: Sendable {
        let slot: Int
        /// As `UsageCodec` writes it: the bytes that go into the stream.
        let content: [UInt8]
    }

    /// Without slots (the disk would not give a file) every attempt goes unproved.
    init(_ memory: sending MappedMemory?) {
        self.state = Mutex(State(slots: memory.map { SlotTable($0) }))
    }

    /// The slot, or nil where none is free.
    func begin(_ event: borrowing UsageEvent) -> Int? {
        let content = Self.slotContent(event, UsageCodec.encode(event))
        return self.state.withLock { state in
            guard let slot = state.slots?.begin(content) else {
                state.withoutSlot += 1
                return nil
            }
            return slot
        }
    }

    /// What is to be counted if the process dies from here on, in place of what `begin` wrote.
    func grow(_ slot: Int, _ event: borrowing UsageEvent) {
        let content = Self.slotContent(event, UsageCodec.encode(event))
        // The slot's second half is read before its first; it is free until the attempt's end.
        self.state.withLock { state in _ = state.slots?.end(slot, content) }
    }

    /// The event survives the process from here on: in its slot, until the writer has it in the stream.
    func end(_ slot: Int, _ event: borrowing UsageEvent) {
        let content = UsageCodec.encode(event)
        let inSlot = Self.slotContent(event, content)
        self.state.withLock { state in
            // Where the end is too long for its half, the beginning stands there until the writer has come by.
            _ = state.slots?.end(slot, inSlot)
            state.ended.append(Ended(slot: slot, content: content))
        }
    }

    /// Without what the caller said of itself where all of it is too long for a slot.
    private static func slotContent(_ event: borrowing UsageEvent, _ whole: [UInt8]) -> [UInt8] {
        whole.count <= SlotTable.contentByteCountMax ? whole : UsageCodec.encode(event.withoutCallersWords)
    }

    func takeEnded() -> [Ended] {
        self.state.withLock { state in
            let ended = state.ended
            state.ended = []
            return ended
        }
    }

    func release(_ slots: ArraySlice<Int>) {
        self.state.withLock { state in
            for slot in slots { state.slots?.release(slot) }
        }
    }

    /// What is still in flight, once everything that ended is released.
    func pending() -> [PendingAttempt] { self.state.withLock { $0.slots?.pending() ?? [] } }

    var withoutSlot: UInt64 { self.state.withLock { $0.withoutSlot } }
    var freeSlots: Int { self.state.withLock { $0.slots?.freeCount ?? 0 } }
}
