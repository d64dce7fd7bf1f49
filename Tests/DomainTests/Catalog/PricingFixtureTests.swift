import Domain
import TestSupport
import Testing

/// The costs that a third party's engine computed, for what our prices can say today: input, cached input and output
/// at the standard tier, below every threshold.
@Suite(.needsFixtures) struct `Costs of the published price table` {
    private struct Expectations: Decodable {
        let cases: [Case]

        struct Case: Decodable {
            let model: String
            let `case`: String
            let tier: String
            let usage: [String: Int64]
            let usd: String
        }
    }

    private struct PriceTable: Decodable {
        let models: [String: Model]

        struct Model: Decodable {
            let price: [String: Field]
        }

        enum Field: Decodable {
            case rate(String)
            case other

            init(from decoder: any Decoder) throws {
                self = (try? decoder.singleValueContainer().decode(String.self)).map(Field.rate) ?? .other
            }
        }
    }

    @Test func `agree to the nano-dollar, rounded up`() throws {
        let table = try Fixtures.json(PriceTable.self, "pricing/prices.json").models
        let cases = try Fixtures.json(Expectations.self, "pricing/cost-expectations.json").cases
        var agreed = 0
        var leftOut: [String: Int] = [:]
        for expectation in cases {
            let fields = try #require(table[expectation.model]).price
            if let reason = self.outOfScope(expectation, fields) {
                leftOut[reason, default: 0] += 1
                continue
            }
            let price = try #require(self.price(fields), "\(expectation.model)")
            let tokens = TokenCounts(
                input: expectation.usage["input"] ?? 0,
                cachedInput: expectation.usage["cache_read"] ?? 0,
                output: (expectation.usage["output"] ?? 0) + (expectation.usage["output_reasoning"] ?? 0)
            )
            let exact = try #require(self.scaled(expectation.usd, digits: 30))
            let expected = (exact + Self.nano - 1) / Self.nano
            #expect(
                price.cost(of: tokens)?.nanoDollars == Int64(expected),
                "\(expectation.model), \(expectation.case)"
            )
            agreed += 1
        }
        print("pricing: \(agreed) of \(cases.count) costs compared; left out: \(leftOut)")
        #expect(agreed + leftOut.values.reduce(0, +) == cases.count)
        #expect(agreed > 500)
    }

    /// 10^-30 dollars to the nano-dollar.
    private static let nano: UInt128 = 1_000_000_000_000_000_000_000

    private func outOfScope(_ expectation: Expectations.Case, _ fields: [String: PriceTable.Field]) -> String? {
        if expectation.tier != "standard" { return "other tier" }
        let known: Set = ["input", "cache_read", "output", "output_reasoning"]
        if !known.isSuperset(of: expectation.usage.keys) { return "other kind of token" }
        if expectation.usage["output_reasoning"] != nil, fields["output_cost_per_reasoning_token"] != nil {
            return "reasoning priced apart"
        }
        let prompt = (expectation.usage["input"] ?? 0) + (expectation.usage["cache_read"] ?? 0)
        // `…_above_200k_tokens`, not `…_above_1hr`. At a threshold some models already use the higher rate.
        let thresholds = fields.keys.flatMap { $0.split(separator: "_above_").dropFirst() }
            .filter { $0.contains("k_tokens") }
            .compactMap { Int64($0.prefix { $0.isNumber }) }
        if let lowest = thresholds.min(), prompt >= lowest * 1_000 { return "above a threshold" }
        return self.price(fields) == nil ? "finer than a nano-dollar per million tokens" : nil
    }

    private func price(_ fields: [String: PriceTable.Field]) -> Price? {
        func rate(_ name: String) -> Money?? {
            guard case .rate(let text) = fields[name] else { return .some(nil) }
            // Per token with 15 digits is per million tokens in nano-dollars.
            return self.scaled(text, digits: 15).flatMap { Int64(exactly: $0) }.map { .some(Money(nanoDollars: $0)) }
        }
        guard let input = rate("input_cost_per_token"), let cached = rate("cache_read_input_token_cost"),
            let output = rate("output_cost_per_token")
        else { return nil }
        return Price(
            version: 1,
            from: Timestamp(unixMilliseconds: 0),
            input: input ?? .zero,
            cachedInput: cached,
            output: output ?? .zero
        )
    }

    /// A decimal string times 10^digits; nil where it has more digits than that.
    private func scaled(_ text: String, digits: Int) -> UInt128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        var fraction = parts.count == 2 ? String(parts[1]) : ""
        while fraction.hasSuffix("0") { fraction.removeLast() }
        guard parts.count <= 2, fraction.count <= digits else { return nil }
        return UInt128(parts[0] + fraction + String(repeating: "0", count: digits - fraction.count))
    }
}
