internal import Domain

/// The `usage` object of a chat completion, read into counts that are disjoint.
struct ChatUsage: Sendable {
    private var prompt: Int64?
    private var completion: Int64?
    private var total: Int64?
    /// Parts of `prompt`.
    private var cached: Int64?
    private var cacheWrite: Int64?
    private var inputAudio: Int64?
    private var inputImage: Int64?
    /// Parts of `completion`; reasoning may also lie beside it.
    private var reasoning: Int64?
    private var outputAudio: Int64?
    private var outputImage: Int64?

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
            try cursor.members { (detail) throws(JSONProblem) in self.takePrompt(detail) }
        } else if member.isNamed("prompt_cache_hit_tokens") {
            // DeepSeek's name for the same.
            self.cached = self.cached ?? member.wholeNumber
        } else if member.isNamed("completion_tokens_details") {
            try cursor.members { (detail) throws(JSONProblem) in self.takeCompletion(detail) }
        }
    }

    private mutating func takePrompt(_ detail: JSONMember) {
        if detail.isNamed("cached_tokens") {
            self.cached = detail.wholeNumber ?? self.cached
        } else if detail.isNamed("cache_write_tokens") {
            self.cacheWrite = detail.wholeNumber
        } else if detail.isNamed("audio_tokens") {
            self.inputAudio = detail.wholeNumber
        } else if detail.isNamed("image_tokens") {
            self.inputImage = detail.wholeNumber
        }
    }

    private mutating func takeCompletion(_ detail: JSONMember) {
        if detail.isNamed("reasoning_tokens") {
            self.reasoning = detail.wholeNumber
        } else if detail.isNamed("audio_tokens") {
            self.outputAudio = detail.wholeNumber
        } else if detail.isNamed("image_tokens") {
            self.outputImage = detail.wholeNumber
        }
    }

    /// What the provider did not tell stays unknown, and what cannot be true leaves a count below zero: only the
    /// settlement knows the model's bounds, and it must see that they were left.
    var tokens: TokenCounts {
        var tokens = TokenCounts()
        self.putInput(into: &tokens)
        self.putOutput(into: &tokens)
        return tokens
    }

    /// `prompt_tokens` includes all its parts, so they are taken out of the ordinary input.
    private func putInput(into tokens: inout TokenCounts) {
        tokens.cachedInput = self.cached
        tokens.cacheWrite = self.cacheWrite
        tokens.inputAudio = self.inputAudio
        tokens.inputImage = self.inputImage
        guard let prompt = self.prompt else { return }
        let uncached = prompt.less(self.cacheWrite).less(self.inputAudio).less(self.inputImage)
        let ordinary = uncached.less(self.cached)
        tokens.input = ordinary
        guard ordinary < 0, let cached = self.cached else { return }
        if uncached >= 0, cached <= prompt {
            // Audio or an image was read from the cache and stands in two parts: its own kind is the dearer one.
            tokens.cachedInput = uncached
            tokens.input = 0
        } else {
            tokens.cachedInput = min(cached, max(prompt, 0))
        }
    }

    private func putOutput(into tokens: inout TokenCounts) {
        tokens.reasoning = self.reasoning
        tokens.outputAudio = self.outputAudio
        tokens.outputImage = self.outputImage
        guard let completion = self.completion else { return }
        let spoken = completion.less(self.outputAudio).less(self.outputImage)
        if self.isReasoningApart {
            tokens.output = spoken
        } else {
            tokens.output = spoken.less(self.reasoning)
            tokens.reasoning = self.reasoning.map { min($0, max(completion, 0)) }
        }
    }

    /// Whether reasoning tokens are not part of `completion_tokens`, as at xAI: the total gives it away.
    private var isReasoningApart: Bool {
        guard let prompt = self.prompt, let completion = self.completion, let total = self.total,
            let reasoning = self.reasoning, prompt >= 0, completion >= 0, reasoning > 0
        else { return false }
        let (visible, isOverflow) = prompt.addingReportingOverflow(completion)
        return !isOverflow && total.subtractingReportingOverflow(visible) == (reasoning, false)
    }
}

extension Int64 {
    /// Without a part of it. An unknown part takes nothing, nor does one below zero.
    fileprivate func less(_ part: Int64?) -> Int64 {
        guard let part, part > 0 else { return self }
        let (rest, isOverflow) = self.subtractingReportingOverflow(part)
        return isOverflow ? .min : rest
    }
}
