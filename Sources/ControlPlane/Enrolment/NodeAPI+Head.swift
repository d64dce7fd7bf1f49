import Domain
import HTTPTypes
import Hummingbird
import Wire

extension NodeAPI {
    /// The newest head. With `If-None-Match` and `Prefer: wait=n` a node that knows it waits for news, at most n
    /// seconds and a random sixteenth more, so that a fleet that came together does not stay together.
    func head(_ request: Request) async -> Response {
        let known = KnownHead(request.headers[.ifNoneMatch])
        let wait = Self.wait(request.headers[Self.preferField])
        if let known, wait > .zero, let head = self.board.current(), known.isCurrent(head) {
            await self.board.wait(atMost: Self.spread(wait)) { known.isWithoutNews($0) }
        }
        guard let head = self.board.current() else {
            return Self.reply(
                .serviceUnavailable,
                NodeRefusal(.busy, "nothing was published yet").encoded(),
                [.retryAfter: "2"]
            )
        }
        let headers: HTTPFields = [.eTag: head.entityTag, .cacheControl: "no-cache"]
        if known?.entityTag == head.entityTag { return Response(status: .notModified, headers: headers) }
        return Self.reply(.ok, head.bytes, headers)
    }

    private static let preferField = HTTPField.Name("prefer") ?? .accept

    /// The `wait` of a `Prefer` header (RFC 7240), in seconds; zero if it asks for none.
    package static func wait(_ header: String?) -> Duration {
        for preference in (header ?? "").split(separator: ",") {
            let parts = preference.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
            guard parts.count == 2, parts[0].lowercased() == "wait", let seconds = Int64(parts[1]), seconds > 0 else {
                continue
            }
            return .seconds(min(seconds, self.waitSecondsMax))
        }
        return .zero
    }

    private static func spread(_ wait: Duration) -> Duration {
        wait + wait / 16 * Double.random(in: 0...1)
    }
}

/// The head that a node says it has, by the entity tag of `SignedHead`.
struct KnownHead: Sendable {
    let entityTag: String
    private let epoch: UInt64
    private let version: UInt64

    /// Nil for anything that we did not write.
    init?(_ header: String?) {
        guard let header, header.hasPrefix("\""), header.hasSuffix("\"") else { return nil }
        let parts = header.dropFirst().dropLast().split(separator: ".").map { UInt64($0) }
        guard parts.count == 3, let epoch = parts[0], let version = parts[1] else { return nil }
        self.entityTag = header
        self.epoch = epoch
        self.version = version
    }

    func isCurrent(_ head: SignedHead) -> Bool { self.entityTag == head.entityTag }

    /// Whether a head says nothing new, though it may have been signed again.
    func isWithoutNews(_ head: SignedHead) -> Bool { self.epoch == head.epoch && self.version == head.version }
}
