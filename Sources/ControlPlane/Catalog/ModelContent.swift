package import Domain
package import Storage

/// What people say of a model. A price may be missing while nobody knows it: such a model is never served.
package struct ModelContent: CatalogContent {
    package static var kind: Kind { .models }
    package static var kindsNamed: Set<Kind> { [.providers] }
    package static var isDenied: Bool { true }

    package let name: Name<Model>
    package let upstream: String
    package let price: Rates?
    package let context: Int64
    package let maxOutput: Int64
    package let capabilities: [Model.Capability]

    /// Money per million tokens.
    package struct Rates: Hashable, Sendable {
        package let input: Money
        package let cachedInput: Money?
        package let output: Money
        /// Nil: from the moment of approval.
        package let from: Timestamp?
    }

    package var title: String { self.name.text }

    /// As many as a snapshot holds; older ones are over.
    private static let pricesMax = 1_024

    /// Longer contexts than this are a typing error, and keep sums of tokens far from overflow.
    private static let tokensMax: Int64 = 100_000_000

    package init?(_ form: inout Form) {
        let name: Name<Model>? = form.name("name")
        let upstream = form.text("upstream")
        let price = Self.rates(&form)
        let context = form.integer("context", in: 1...Self.tokensMax)
        let maxOutput = form.integer("maxOutput", in: 1...Self.tokensMax)
        let words = Model.Capability.allCases.map(\.rawValue).joined(separator: ", ")
        let capabilities = form.list("capabilities", "must be one of: \(words)", Model.Capability.init)
        if let context, let maxOutput, maxOutput > context { form.add("maxOutput", "must not be more than context") }
        guard let name, let upstream, let context, let maxOutput, let capabilities, form.isGood else { return nil }
        self.name = name
        self.upstream = upstream
        self.price = price
        self.context = context
        self.maxOutput = maxOutput
        self.capabilities = capabilities
    }

    private static func rates(_ form: inout Form) -> Rates? {
        form.object("price") { inner in
            let input = inner.money("input")
            let cachedInput = inner.moneyIfPresent("cachedInput")
            let output = inner.money("output")
            for (field, rate) in [("input", input), ("cachedInput", cachedInput), ("output", output)] {
                guard let rate, !(.zero...Price.rateMax).contains(rate) else { continue }
                inner.add(field, "must be from 0 to \(Price.rateMax.dollars): at most a dollar a token")
            }
            let from = inner.timeIfPresent("from")
            inner.finish()
            guard let input, let output else { return nil }
            return Rates(input: input, cachedInput: cachedInput, output: output, from: from)
        }
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "name": .string(self.name.text), "upstream": .string(self.upstream),
            "context": .number(self.context), "maxOutput": .number(self.maxOutput),
            "capabilities": .array(self.capabilities.map { .string($0.rawValue) }),
        ]
        if let price = self.price {
            var rates: [String: JSON] = [
                "input": .string(price.input.dollars), "output": .string(price.output.dollars),
            ]
            if let cached = price.cachedInput { rates["cachedInput"] = .string(cached.dollars) }
            if let from = price.from { rates["from"] = .string(from.rfc3339) }
            members["price"] = .object(rates)
        }
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
            capabilities: self.capabilities
        )
    }

    /// What was approved last holds from its date on: prices approved earlier that would begin later are void,
    /// since otherwise the latest `from` would win over the latest approval.
    private static func prices(approvals: [Revision]) throws -> [Price] {
        var prices: [Price] = []
        var last: Rates?
        var version: UInt32 = 0
        for revision in approvals {
            guard let rates = try ModelContent.read(revision).price, rates != last else { continue }
            last = rates
            version += 1
            let price = Price(
                version: version,
                from: rates.from ?? revision.created,
                input: rates.input,
                cachedInput: rates.cachedInput,
                output: rates.output
            )
            prices.removeAll { $0.from > price.from }
            prices.append(price)
        }
        return prices.suffix(Self.pricesMax)
    }
}
