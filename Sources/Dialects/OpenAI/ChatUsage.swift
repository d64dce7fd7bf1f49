internal import Domain

/// The `usage` object of a chat completion, read into counts that are disjoint.
struct ChatUsage: Sendable {
    private var prompt: Int64?
    private var completion: Int64?
    private var total: Int64?
    private var cached: Int64?
    private var reasoning: Int64?

    /// Reads the value that the cursor's last member holds.
    init(at cursor: borrowing JSONCursor) throws(JSONProblem) {
        var usage = Self()
        try cursor.members { (member) throws(JSONProblem) in try usage.take(member, at: cursor) }
        self = usage
    }

    private init() {}

    private mutating func take(_ member: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        if member.isNamed("prompt_tokens") {
            self.prompt = member.wholeNumber
        } else if member.isNamed("completion_tokens") {
            self.completion = member.wholeNumber
        } else if member.isNamed("total_tokens") {
            self.total = member.wholeNumber
        } else if member.isNamed("prompt_tokens_details") {
            self.cached = try Self.detail("cached_tokens", at: cursor) ?? self.cached
        } else if member.isNamed("prompt_cache_hit_tokens") {
            // DeepSeek's name for the same.
            self.cached = self.cached ?? member.wholeNumber
        } else if member.isNamed("completion_tokens_details") {
            self.reasoning = try Self.detail("reasoning_tokens", at: cursor)
        }
    }

    private static func detail(_ name: StaticString, at cursor: borrowing JSONCursor) throws(JSONProblem) -> Int64? {
        var detail: Int64?
        try cursor.members { (member) throws(JSONProblem) in
            if member.isNamed(name) { detail = member.wholeNumber }
        }
        return detail
    }

    /// `prompt_tokens` includes what was read from a cache, so it is taken out of the input; never more than all of
    /// it. What the provider did not tell stays unknown, and what cannot be true stays as it was told: only the
    /// settlement knows the model's bounds, and it must see that they were left.
    var tokens: TokenCounts {
        let cached = min(max(self.cached ?? 0, 0), max(self.prompt ?? .max, 0))
        return TokenCounts(
            input: self.prompt.map { $0 - cached },
            cachedInput: self.cached.map { min($0, cached) },
            output: self.completion.map { completion in
                let (sum, isOverflow) = completion.addingReportingOverflow(self.reasoningApart)
                return isOverflow ? .max : sum
            }
        )
    }

    /// Reasoning tokens where they are not part of `completion_tokens`, as at xAI: the total gives it away.
    private var reasoningApart: Int64 {
        guard let prompt = self.prompt, let completion = self.completion, let total = self.total,
            let reasoning = self.reasoning, prompt >= 0, completion >= 0, reasoning > 0
        else { return 0 }
        let (visible, isOverflow) = prompt.addingReportingOverflow(completion)
        guard !isOverflow, total.subtractingReportingOverflow(visible) == (reasoning, false) else { return 0 }
        return reasoning
    }
}
