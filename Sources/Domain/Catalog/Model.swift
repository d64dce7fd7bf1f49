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

    package init(
        name: Name<Model>,
        provider: Name<Provider>,
        upstream: String,
        prices: [Price],
        context: Int64,
        maxOutput: Int64,
        capabilities: [Capability]
    ) {
        self.name = name
        self.provider = provider
        self.upstream = upstream
        self.prices = prices
        self.context = context
        self.maxOutput = maxOutput
        self.capabilities = capabilities
    }

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
