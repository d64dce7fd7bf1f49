import ControlPlane
import Domain
import Foundation
import TestSupport
import Testing

@testable import martlet

/// Costs that a third party's engine computed from its own price table, and some of ours. Each price goes the way of an import: from
/// the table's fields to a body of the admin API, and from there to the tariff that nodes bill by.
@Suite struct `Costs of published prices` {
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
            let provider: String
            let price: [String: String]
        }
    }

    @Test(.needsFixtures) func `agree to the nano-dollar, rounded up, all of them`() throws {
        let table = try Fixtures.json(PriceTable.self, "pricing/prices.json").models
        let cases = try Fixtures.json(Expectations.self, "pricing/cost-expectations.json").cases
        let tariffs = try table.mapValues { model in
            let numbers = try model.price.mapValues { try #require(Decimal(string: $0)) }
            return try self.tariff(PublicPrice(provider: model.provider, numbers: numbers))
        }
        let agreed = try self.agreeing(cases, tariffs)
        print("pricing: \(agreed) of \(cases.count) costs of \(table.count) models agree")
        #expect(agreed == cases.count && agreed >= 2_088)
    }

    @Test func `what a published price leaves out is billed by our own rule`() throws {
        let folder = Repository.root.appending(path: "Tests/Fixtures/prices")
        let map = try PublicPriceMap(Array(Data(contentsOf: folder.appending(path: "public-map.json"))))
        let costs = try Data(contentsOf: folder.appending(path: "costs.json"))
        let cases = try JSONDecoder().decode(Expectations.self, from: costs).cases
        let tariffs = try Dictionary(grouping: cases, by: \.model).mapValues { ofModel in
            try self.tariff(try #require(map.named(ofModel[0].model)).price)
        }
        #expect(try self.agreeing(cases, tariffs) == cases.count)
    }

    private func agreeing(_ cases: [Expectations.Case], _ tariffs: [String: Tariff]) throws -> Int {
        var agreed = 0
        for expectation in cases {
            let tariff = try #require(tariffs[expectation.model])
            let tokens = try self.tokens(expectation)
            let exact = try #require(self.scaled(expectation.usd, digits: 30))
            let expected = Int64((exact + Self.nano - 1) / Self.nano)
            #expect(tariff.cost(of: tokens)?.nanoDollars == expected, "\(expectation.model), \(expectation.case)")
            let worst = tariff.worstCost(input: tokens.inputOfAllKinds, output: tokens.outputOfAllKinds)
            #expect(try #require(worst).nanoDollars >= expected, "\(expectation.model), \(expectation.case)")
            if tariff.cost(of: tokens)?.nanoDollars == expected { agreed += 1 }
        }
        return agreed
    }

    /// 10^-30 dollars to the nano-dollar.
    private static let nano: UInt128 = 1_000_000_000_000_000_000_000

    private func tariff(_ published: PublicPrice) throws -> Tariff {
        let price = try published.mapped().price
        let body = JSONValue.object([
            "name": .string("a/b"), "upstream": .string("b"), "context": .integer(9), "maxOutput": .integer(9),
            "price": price,
        ])
        var form = Form(try JSON.parse(Array(try JSONEncoder().encode(body))))
        let content = ModelContent(&form)
        #expect(form.problems == [])
        // What an administrator reads back is the same price.
        let tariff = try #require(content?.price?.tariff)
        var again = Form(try #require(content).json)
        #expect(ModelContent(&again)?.price?.tariff == tariff)
        return tariff
    }

    private func tokens(_ expectation: Expectations.Case) throws -> TokenCounts {
        let kinds: [String: TokenKind] = [
            "input": .input, "cache_read": .cachedInput, "cache_write_5m": .cacheWrite, "cache_write_1h": .cacheWrite1h,
            "input_audio": .inputAudio, "output": .output, "output_reasoning": .reasoning, "output_audio": .outputAudio,
        ]
        var tokens = TokenCounts()
        for (name, count) in expectation.usage { tokens[try #require(kinds[name])] = count }
        tokens.serviceTier = ServiceTier(rawValue: expectation.tier)
        #expect(tokens.serviceTier != nil, "\(expectation.tier)")
        return tokens
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
