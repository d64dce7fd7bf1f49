internal import NIOCore

/// The head of a request, from a client or to an upstream, whatever HTTP carries it.
struct RequestHead: Equatable, Sendable {
    var method: String
    /// Path and query as they stand in the request: not decoded.
    var target: String
    var fields: Fields
    /// Whether the sender can take a body in chunks, as HTTP/1.0 cannot.
    var takesChunks = true
    /// Whether the sender may use this connection for another message.
    var keepsAlive = true

    init(method: String, target: String, fields: Fields = Fields()) {
        self.method = method
        self.target = target
        self.fields = fields
    }
}

/// The head of a final reply. Informational replies never get this far.
struct ReplyHead: Equatable, Sendable {
    var status: Int
    var fields: Fields
    /// Whether the end of the body can be told from a broken connection: it has a length or chunks. If not, only
    /// the body's own text can say that it is whole.
    var isDelimited = true
    /// Whether the sender may use this connection for another message.
    var keepsAlive = true

    init(status: Int, fields: Fields = Fields(), isDelimited: Bool = true) {
        self.status = status
        self.fields = fields
        self.isDelimited = isDelimited
    }
}

/// What a codec delivers, in this order: a head, any number of body parts, an end.
enum MessagePart<Head> {
    case head(Head)
    case body(ByteBuffer)
    case end
}

typealias RequestPart = MessagePart<RequestHead>
typealias ReplyPart = MessagePart<ReplyHead>

/// A point on the monotonic clock of this process, in nanoseconds from an arbitrary start.
struct Tick: Hashable, Comparable, Sendable {
    let nanoseconds: Int64

    static func < (a: Tick, b: Tick) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Saturates, so that a time-out from configuration cannot trap.
    func advanced(milliseconds: Int64) -> Tick {
        let (delta, tooLong) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(delta)
        return Tick(nanoseconds: tooLong || overflow ? .max : sum)
    }

    func microseconds(since earlier: Tick) -> Int64 { (self.nanoseconds &- earlier.nanoseconds) / 1_000 }
}
