import Domain
import Schemas

/// Providers and models with their prices.
enum CatalogCodec {
    static let tokensMax: Int64 = 1_000_000_000

    static func encode(_ sections: SnapshotSections) -> [UInt8] {
        var message = PBCatalogSection()
        message.format = SectionCodec.format
        message.providers = sections.providers.sorted { $0.name < $1.name }.map(Self.entry)
        message.models = sections.models.sorted { $0.name < $1.name }.map(Self.entry)
        return message.deterministicBytes
    }

    static func decode(_ bytes: [UInt8], into sections: inout SnapshotSections) throws(WireError) {
        let message = try PBCatalogSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
        try Check.format(message.format, supported: SectionCodec.format, "the section catalog")
        for entry in message.providers { sections.providers.append(try Self.provider(entry)) }
        for entry in message.models { sections.models.append(try Self.model(entry)) }
    }

    private static func entry(_ provider: Provider) -> PBProviderEntry {
        var entry = PBProviderEntry()
        entry.name = provider.name.text
        entry.dialect = provider.dialect.rawValue
        entry.baseURL = provider.baseURL.description
        entry.region = provider.region
        entry.jurisdictions = provider.jurisdictions
        entry.credential =
            switch provider.credential {
            case .none: nil
            case .secret(let name): .secret(name.text)
            case .environment(let name): .environment(name)
            case .file(let path): .file(path)
            }
        return entry
    }

    private static func provider(_ entry: PBProviderEntry) throws(WireError) -> Provider {
        let name: Name<Provider> = try Check.name(entry.name, "a provider's name")
        guard let baseURL = BaseURL(entry.baseURL) else {
            throw WireError(.invalid, "provider \(name) has no base URL that can be used")
        }
        try Check.count(entry.jurisdictions.count, atMost: 64, "jurisdictions of the provider \(name)")
        var jurisdictions: [String] = []
        for text in entry.jurisdictions {
            jurisdictions.append(try Check.nonEmptyText(text, atMost: 64, "a jurisdiction of the provider \(name)"))
        }
        return Provider(
            name: name,
            dialect: try Check.choice(entry.dialect, of: Provider.Dialect.self, "dialect of the provider \(name)"),
            baseURL: baseURL,
            region: try Check.text(entry.region, atMost: 64, "region of the provider \(name)"),
            jurisdictions: jurisdictions,
            credential: try Self.credential(entry.credential, of: name)
        )
    }

    private static func credential(
        _ credential: PBProviderEntry.OneOf_Credential?,
        of provider: Name<Provider>
    ) throws(WireError) -> Provider.Credential {
        switch credential {
        case nil: .none
        case .secret(let name): .secret(try Check.name(name, "secret of the provider \(provider)"))
        case .environment(let name):
            .environment(try Check.nonEmptyText(name, atMost: 128, "environment of the provider \(provider)"))
        case .file(let path): .file(try Check.nonEmptyText(path, atMost: 4_096, "file of the provider \(provider)"))
        }
    }

    private static func entry(_ model: Model) -> PBModelEntry {
        var entry = PBModelEntry()
        entry.name = model.name.text
        entry.provider = model.provider.text
        entry.upstream = model.upstream
        entry.prices = model.prices.map(PriceCodec.entry)
        entry.context = model.context
        entry.maxOutput = model.maxOutput
        entry.capabilities = model.capabilities.map(\.rawValue)
        entry.overheadTokens = model.overheadTokens
        if let images = model.imageTokensMax { entry.imageTokensMax = images }
        return entry
    }

    private static func model(_ entry: PBModelEntry) throws(WireError) -> Model {
        let name: Name<Model> = try Check.name(entry.name, "a model's name")
        try Check.count(entry.prices.count, atMost: 1_024, "prices of the model \(name)")
        try Check.count(entry.capabilities.count, atMost: 64, "capabilities of the model \(name)")
        var prices: [Price] = []
        for price in entry.prices { prices.append(try PriceCodec.price(price, of: name)) }
        guard Set(prices.map(\.version)).count == prices.count else {
            throw WireError(.invalid, "two prices of the model \(name) have one version")
        }
        var capabilities: [Model.Capability] = []
        for text in entry.capabilities {
            capabilities.append(
                try Check.choice(text, of: Model.Capability.self, "a capability of the model \(name)")
            )
        }
        return Model(
            name: name,
            provider: try Check.name(entry.provider, "provider of the model \(name)"),
            upstream: try Check.nonEmptyText(entry.upstream, atMost: 512, "upstream of the model \(name)"),
            prices: prices,
            context: try Check.amount(entry.context, in: 1...Self.tokensMax, "context of the model \(name)"),
            maxOutput: try Check.amount(entry.maxOutput, in: 1...Self.tokensMax, "max_output of the model \(name)"),
            capabilities: capabilities,
            overheadTokens: try Check.amount(
                entry.overheadTokens,
                in: 0...Model.estimateMax,
                "overhead_tokens of the model \(name)"
            ),
            imageTokensMax: entry.hasImageTokensMax
                ? try Check.amount(
                    entry.imageTokensMax,
                    in: 1...Model.estimateMax,
                    "image_tokens_max of the model \(name)"
                ) : nil
        )
    }
}
