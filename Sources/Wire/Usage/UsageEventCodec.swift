import Domain
import Schemas

/// Reads a usage event; `UsageEventBytes` writes it.
enum UsageEventCodec {
    /// A caller's values were cut to their bounds when they came in; this only keeps a record from growing without end.
    private static let textMax = 4_096
    private static let metadataMax = 64

    static func event(_ message: PBUsageEvent) throws(WireError) -> UsageEvent {
        UsageEvent(
            exchange: try Check.id(message.exchange, "exchange"),
            attempt: message.attempt,
            isLast: message.isLast,
            admitted: try Check.timeOrZero(message.admitted, "admitted"),
            caller: try Self.caller(message),
            target: try Self.target(message),
            snapshot: SnapshotVersion(
                epoch: try Check.numberOrZero(message.epoch, "epoch"),
                sequence: try Check.numberOrZero(message.seq, "seq"),
                headVersion: try Check.numberOrZero(message.headVersion, "head_version")
            ),
            tokens: try Self.tokens(message),
            tokenSource: try Check.choice(message.tokenSource, of: TokenCounts.Source.self, "token_source"),
            cost: try Check.money(message.cost, "cost"),
            latency: try Self.latency(message),
            outcome: try Check.choice(message.outcome, of: UsageEvent.Outcome.self, "outcome"),
            code: message.code.isEmpty ? nil : try Check.choice(message.code, of: Fault.Code.self, "code"),
            upstreamStatus: message.hasUpstreamStatus ? message.upstreamStatus : nil,
            isStream: message.isStream,
            isUnconfirmed: message.isUnconfirmed,
            postings: try Self.postings(message)
        )
    }

    private static func postings(_ message: PBUsageEvent) throws(WireError) -> [LeasePosting] {
        try Check.count(message.postings.count, atMost: LeasePosting.countMax, "postings")
        var postings: [LeasePosting] = []
        for posting in message.postings {
            postings.append(
                LeasePosting(
                    budget: try Check.name(posting.budget, "a posting's budget"),
                    unit: try LeaseCodec.unit(posting.unit),
                    window: posting.window.isEmpty ? "" : try LeaseCodec.window(posting.window),
                    lease: try Check.numberOrZero(posting.lease, "a posting's lease")
                )
            )
        }
        return postings
    }

    private static func caller(_ message: PBUsageEvent) throws(WireError) -> UsageEvent.Caller {
        try Check.count(message.metadata.count, atMost: Self.metadataMax, "metadata")
        for text in [message.user, message.task] + message.metadata.flatMap({ [$0.key, $0.value] })
        where text.utf8.count > Self.textMax {
            throw WireError(.invalid, "user, task or metadata is longer than \(Self.textMax) bytes")
        }
        return UsageEvent.Caller(
            application: try Check.application(message.key, "key"),
            team: try Check.name(message.team, "team"),
            user: message.user,
            task: message.task,
            metadata: message.metadata
        )
    }

    private static func target(_ message: PBUsageEvent) throws(WireError) -> UsageEvent.Target {
        guard message.providerRequest.utf8.count <= Self.textMax else {
            throw WireError(.invalid, "provider_request is longer than \(Self.textMax) bytes")
        }
        return UsageEvent.Target(
            route: message.route.isEmpty ? nil : try Check.name(message.route, "route"),
            model: message.model.isEmpty ? nil : try Check.name(message.model, "model"),
            provider: message.provider.isEmpty ? nil : try Check.name(message.provider, "provider"),
            priceVersion: message.hasPriceVersion ? message.priceVersion : nil,
            providerRequest: message.providerRequest,
            prompt: message.prompt.isEmpty
                ? nil
                : PromptChoice(prompt: try Check.name(message.prompt, "prompt"), number: message.promptVersion)
        )
    }

    private static func tokens(_ message: PBUsageEvent) throws(WireError) -> TokenCounts {
        func known(_ has: Bool, _ value: Int64, _ field: String) throws(WireError) -> Int64? {
            has ? try Check.amount(value, in: 0...TokenCounts.countMax, field) : nil
        }
        var tokens = TokenCounts()
        tokens.input = try known(message.hasInputTokens, message.inputTokens, "input_tokens")
        tokens.cachedInput = try known(message.hasCachedInputTokens, message.cachedInputTokens, "cached_input_tokens")
        tokens.cacheWrite = try known(message.hasCacheWriteTokens, message.cacheWriteTokens, "cache_write_tokens")
        tokens.cacheWrite1h = try known(
            message.hasCacheWrite1HTokens,
            message.cacheWrite1HTokens,
            "cache_write_1h_tokens"
        )
        tokens.inputAudio = try known(message.hasInputAudioTokens, message.inputAudioTokens, "input_audio_tokens")
        tokens.inputImage = try known(message.hasInputImageTokens, message.inputImageTokens, "input_image_tokens")
        tokens.output = try known(message.hasOutputTokens, message.outputTokens, "output_tokens")
        tokens.reasoning = try known(message.hasReasoningTokens, message.reasoningTokens, "reasoning_tokens")
        tokens.outputAudio = try known(message.hasOutputAudioTokens, message.outputAudioTokens, "output_audio_tokens")
        tokens.outputImage = try known(message.hasOutputImageTokens, message.outputImageTokens, "output_image_tokens")
        if !message.serviceTier.isEmpty {
            tokens.serviceTier = try Check.choice(message.serviceTier, of: ServiceTier.self, "service_tier")
        }
        return tokens
    }

    private static func latency(_ message: PBUsageEvent) throws(WireError) -> UsageEvent.Latency {
        func span(_ value: Int64, _ field: String) throws(WireError) -> Int64 {
            try Check.amount(value, in: 0...Int64.max, field)
        }
        return UsageEvent.Latency(
            firstToken: message.hasFirstTokenLatency ? try span(message.firstTokenLatency, "first_token_latency") : nil,
            provider: try span(message.providerLatency, "provider_latency"),
            total: try span(message.totalLatency, "total_latency")
        )
    }
}
