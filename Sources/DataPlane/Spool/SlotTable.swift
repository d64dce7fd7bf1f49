import Domain
import Wire

/// The attempts in flight on one event loop, as slots of a file in memory.
///
/// A slot has two halves: INTENT, written when the attempt begins, and ENDED, written when it ends. A half counts only
/// if its checksum holds, and ENDED only if it names its INTENT's generation; so a process that dies between any two
/// stores leaves either half whole or not there. Why two halves: overwriting INTENT would leave a moment with neither.
struct SlotTable {
    static let slotByteCount = 4_096
    static let halfByteCount = 2_048
    /// Checksum, length, format, generation.
    static let headerByteCount = 24
    static let contentByteCountMax = SlotTable.halfByteCount - SlotTable.headerByteCount
    /// How what a half holds is written; a build that does not know it counts the slot as unreadable. 2: as in the stream.
    private static let format: UInt32 = 2

    private let memory: MappedMemory
    /// Taken from the end, so that a quiet loop touches few pages.
    private var free: [Int]
    private var generation: UInt64 = 0

    init(_ memory: MappedMemory) {
        self.memory = memory
        self.free = Array((0..<(memory.byteCount / Self.slotByteCount)).reversed())
    }

    var freeCount: Int { self.free.count }

    /// `content` is what `UsageCodec` makes of the event. Nil where no slot is free or it is too long for one.
    mutating func begin(_ content: borrowing [UInt8]) -> Int? {
        guard (1...Self.contentByteCountMax).contains(content.count), let slot = self.free.last else { return nil }
        self.generation += 1
        self.write(content, to: slot * Self.slotByteCount, generation: self.generation)
        self.free.removeLast()
        return slot
    }

    /// False where it is too long: the INTENT then stands.
    mutating func end(_ slot: Int, _ content: borrowing [UInt8]) -> Bool {
        guard (1...Self.contentByteCountMax).contains(content.count) else { return false }
        let start = slot * Self.slotByteCount
        let generation = unsafe self.memory.bytes.load(fromByteOffset: start + 16, as: UInt64.self)
        self.write(content, to: start + Self.halfByteCount, generation: UInt64(littleEndian: generation))
        return true
    }

    /// The slot's event is in the stream's file: nothing is left to remember.
    mutating func release(_ slot: Int) {
        let start = slot * Self.slotByteCount
        unsafe self.memory.bytes.storeBytes(of: 0, toByteOffset: start, as: UInt64.self)
        unsafe self.memory.bytes.storeBytes(of: 0, toByteOffset: start + 8, as: UInt64.self)
        self.free.append(slot)
    }

    /// What the slots hold now, for closing a stream with attempts still in flight.
    func pending() -> [PendingAttempt] {
        let bytes = unsafe Array(self.memory.bytes)
        return Self.pending(in: bytes).attempts
    }

    private func write(_ content: borrowing [UInt8], to start: Int, generation: UInt64) {
        let half = unsafe UnsafeMutableRawBufferPointer(
            rebasing: self.memory.bytes[start..<(start + Self.halfByteCount)]
        )
        // From here on the old content is void, also if the process dies before the new checksum stands.
        unsafe half.storeBytes(of: 0, as: UInt64.self)
        unsafe half.storeBytes(of: UInt32(content.count).littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe half.storeBytes(of: Self.format.littleEndian, toByteOffset: 12, as: UInt32.self)
        unsafe half.storeBytes(of: generation.littleEndian, toByteOffset: 16, as: UInt64.self)
        let end = Self.headerByteCount + (content.count + 7) & ~7
        unsafe half.storeBytes(of: 0, toByteOffset: end - 8, as: UInt64.self)
        unsafe content.withUnsafeBytes { content in
            unsafe UnsafeMutableRawBufferPointer(rebasing: half[Self.headerByteCount...]).copyMemory(from: content)
        }
        var checksum = SlotChecksum()
        for offset in stride(from: 8, to: end, by: 8) {
            checksum.add(UInt64(littleEndian: unsafe half.load(fromByteOffset: offset, as: UInt64.self)))
        }
        unsafe half.storeBytes(of: checksum.value.littleEndian, as: UInt64.self)
    }
}

/// An attempt that a slot remembers.
struct PendingAttempt: Hashable, Sendable {
    /// What counts: the end if it was written, else what the beginning said.
    let event: UsageEvent
    let hasEnded: Bool
}

// MARK: - Reading a table that another process left

extension SlotTable {
    /// The attempts in the slots, oldest first, and how many slots hold a checksum that holds around bytes that
    /// cannot be read. A torn half is as good as none: its `begin` never returned, or its `end` did not.
    static func pending(in bytes: [UInt8]) -> (attempts: [PendingAttempt], unreadable: Int) {
        var found: [(generation: UInt64, attempt: PendingAttempt)] = []
        var unreadable = 0
        for start in stride(from: 0, through: bytes.count - self.slotByteCount, by: self.slotByteCount) {
            guard let intent = self.half(bytes, at: start) else { continue }
            let ended = self.half(bytes, at: start + self.halfByteCount)
                .flatMap { $0.generation == intent.generation ? Self.event($0.content) : nil }
            guard let event = ended ?? Self.event(intent.content) else {
                unreadable += 1
                continue
            }
            found.append((intent.generation, PendingAttempt(event: event, hasEnded: ended != nil)))
        }
        return (found.sorted { $0.generation < $1.generation }.map(\.attempt), unreadable)
    }

    private static func event(_ content: [UInt8]) -> UsageEvent? {
        guard case .event(let event) = UsageCodec.decode(content) else { return nil }
        return event
    }

    private static func half(_ bytes: [UInt8], at start: Int) -> (generation: UInt64, content: [UInt8])? {
        let length = Int(bytes.number(at: start + 8, as: UInt32.self))
        let format = bytes.number(at: start + 12, as: UInt32.self)
        guard format > 0, (1...self.contentByteCountMax).contains(length)
        else { return nil }
        let content = start + self.headerByteCount
        var checksum = SlotChecksum()
        for offset in stride(from: start + 8, to: content + (length + 7) & ~7, by: 8) {
            checksum.add(bytes.number(at: offset, as: UInt64.self))
        }
        guard checksum.value == bytes.number(at: start, as: UInt64.self) else { return nil }
        // Of another build: it is there, and cannot be read.
        let isKnown = format == self.format
        return (
            bytes.number(at: start + 16, as: UInt64.self), isKnown ? Array(bytes[content..<(content + length)]) : []
        )
    }
}

/// Tells a whole half from a torn one, eight bytes at a time. Not against malice: who can write here owns the node.
struct SlotChecksum {
    private(set) var value: UInt64 = 0x6D61_7274_6C65_7431

    mutating func add(_ word: UInt64) {
        self.value = (self.value ^ word) &* 0x9E37_79B9_7F4A_7C15
        self.value ^= self.value >> 29
    }
}

extension UsageEvent {
    /// Who and what, without what the caller said of itself: what a slot keeps where all of it is too long.
    var withoutCallersWords: UsageEvent {
        UsageEvent(
            exchange: self.exchange,
            attempt: self.attempt,
            isLast: self.isLast,
            admitted: self.admitted,
            caller: Caller(application: self.caller.application, team: self.caller.team),
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
            postings: self.postings
        )
    }
}
