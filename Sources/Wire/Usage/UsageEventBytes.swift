import Domain

/// A usage event as protobuf bytes, laid by hand: a node writes two of them for each attempt on its event loop, where the
/// library's detour over a message of its own would be the dearest part of a request. The same bytes as the library's,
/// which a test holds them to.
enum UsageEventBytes {
    /// Of a `UsageContent` that holds `event`.
    static func content(_ event: borrowing UsageEvent) -> [UInt8] {
        // Kind and length of the event, which stand before it, are known after it.
        let room = FieldWriter.lengthMax + 1
        let capacity = room + self.byteCountMax(event)
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var body = unsafe FieldWriter(UnsafeMutableRawBufferPointer(buffer), from: room)
            self.put(event, into: &body)
            var head = unsafe FieldWriter(UnsafeMutableRawBufferPointer(buffer), from: 0)
            head.beginMessage(1, byteCount: body.end - room)
            count = head.end + body.end - room
            guard let base = buffer.baseAddress else { return }
            unsafe (base + head.end).update(from: base + room, count: body.end - room)
        }
    }

    /// Every text with its tag and length, and every number at its longest.
    private static func byteCountMax(_ event: borrowing UsageEvent) -> Int {
        let caller = event.caller
        let target = event.target
        var texts = event.exchange.text.utf8.count + caller.application.text.utf8.count + caller.team.text.utf8.count
        texts += caller.user.utf8.count + caller.task.utf8.count + target.providerRequest.utf8.count
        texts += (target.route?.text.utf8.count ?? 0) + (target.model?.text.utf8.count ?? 0)
        texts += (target.provider?.text.utf8.count ?? 0) + event.tokenSource.rawValue.utf8.count
        texts += target.prompt?.prompt.text.utf8.count ?? 0
        texts += event.outcome.rawValue.utf8.count + (event.code?.rawValue.utf8.count ?? 0)
        for (name, value) in caller.metadata {
            texts += name.utf8.count + value.utf8.count + 3 * FieldWriter.overheadMax
        }
        for posting in event.postings { texts += FieldWriter.byteCount(posting) + FieldWriter.overheadMax }
        texts += event.tokens.serviceTier?.rawValue.utf8.count ?? 0
        return texts + 41 * FieldWriter.overheadMax
    }

    private static func put(_ event: borrowing UsageEvent, into writer: inout FieldWriter) {
        writer.put(1, event.exchange.text)
        writer.put(2, UInt64(event.attempt))
        writer.put(3, event.isLast)
        writer.put(4, event.admitted.unixMilliseconds)
        self.put(event.caller, into: &writer)
        self.put(event.target, into: &writer)
        writer.put(15, event.snapshot.epoch)
        writer.put(16, event.snapshot.sequence)
        writer.put(17, event.snapshot.headVersion)
        writer.put(18, ifKnown: event.tokens.input)
        writer.put(19, ifKnown: event.tokens.cachedInput)
        writer.put(20, ifKnown: event.tokens.output)
        writer.put(21, event.tokenSource.rawValue)
        writer.put(22, event.cost.nanoDollars)
        writer.put(23, ifKnown: event.latency.firstToken)
        writer.put(24, event.latency.provider)
        writer.put(25, event.latency.total)
        writer.put(26, event.outcome.rawValue)
        writer.put(27, event.code?.rawValue ?? "")
        writer.put(28, ifKnown: event.upstreamStatus.map(Int64.init))
        writer.put(29, event.isStream)
        writer.put(30, event.isUnconfirmed)
        if let choice = event.target.prompt {
            writer.put(31, choice.prompt.text)
            writer.put(32, UInt64(choice.number))
        }
        for posting in event.postings { writer.put(33, posting) }
        self.putRare(event.tokens, into: &writer)
    }

    private static func putRare(_ tokens: TokenCounts, into writer: inout FieldWriter) {
        writer.put(41, ifKnown: tokens.cacheWrite)
        writer.put(42, ifKnown: tokens.cacheWrite1h)
        writer.put(43, ifKnown: tokens.inputAudio)
        writer.put(44, ifKnown: tokens.inputImage)
        writer.put(45, ifKnown: tokens.reasoning)
        writer.put(46, ifKnown: tokens.outputAudio)
        writer.put(47, ifKnown: tokens.outputImage)
        if let tier = tokens.serviceTier { writer.put(48, tier.rawValue) }
    }

    private static func put(_ caller: UsageEvent.Caller, into writer: inout FieldWriter) {
        writer.put(5, caller.application.text)
        writer.put(6, caller.team.text)
        writer.put(7, caller.user)
        writer.put(8, caller.task)
        guard !caller.metadata.isEmpty else { return }
        for (name, value) in caller.metadata.sorted(by: { $0.key < $1.key }) { writer.put(9, entry: name, value) }
    }

    private static func put(_ target: UsageEvent.Target, into writer: inout FieldWriter) {
        writer.put(10, target.route?.text ?? "")
        writer.put(11, target.model?.text ?? "")
        writer.put(12, target.provider?.text ?? "")
        writer.put(13, ifKnown: target.priceVersion.map(Int64.init))
        writer.put(14, target.providerRequest)
    }
}

/// Writes a message's fields behind each other (protobuf.dev/programming-guides/encoding). Its maker sees to the room:
/// running out of it would be a fault of this program, and traps.
@safe private struct FieldWriter {
    /// The longest number.
    static let lengthMax = 10
    /// The longest field without a text's own bytes: a tag of two bytes and a number.
    static let overheadMax = 12

    private let target: UnsafeMutableRawBufferPointer
    private(set) var end: Int

    init(_ target: UnsafeMutableRawBufferPointer, from start: Int) {
        unsafe self.target = target
        self.end = start
    }

    mutating func put(_ field: Int, _ number: UInt64) {
        guard number != 0 else { return }
        self.number(UInt64(field << 3))
        self.number(number)
    }

    mutating func put(_ field: Int, _ number: Int64) { self.put(field, UInt64(bitPattern: number)) }

    mutating func put(_ field: Int, _ isTrue: Bool) { self.put(field, isTrue ? 1 as UInt64 : 0) }

    /// Absent where nil; a zero that is known is written.
    mutating func put(_ field: Int, ifKnown number: Int64?) {
        guard let number else { return }
        self.number(UInt64(field << 3))
        self.number(UInt64(bitPattern: number))
    }

    mutating func put(_ field: Int, _ text: String) {
        if !text.isEmpty { self.putText(field, text) }
    }

    /// An entry of a map: a message of two texts, both written even where empty.
    mutating func put(_ field: Int, entry name: String, _ value: String) {
        self.beginMessage(field, byteCount: Self.textByteCount(name) + Self.textByteCount(value))
        self.putText(1, name)
        self.putText(2, value)
    }

    mutating func put(_ field: Int, _ posting: LeasePosting) {
        self.beginMessage(field, byteCount: Self.byteCount(posting))
        self.put(1, posting.budget.text)
        self.put(2, posting.unit)
        self.put(3, posting.window)
        self.put(4, posting.lease)
    }

    static func byteCount(_ posting: LeasePosting) -> Int {
        let texts = [posting.budget.text, posting.unit, posting.window].filter { !$0.isEmpty }
        let number = posting.lease == 0 ? 0 : 1 + self.numberByteCount(posting.lease)
        return texts.reduce(number) { $0 + self.textByteCount($1) }
    }

    mutating func beginMessage(_ field: Int, byteCount: Int) {
        self.number(UInt64(field << 3 | 2))
        self.number(UInt64(byteCount))
    }

    private mutating func putText(_ field: Int, _ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            self.beginMessage(field, byteCount: utf8.count)
            unsafe precondition(utf8.count <= self.target.count - self.end)
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: self.target[self.end...])
            unsafe rest.copyMemory(from: UnsafeRawBufferPointer(utf8))
            self.end += utf8.count
        }
    }

    /// With a tag of one byte.
    private static func textByteCount(_ text: String) -> Int {
        let count = text.utf8.count
        return 1 + self.numberByteCount(UInt64(count)) + count
    }

    private static func numberByteCount(_ number: UInt64) -> Int { max(1, (70 - number.leadingZeroBitCount) / 7) }

    /// Seven bits a byte, the lowest first.
    private mutating func number(_ number: UInt64) {
        unsafe precondition(Self.lengthMax <= self.target.count - self.end)
        var rest = number
        while rest >= 0x80 {
            unsafe self.target[self.end] = UInt8(truncatingIfNeeded: rest) | 0x80
            self.end += 1
            rest >>= 7
        }
        unsafe self.target[self.end] = UInt8(truncatingIfNeeded: rest)
        self.end += 1
    }
}
