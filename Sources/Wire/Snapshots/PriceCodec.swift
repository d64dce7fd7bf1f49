import Domain
import Schemas

/// Prices: the rates of the first table stand in the price itself, as they did when a price had no more.
enum PriceCodec {
    static func entry(_ price: Price) -> PBPriceEntry {
        var entry = PBPriceEntry()
        entry.version = price.version
        entry.from = price.from.unixMilliseconds
        entry.take(price.tariff.standard)
        entry.perCall = price.tariff.perCall.nanoDollars
        entry.tables = price.tariff.tables.dropFirst().map { table in
            var entry = PBRateTableEntry()
            entry.serviceTier = table.serviceTier.rawValue
            entry.aboveInputTokens = table.aboveInputTokens
            entry.take(table.rates)
            return entry
        }
        return entry
    }

    static func price(_ entry: PBPriceEntry, of model: Name<Model>) throws(WireError) -> Price {
        guard entry.version > 0 else { throw WireError(.invalid, "a price of the model \(model) has no version") }
        try Check.count(entry.tables.count, atMost: Tariff.tablesMax - 1, "tables of a price of the model \(model)")
        let standard = try entry.rates(of: model)
        var others: [RateTable] = []
        for table in entry.tables {
            let place = "service_tier of a price of the model \(model)"
            others.append(
                RateTable(
                    try table.rates(of: model),
                    of: try Check.choice(table.serviceTier, of: ServiceTier.self, place),
                    aboveInputTokens: try Check.amount(
                        table.aboveInputTokens,
                        in: 0...TokenCounts.countMax,
                        "above_input_tokens of a price of the model \(model)"
                    )
                )
            )
        }
        let fee = try Check.money(entry.perCall, "per_call of a price of the model \(model)")
        return Price(
            version: entry.version,
            from: try Check.timeOrZero(entry.from, "from of a price of the model \(model)"),
            tariff: Tariff(standard, perCall: fee, others: others)
        )
    }
}

/// The two messages that hold a rate for each kind of token.
private protocol RatesEntry {
    var input: Int64 { get set }
    var hasCachedInput: Bool { get }
    var cachedInput: Int64 { get set }
    var hasCacheWrite: Bool { get }
    var cacheWrite: Int64 { get set }
    var hasCacheWrite1H: Bool { get }
    var cacheWrite1H: Int64 { get set }
    var hasInputAudio: Bool { get }
    var inputAudio: Int64 { get set }
    var hasInputImage: Bool { get }
    var inputImage: Int64 { get set }
    var output: Int64 { get set }
    var hasReasoning: Bool { get }
    var reasoning: Int64 { get set }
    var hasOutputAudio: Bool { get }
    var outputAudio: Int64 { get set }
    var hasOutputImage: Bool { get }
    var outputImage: Int64 { get set }
}

extension PBPriceEntry: RatesEntry {}
extension PBRateTableEntry: RatesEntry {}

extension RatesEntry {
    fileprivate mutating func take(_ rates: Rates) {
        self.input = rates.input.nanoDollars
        self.output = rates.output.nanoDollars
        if let rate = rates.cachedInput { self.cachedInput = rate.nanoDollars }
        if let rate = rates.cacheWrite { self.cacheWrite = rate.nanoDollars }
        if let rate = rates.cacheWrite1h { self.cacheWrite1H = rate.nanoDollars }
        if let rate = rates.inputAudio { self.inputAudio = rate.nanoDollars }
        if let rate = rates.inputImage { self.inputImage = rate.nanoDollars }
        if let rate = rates.reasoning { self.reasoning = rate.nanoDollars }
        if let rate = rates.outputAudio { self.outputAudio = rate.nanoDollars }
        if let rate = rates.outputImage { self.outputImage = rate.nanoDollars }
    }

    fileprivate func rates(of model: Name<Model>) throws(WireError) -> Rates {
        func rate(_ has: Bool, _ value: Int64, _ kind: TokenKind) throws(WireError) -> Money? {
            has ? try Check.money(value, "the \(kind) price of the model \(model)") : nil
        }
        let input = try Check.money(self.input, "the input price of the model \(model)")
        let output = try Check.money(self.output, "the output price of the model \(model)")
        var rates = Rates(input: input, output: output)
        rates.cachedInput = try rate(self.hasCachedInput, self.cachedInput, .cachedInput)
        rates.cacheWrite = try rate(self.hasCacheWrite, self.cacheWrite, .cacheWrite)
        rates.cacheWrite1h = try rate(self.hasCacheWrite1H, self.cacheWrite1H, .cacheWrite1h)
        rates.inputAudio = try rate(self.hasInputAudio, self.inputAudio, .inputAudio)
        rates.inputImage = try rate(self.hasInputImage, self.inputImage, .inputImage)
        rates.reasoning = try rate(self.hasReasoning, self.reasoning, .reasoning)
        rates.outputAudio = try rate(self.hasOutputAudio, self.outputAudio, .outputAudio)
        rates.outputImage = try rate(self.hasOutputImage, self.outputImage, .outputImage)
        return rates
    }
}
