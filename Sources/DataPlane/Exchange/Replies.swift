internal import Dialects
internal import Domain
internal import NIOCore

/// A reply that is collected before anything of it is sent on.
struct Held {
    let head: ReplyHead
    var body = ByteBuffer()

    var isRefusal: Bool { !(200..<300).contains(self.head.status) }
}

/// A reply that passes as it comes. A class, so that the state machine moves a pointer for each chunk.
final class Relay {
    enum Kind {
        case stream
        /// A whole reply too long to be held. `kept` is a copy for its usage; nil once that has become too long too.
        case whole(kept: ByteBuffer?)
    }

    let head: ReplyHead
    var kind: Kind
    var scanner = EventScanner()
    var chat: ChatStream
    /// Whether the caller has our reply's head: from then on a failure can only be told in the stream.
    var isBegun = false
    var lastByte: Tick

    init(_ head: ReplyHead, _ kind: Kind, asksForUsage: Bool, at now: Tick) {
        self.head = head
        self.kind = kind
        self.chat = ChatStream(asksForUsage: asksForUsage)
        self.lastByte = now
    }

    /// So much of an event that has not ended is nothing to count.
    private static let uncountedMax = 64 * 1_024

    /// What is held of the reply beside what was sent on.
    var bytesHeld: Int {
        switch self.kind {
        case .stream: self.scanner.bytesHeld > Self.uncountedMax ? self.scanner.bytesHeld : 0
        case .whole(let kept): kept?.readableBytes ?? 0
        }
    }
}
