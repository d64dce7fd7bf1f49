package import Domain
package import NIOCore

/// A whole chat completion, as far as the gateway reads it. The bytes are passed on as they came.
package struct ChatReply: Hashable, Sendable {
    /// The provider's own id of the answer; empty if it gave none.
    package private(set) var id = ""
    /// Unknown counts if the provider told none.
    package private(set) var tokens = TokenCounts.unknown
    private var serviceTier: ServiceTier?
    private var hasChoices = false
    private var error: UpstreamError.Told?

    /// Throws if the body is not one complete JSON object, or is an error in spite of its status: then nothing of
    /// it may reach the caller as an answer.
    package init(_ body: ByteBuffer, with reader: JSONReader) throws(Fault) {
        do {
            self = try reader.read(body) { (cursor) throws(JSONProblem) in try Self(at: cursor) }
        } catch {
            throw Fault(
                .upstreamError,
                from: .upstream,
                retry: .onAnotherModel,
                "The provider's answer cannot be used: its body \(error.reason)."
            )
        }
        if let error = self.error, !self.hasChoices { throw error.inAnswer }
    }

    private init(at cursor: borrowing JSONCursor) throws(JSONProblem) {
        guard cursor.root == .object else { throw .notObject }
        var reply = Self()
        try cursor.members { (member) throws(JSONProblem) in try reply.take(member, at: cursor) }
        if reply.tokens != .unknown { reply.tokens.serviceTier = reply.serviceTier }
        self = reply
    }

    private init() {}

    private mutating func take(_ member: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        if member.isNamed("id") {
            self.id = ChatStream.bounded(member)
        } else if member.isNamed("usage") {
            guard member.kind == .object else { return }
            self.tokens = try ChatUsage(at: cursor).tokens
        } else if member.isNamed("choices") {
            self.hasChoices = member.count > 0
        } else if member.isNamed("error") {
            guard !member.isNull else { return }
            self.error = try UpstreamError.Told(member, at: cursor)
        } else if member.isNamed("service_tier") {
            self.serviceTier = ServiceTier(told: member)
        }
    }
}
