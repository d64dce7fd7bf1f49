/// An offering of a provider under our name, such as `openai/gpt-4o`. Only approved and priced models are
/// ever compiled into a snapshot.
package struct Model: Nameable, Hashable, Sendable {
    package static var nameSegments: Int { 2 }

    /// `provider/name`; the first segment is the provider's name.
    package let name: Name<Model>
    package let provider: Name<Provider>
    /// The provider's own name for it, sent as `model`.
    package let upstream: String
    package let prices: [Price]
    /// Tokens of input and output together.
    package let context: Int64
    /// Tokens of one answer at most.
    package let maxOutput: Int64
    package let capabilities: [Capability]
    /// Tokens of input that the provider adds to each request by itself, such as a prompt of its own.
    package let overheadTokens: Int64
    /// Tokens that one image is counted as at most; nil where nobody has said.
    package let imageTokensMax: Int64?

    package init(
        name: Name<Model>,
        provider: Name<Provider>,
        upstream: String,
        prices: [Price],
        context: Int64,
        maxOutput: Int64,
        capabilities: [Capability],
        overheadTokens: Int64 = 0,
        imageTokensMax: Int64? = nil
    ) {
        self.name = name
        self.provider = provider
        self.upstream = upstream
        self.prices = prices
        self.context = context
        self.maxOutput = maxOutput
        self.capabilities = capabilities
        self.overheadTokens = overheadTokens
        self.imageTokensMax = imageTokensMax
    }

    package func with(prices: [Price]) -> Model {
        Model(
            name: self.name,
            provider: self.provider,
            upstream: self.upstream,
            prices: prices,
            context: self.context,
            maxOutput: self.maxOutput,
            capabilities: self.capabilities,
            overheadTokens: self.overheadTokens,
            imageTokensMax: self.imageTokensMax
        )
    }

    /// Of `overheadTokens` and `imageTokensMax`: more is a typing error.
    package static let estimateMax: Int64 = 1_000_000

    package enum Capability: String, Hashable, Sendable, CaseIterable {
        case chat
        case stream
        case tools
        case vision
        case embeddings
        case json
        case reasoning
    }
}
