internal import NIOCore

/// Header fields in the order in which they came. Names are compared in lower case, as HTTP asks.
struct Fields: Equatable, Sendable {
    /// Every name is in lower case.
    private(set) var list: [(name: String, value: String)]

    init() { self.list = [] }

    mutating func reserve(_ count: Int) { self.list.reserveCapacity(count) }

    mutating func add(_ name: String, _ value: String) {
        let isLower = name.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        self.list.append((isLower ? name : name.lowercased(), value))
    }

    /// The first value of `name`, which is written in lower case.
    subscript(name: String) -> String? {
        for field in self.list where field.name == name { return field.value }
        return nil
    }

    /// The value of `name` if it stands once; every value joined by commas if it is repeated, as HTTP reads lists.
    func joined(_ name: String) -> String? {
        let values = self.list.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Whether the sender will not use this connection for another message.
    var asksClose: Bool { self.list.contains { $0.name == "connection" && $0.value == "close" } }

    static func == (a: Fields, b: Fields) -> Bool {
        a.list.elementsEqual(b.list) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// The head of a request, from a client or to an upstream, whatever HTTP carries it.
struct RequestHead: Equatable, Sendable {
    var method: String
    /// Path and query as they stand in the request: not decoded.
    var target: String
    var fields: Fields
    /// Whether the sender can take a body in chunks, as HTTP/1.0 cannot.
    var takesChunks: Bool

    init(method: String, target: String, fields: Fields = Fields(), takesChunks: Bool = true) {
        self.method = method
        self.target = target
        self.fields = fields
        self.takesChunks = takesChunks
    }
}

/// The head of a final reply. Informational replies never get this far.
struct ReplyHead: Equatable, Sendable {
    var status: Int
    var fields: Fields
    /// Whether the end of the body can be told from a broken connection: it has a length or chunks. If not, only
    /// the body's own text can say that it is whole.
    var isDelimited: Bool

    init(status: Int, fields: Fields = Fields(), isDelimited: Bool = true) {
        self.status = status
        self.fields = fields
        self.isDelimited = isDelimited
    }
}

/// What a client's codec delivers, in this order: a head, any number of body parts, an end.
enum RequestPart {
    case head(RequestHead)
    case body(ByteBuffer)
    case end
}

/// What travels towards the client: a head, body parts, an end. `proceed` is the interim `100 Continue`.
enum ReplyPart {
    case proceed
    case head(ReplyHead)
    case body(ByteBuffer)
    case end
}

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
