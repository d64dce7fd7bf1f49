internal import Domain
internal import Platform
internal import Synchronization

/// What is counted for each model. Names come from the snapshot; the first `modelsMax` that a process meets have cells of
/// their own, all others share `other`, and `martlet_metric_overflows_total` counts what they were told.
///
/// A model's cells are found once, by its name, and kept: an answered attempt costs one look-up and a few atomic
/// additions, and makes no string.
final class ModelMetrics: Sendable {
    static let modelsMax = 256
    private static let labels = ["gen_ai_provider_name", "gen_ai_request_model"]
    /// Every provider is spoken to for chat completions so far.
    private static let operation = "chat"
    private static let tokenBounds: [Double] = (0...13).map { Double(1 << (2 * $0)) }
    private static let durationBounds: [Double] = (0...13).map { 0.01 * Double(1 << $0) }
    private static let firstChunkBounds: [Double] = [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]
    /// No family has more than this many cells a model.
    private static let seriesMax = (ModelMetrics.modelsMax + 1) * UsageEvent.Outcome.allCases.count

    private let attempts: Labelled<Counter>
    private let durations: Labelled<BucketCounts>
    private let firstChunks: Labelled<BucketCounts>
    private let usage: Labelled<BucketCounts>
    private let tokens: Labelled<Counter>
    private let cost: Labelled<Counter>
    private let overflows: Counter
    private let known = Mutex<[Name<Model>: ModelCells]>([:])
    private let other = Mutex<ModelCells?>(nil)

    init(_ registry: MetricRegistry) {
        let operation = ["gen_ai_operation_name"] + Self.labels
        self.attempts = registry.counter(
            "martlet_attempts_total",
            "Attempts by how they ended.",
            labels: ["outcome"] + Self.labels,
            seriesMax: Self.seriesMax
        )
        self.durations = registry.histogram(
            "gen_ai_client_operation_duration_seconds",
            "From an attempt's start to its end; error_type is empty where it was answered.",
            labels: operation + ["error_type"],
            bounds: Self.durationBounds,
            seriesMax: Self.seriesMax
        )
        self.firstChunks = registry.histogram(
            "gen_ai_client_operation_time_to_first_chunk_seconds",
            "From an attempt's start to the first bytes of its streamed answer.",
            labels: operation,
            bounds: Self.firstChunkBounds,
            seriesMax: Self.seriesMax
        )
        self.usage = registry.histogram(
            "gen_ai_client_token_usage",
            "Tokens of an attempt by side, of all kinds together.",
            labels: operation + ["gen_ai_token_type"],
            bounds: Self.tokenBounds,
            seriesMax: Self.seriesMax
        )
        self.tokens = registry.counter(
            "martlet_tokens_total",
            "Tokens by kind; the kinds are disjoint.",
            labels: ["kind"] + Self.labels,
            seriesMax: (Self.modelsMax + 1) * TokenKind.allCases.count
        )
        self.cost = registry.counter(
            "martlet_cost_usd_total",
            "What attempts cost, in US dollars.",
            labels: Self.labels,
            seriesMax: Self.seriesMax,
            dividedBy: 1e9
        )
        self.overflows = registry.overflows
    }

    func ended(_ event: UsageEvent) {
        guard let model = event.target.model, let provider = event.target.provider else { return }
        let cells = self.cells(of: model, provider)
        cells.count(event)
        self.countRare(event.tokens.clamped, cells)
        guard event.outcome != .answered else { return }
        self.attempts.cell(event.outcome.rawValue, cells.provider, cells.model).increment()
        self.durations.cell(Self.operation, cells.provider, cells.model, event.outcome.rawValue)
            .observe(microseconds: event.latency.provider)
    }

    /// Kinds that few models have: their cells are looked up each time, and made when the first token comes.
    private func countRare(_ tokens: TokenCounts, _ cells: ModelCells) {
        func count(_ tokens: Int64?, _ kind: String) {
            guard let tokens, tokens > 0 else { return }
            self.tokens.cell(kind, cells.provider, cells.model).increment(by: UInt64(clamping: tokens))
        }
        count(tokens.cacheWrite, "cache_write")
        count(tokens.cacheWrite1h, "cache_write_1h")
        count(tokens.inputAudio, "input_audio")
        count(tokens.inputImage, "input_image")
        count(tokens.outputAudio, "output_audio")
        count(tokens.outputImage, "output_image")
    }

    private func cells(of model: Name<Model>, _ provider: Name<Provider>) -> ModelCells {
        let cells: ModelCells? = self.known.withLock { known in
            if let cells = known[model] { return cells }
            guard known.count < Self.modelsMax else { return nil }
            let fresh = self.make(provider.text, model.text)
            known[model] = fresh
            return fresh
        }
        if let cells { return cells }
        self.overflows.increment()
        return self.other.withLock { other in
            if let other { return other }
            let fresh = self.make("other", "other")
            other = fresh
            return fresh
        }
    }

    private func make(_ provider: String, _ model: String) -> ModelCells {
        ModelCells(
            provider: provider,
            model: model,
            answered: self.attempts.cell(UsageEvent.Outcome.answered.rawValue, provider, model),
            duration: self.durations.cell(Self.operation, provider, model, ""),
            firstChunk: self.firstChunks.cell(Self.operation, provider, model),
            inputUsage: self.usage.cell(Self.operation, provider, model, "input"),
            outputUsage: self.usage.cell(Self.operation, provider, model, "output"),
            input: self.tokens.cell("input", provider, model),
            cachedInput: self.tokens.cell("cached_input", provider, model),
            output: self.tokens.cell("output", provider, model),
            reasoning: self.tokens.cell("reasoning", provider, model),
            cost: self.cost.cell(provider, model)
        )
    }
}

/// The cells of one model that every attempt touches.
private struct ModelCells: Sendable {
    let provider: String
    let model: String
    let answered: Counter
    let duration: BucketCounts
    let firstChunk: BucketCounts
    let inputUsage: BucketCounts
    let outputUsage: BucketCounts
    let input: Counter
    let cachedInput: Counter
    let output: Counter
    let reasoning: Counter
    let cost: Counter

    func count(_ event: UsageEvent) {
        if event.outcome == .answered {
            self.answered.increment()
            self.duration.observe(microseconds: event.latency.provider)
        }
        if event.isStream, let first = event.latency.firstToken { self.firstChunk.observe(microseconds: first) }
        if event.cost > .zero { self.cost.increment(by: UInt64(clamping: event.cost.nanoDollars)) }
        let tokens = event.tokens.clamped
        if let input = tokens.input {
            self.input.increment(by: UInt64(clamping: input))
            if let cached = tokens.cachedInput, cached > 0 { self.cachedInput.increment(by: UInt64(clamping: cached)) }
            self.inputUsage.observe(Double(tokens.inputOfAllKinds))
        }
        if let output = tokens.output {
            self.output.increment(by: UInt64(clamping: output))
            if let reasoning = tokens.reasoning, reasoning > 0 {
                self.reasoning.increment(by: UInt64(clamping: reasoning))
            }
            self.outputUsage.observe(Double(tokens.outputOfAllKinds))
        }
    }
}
