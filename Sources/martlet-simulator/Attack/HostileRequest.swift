/// One thing that an attacker sends on a connection of its own, and how the connection is to end.
struct HostileRequest: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// Bodies that are not JSON, or not a chat request.
        case bodies
        /// Bodies that two readers could take for different requests.
        case ambiguousFields = "ambiguous_fields"
        /// Heads and chunks that two readers could take for different requests.
        case smuggling
        /// Good requests that break off.
        case cut
        /// Heads and bodies beyond every bound.
        case oversized
        /// A byte at a time.
        case slow
        /// Something bad behind good requests that have not been answered yet.
        case pipelined
        case randomBytes = "random_bytes"
        /// A request with a few bytes cut out, repeated or overwritten, and a key that is none.
        case spoilt
        /// Other protocols' first words.
        case foreign
        /// Keys that are wrong, missing, or two.
        case keys
        /// Paths and methods that no endpoint takes.
        case paths
    }

    enum Ending: Hashable, Sendable {
        /// The server may keep the connection: after so many replies we hang up.
        case replies(Int)
        /// The server must close.
        case closed
        /// We shut down our side behind the last byte, and the server must close.
        case halfClosed
        /// We are gone after the last byte; with a reset, where that is how.
        case dropped(withReset: Bool)
    }

    let kind: Kind
    let bytes: [UInt8]
    let ending: Ending
    /// The first so many requests in `bytes` are good, and may be answered with 200.
    var goodReplies = 0
    /// Milliseconds between two bytes; nil sends all at once.
    var pace: Int64?

    init(_ kind: Kind, _ bytes: [UInt8], _ ending: Ending) {
        self.kind = kind
        self.bytes = bytes
        self.ending = ending
    }

    init(_ kind: Kind, _ text: String, _ ending: Ending) { self.init(kind, Array(text.utf8), ending) }
}

extension HostileRequest {
    /// How it came to an end, whatever was answered before.
    enum End: String, Sendable {
        /// As many replies as were waited for.
        case answered
        case closed
        /// We hung up, as planned.
        case dropped
        case hung
        /// What came back is not HTTP.
        case unreadable
        case unreachable
    }

    struct Verdict: Hashable, Sendable {
        let outcome: String
        let isWrong: Bool
    }

    /// Whether the server may answer so: with a 4xx, with 503 where it sheds load, or by closing. Anything else either
    /// took what it must not take, or broke over it.
    func verdict(_ statuses: [Int], _ end: End) -> Verdict {
        let good = statuses.prefix(self.goodReplies)
        let rest = statuses.dropFirst(self.goodReplies)
        let isRefused = rest.allSatisfy(Self.isRefusal) && good.allSatisfy { $0 == 200 || Self.isRefusal($0) }
        let words = (good.contains(200) ? ["good"] : []) + (good.filter { $0 != 200 } + rest).map(String.init)
        let isEnded: Bool =
            switch end {
            case .answered, .closed, .dropped: true
            case .hung, .unreadable, .unreachable: false
            }
        let outcome = words.isEmpty ? end.rawValue : words.joined(separator: "+") + (isEnded ? "" : " " + end.rawValue)
        return Verdict(outcome: outcome, isWrong: !isRefused || !isEnded)
    }

    private static func isRefusal(_ status: Int) -> Bool { (400..<500).contains(status) || status == 503 }
}
