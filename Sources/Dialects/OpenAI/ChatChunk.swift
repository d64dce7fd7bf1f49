internal import Domain

/// What one event of a streamed chat completion says, as far as the gateway reads it.
struct ChatChunk: Sendable {
    private(set) var id = ""
    /// The chunk has a `choices` list without members, as the one that only carries usage does.
    private(set) var hasNoChoices = false
    /// Some choice's delta holds text, a tool call or anything else that the model made.
    private(set) var hasOutput = false
    /// Some choice says why it ended.
    private(set) var isFinish = false
    private(set) var tokens: TokenCounts?
    private(set) var serviceTier: ServiceTier?
    private(set) var error: UpstreamError.Told?

    init(at cursor: borrowing JSONCursor) throws(JSONProblem) {
        var chunk = Self()
        try cursor.members { (member) throws(JSONProblem) in try chunk.take(member, at: cursor) }
        self = chunk
    }

    private init() {}

    private mutating func take(_ member: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        if member.isNamed("choices") {
            guard member.kind == .array else { return }
            self.hasNoChoices = member.count == 0
            try cursor.members { (_) throws(JSONProblem) in try self.takeChoice(cursor) }
        } else if member.isNamed("usage") {
            guard member.kind == .object else { return }
            self.tokens = try ChatUsage(at: cursor).tokens
        } else if member.isNamed("id") {
            self.id = ChatStream.bounded(member)
        } else if member.isNamed("error") {
            guard !member.isNull else { return }
            self.error = try UpstreamError.Told(member, at: cursor)
        } else if member.isNamed("service_tier") {
            self.serviceTier = ServiceTier(told: member)
        }
    }

    private mutating func takeChoice(_ cursor: borrowing JSONCursor) throws(JSONProblem) {
        try cursor.members { (member) throws(JSONProblem) in
            if member.isNamed("finish_reason") {
                if !member.isNull { self.isFinish = true }
            } else if member.isNamed("delta") {
                try cursor.members { (part) throws(JSONProblem) in
                    if !part.isNamed("role"), part.holdsSomething { self.hasOutput = true }
                }
            }
        }
    }
}

extension JSONMember {
    fileprivate var holdsSomething: Bool {
        switch self.kind {
        case .null: false
        case .string: self.stringLength > 0
        case .array, .object: self.count > 0
        case .bool, .number: true
        }
    }
}
