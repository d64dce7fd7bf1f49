import Domain

/// A usage event in the few hundred bytes of a slot: fields in a fixed order, little-endian, strings with their length
/// before them. Not protobuf, because it is written twice an attempt on the event loop.
enum SlotCodec {
    /// Written in front of every payload; a build that does not know it leaves the slot alone.
    static let format: UInt32 = 1

    /// The number of bytes written, or nil if the event does not fit.
    static func encode(_ event: borrowing UsageEvent, into target: UnsafeMutableRawBufferPointer) -> Int? {
        var writer = unsafe SlotWriter(target)
        writer.put(event.exchange.text)
        writer.put(event.attempt)
        writer.put(self.flags(of: event))
        writer.put(event.admitted.unixMilliseconds)
        self.put(event.caller, into: &writer)
        self.put(event.target, into: &writer)
        writer.put(event.snapshot.epoch)
        writer.put(event.snapshot.sequence)
        writer.put(event.snapshot.headVersion)
        writer.put(event.tokens.input)
        writer.put(event.tokens.cachedInput)
        writer.put(event.tokens.output)
        writer.put(event.tokenSource.rawValue)
        writer.put(event.cost.nanoDollars)
        writer.put(event.latency.firstToken)
        writer.put(event.latency.provider)
        writer.put(event.latency.total)
        writer.put(event.outcome.rawValue)
        writer.put(event.code?.rawValue ?? "")
        writer.put(event.upstreamStatus.map(Int64.init))
        return writer.didOverflow ? nil : writer.count
    }

    private static func flags(of event: borrowing UsageEvent) -> UInt32 {
        (event.isLast ? 1 : 0) | (event.isStream ? 2 : 0) | (event.isUnconfirmed ? 4 : 0)
    }

    private static func put(_ caller: UsageEvent.Caller, into writer: inout SlotWriter) {
        writer.put(caller.key.text)
        writer.put(caller.team.text)
        writer.put(caller.user)
        writer.put(caller.task)
        writer.put(UInt32(truncatingIfNeeded: caller.metadata.count))
        for (name, value) in caller.metadata {
            writer.put(name)
            writer.put(value)
        }
    }

    private static func put(_ target: UsageEvent.Target, into writer: inout SlotWriter) {
        writer.put(target.route?.text ?? "")
        writer.put(target.model?.text ?? "")
        writer.put(target.provider?.text ?? "")
        writer.put(target.priceVersion.map(Int64.init))
        writer.put(target.providerRequest)
    }

    // MARK: - Reading, at a start

    /// Nil where the bytes are not an event of this format.
    static func decode(_ bytes: [UInt8]) -> UsageEvent? {
        var reader = SlotReader(bytes)
        guard let exchange = reader.string().flatMap(ID<Exchange>.init), let attempt = reader.u32(),
            let flags = reader.u32(), let admitted = reader.i64(), let caller = self.caller(&reader),
            let target = self.target(&reader), let epoch = reader.u64(), let sequence = reader.u64(),
            let headVersion = reader.u64(), let input = reader.optional(), let cachedInput = reader.optional(),
            let output = reader.optional(), let source = reader.string().flatMap(TokenCounts.Source.init),
            let cost = reader.i64(), let firstToken = reader.optional(), let provider = reader.i64(),
            let total = reader.i64(), let outcome = reader.string().flatMap(UsageEvent.Outcome.init),
            let code = reader.string(), let status = reader.optional(), reader.isAtEnd
        else { return nil }
        return UsageEvent(
            exchange: exchange,
            attempt: attempt,
            isLast: flags & 1 != 0,
            admitted: Timestamp(unixMilliseconds: admitted),
            caller: caller,
            target: target,
            snapshot: SnapshotVersion(epoch: epoch, sequence: sequence, headVersion: headVersion),
            tokens: TokenCounts(input: input, cachedInput: cachedInput, output: output),
            tokenSource: source,
            cost: Money(nanoDollars: cost),
            latency: UsageEvent.Latency(firstToken: firstToken, provider: provider, total: total),
            outcome: outcome,
            code: Fault.Code(rawValue: code),
            upstreamStatus: status.flatMap(UInt32.init(exactly:)),
            isStream: flags & 2 != 0,
            isUnconfirmed: flags & 4 != 0
        )
    }

    private static func caller(_ reader: inout SlotReader) -> UsageEvent.Caller? {
        guard let key = reader.string().flatMap(ID<APIKey>.init), let team = reader.string().flatMap(Name<Team>.init),
            let user = reader.string(), let task = reader.string(), let count = reader.u32()
        else { return nil }
        var metadata: [String: String] = [:]
        // Each pair takes four bytes at least, so a wild count ends with the bytes.
        for _ in 0..<count {
            guard let name = reader.string(), let value = reader.string() else { return nil }
            metadata[name] = value
        }
        return UsageEvent.Caller(key: key, team: team, user: user, task: task, metadata: metadata)
    }

    private static func target(_ reader: inout SlotReader) -> UsageEvent.Target? {
        guard let route = reader.string(), let model = reader.string(), let provider = reader.string(),
            let priceVersion = reader.optional(), let providerRequest = reader.string()
        else { return nil }
        return UsageEvent.Target(
            route: Name(route),
            model: Name(model),
            provider: Name(provider),
            priceVersion: priceVersion.flatMap(UInt32.init(exactly:)),
            providerRequest: providerRequest
        )
    }
}

/// Fills a slot from its start. Writes nothing past the end; remembers that it would have.
@safe struct SlotWriter {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private(set) var didOverflow = false

    init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = target }

    mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        let size = MemoryLayout<Number>.size
        guard let start = self.room(for: size) else { return }
        unsafe self.target.storeBytes(of: number.littleEndian, toByteOffset: start, as: Number.self)
    }

    mutating func put(_ number: Int64?) {
        self.put(UInt8(number == nil ? 0 : 1))
        self.put(number ?? 0 as Int64)
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.count <= Int(UInt16.max) else {
                self.didOverflow = true
                return
            }
            self.put(UInt16(utf8.count))
            guard let start = self.room(for: utf8.count) else { return }
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: self.target[start...])
            unsafe rest.copyMemory(from: UnsafeRawBufferPointer(utf8))
        }
    }

    private mutating func room(for size: Int) -> Int? {
        guard !self.didOverflow, unsafe size <= self.target.count - self.count else {
            self.didOverflow = true
            return nil
        }
        defer { self.count += size }
        return self.count
    }
}

/// Takes apart what `SlotWriter` wrote; nil at every field that is not there.
struct SlotReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func u16() -> UInt16? { self.number(UInt16.self) }
    mutating func u32() -> UInt32? { self.number(UInt32.self) }
    mutating func u64() -> UInt64? { self.number(UInt64.self) }
    mutating func i64() -> Int64? { self.number(Int64.self) }

    /// The outer nil: not there. The inner one: a field that was nil.
    mutating func optional() -> Int64?? {
        guard let presence = self.number(UInt8.self), presence <= 1, let value = self.i64() else { return .none }
        return .some(presence == 1 ? value : nil)
    }

    mutating func string() -> String? {
        guard let length = self.u16(), Int(length) <= self.bytes.count - self.position else { return nil }
        defer { self.position += Int(length) }
        return String(validating: self.bytes[self.position..<(self.position + Int(length))], as: UTF8.self)
    }

    private mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard size <= self.bytes.count - self.position else { return nil }
        var number: Number = 0
        for index in (0..<size).reversed() { number = number << 8 | Number(self.bytes[self.position + index]) }
        self.position += size
        return number
    }
}
