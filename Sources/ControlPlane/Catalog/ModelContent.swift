package import Domain
package import Storage

/// What people say of a model. A price may be missing while nobody knows it: such a model is never served.
package struct ModelContent: CatalogContent {
    package static var kind: Kind { .models }
    package static var kindsNamed: Set<Kind> { [.providers] }
    package static var isDenied: Bool { true }

    package let name: Name<Model>
    package let upstream: String
    package let price: WrittenPrice?
    package let context: Int64
    package let maxOutput: Int64
    package let capabilities: [Model.Capability]
    package let overheadTokens: Int64
    package let imageTokensMax: Int64?

    package var title: String { self.name.text }

    /// As many as a snapshot holds; older ones are over.
    private static let pricesMax = 1_024

    /// Longer contexts than this are a typing error, and keep sums of tokens far from overflow.
    private static let tokensMax: Int64 = 100_000_000

    package init?(_ form: inout Form) {
        let name: Name<Model>? = form.name("name")
        let upstream = form.text("upstream")
        let price = form.object("price") { WrittenPrice(&$0) }
        let context = form.integer("context", in: 1...Self.tokensMax)
        let maxOutput = form.integer("maxOutput", in: 1...Self.tokensMax)
        let words = Model.Capability.allCases.map(\.rawValue).joined(separator: ", ")
        let capabilities = form.list("capabilities", "must be one of: \(words)", Model.Capability.init)
        let overheadTokens = form.integer("overheadTokens", in: 0...Model.estimateMax, default: 0)
        let imageTokensMax =
            form.value("imageTokensMax") == nil
            ? nil : form.integer("imageTokensMax", in: 1...Model.estimateMax)
        if let context, let maxOutput, maxOutput > context { form.add("maxOutput", "must not be more than context") }
        guard let name, let upstream, let context, let maxOutput, let capabilities, form.isGood else { return nil }
        self.name = name
        self.upstream = upstream
        self.price = price
        self.context = context
        self.maxOutput = maxOutput
        self.capabilities = capabilities
        self.overheadTokens = overheadTokens ?? 0
        self.imageTokensMax = imageTokensMax
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "name": .string(self.name.text), "upstream": .string(self.upstream),
            "context": .number(self.context), "maxOutput": .number(self.maxOutput),
            "capabilities": .array(self.capabilities.map { .string($0.rawValue) }),
        ]
        if let price = self.price { members["price"] = price.json }
        if self.overheadTokens > 0 { members["overheadTokens"] = .number(self.overheadTokens) }
        if let images = self.imageTokensMax { members["imageTokensMax"] = .number(images) }
        return .object(members)
    }

    /// The first segment of the name.
    package var provider: String { String(self.name.text.prefix { $0 != "/" }) }

    package var references: [Reference] {
        [Reference(pointer: "/name", kind: .providers, name: self.provider)]
    }

    /// Every change of a model does, and so does bringing back one that was stopped.
    package func needsApproval(after approved: ModelContent?, isInForce: Bool) -> Bool {
        !isInForce || approved != self
    }

    package static var isProposedWhenWritten: Bool { false }

    /// The model as snapshots hold it; nil while it has no price.
    ///
    /// `approvals` are its revisions that came into force, oldest first: each new price among them is the next version.
    package func model(approvals: [Revision]) throws -> Model? {
        let prices = try Self.prices(approvals: approvals)
        guard self.price != nil, !prices.isEmpty, let provider = Name<Provider>(self.provider) else { return nil }
        return Model(
            name: self.name,
            provider: provider,
            upstream: self.upstream,
            prices: prices,
            context: self.context,
            maxOutput: self.maxOutput,
            capabilities: self.capabilities,
            overheadTokens: self.overheadTokens,
            imageTokensMax: self.imageTokensMax
        )
    }

    /// What was approved last holds from its date on: prices approved earlier that would begin later are void,
    /// since otherwise the latest `from` would win over the latest approval.
    private static func prices(approvals: [Revision]) throws -> [Price] {
        var prices: [Price] = []
        var last: WrittenPrice?
        var version: UInt32 = 0
        for revision in approvals {
            guard let written = try ModelContent.read(revision).price, written != last else { continue }
            last = written
            version += 1
            let price = Price(version: version, from: written.from ?? revision.created, tariff: written.tariff)
            prices.removeAll { $0.from > price.from }
            prices.append(price)
        }
        return prices.suffix(Self.pricesMax)
    }
}
