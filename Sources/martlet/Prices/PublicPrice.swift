import Foundation

/// What LiteLLM's map says that one model costs, in dollars a token, by the names of its fields.
struct PublicPrice: Decodable {
    private let provider: String
    private let numbers: [String: Decimal]
    /// Fields about prices that hold no number.
    private let others: [String]

    init(provider: String, numbers: [String: Decimal], others: [String] = []) {
        self.provider = provider
        self.numbers = numbers
        self.others = others
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: AnyKey.self)
        var numbers: [String: Decimal] = [:]
        var others: [String] = []
        for key in members.allKeys where Self.isAboutPrices(key.stringValue) {
            if let number = try? members.decode(Decimal.self, forKey: key) {
                // What is no number is named in the report instead.
                numbers[key.stringValue] = number
            } else if try !members.decodeNil(forKey: key) {
                others.append(key.stringValue)
            }
        }
        let provider = AnyKey(stringValue: "litellm_provider")
        self.init(
            provider: (try? members.decode(String.self, forKey: provider)) ?? "",
            numbers: numbers,
            others: others
        )
    }

    private static func isAboutPrices(_ field: String) -> Bool {
        field.contains("cost") || field.contains("pricing") || field.contains("multiplier")
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// `bedrock_converse` is Bedrock too.
    func isOf(_ provider: String) -> Bool { self.provider == provider || self.provider.hasPrefix("\(provider)_") }

    // MARK: - As a price of ours

    /// As the admin API takes it, and what of it has no place there.
    struct Mapped {
        let price: JSONValue
        let leftOut: [String]
    }

    /// Throws where the map has no price for tokens, or one that cannot be.
    func mapped() throws(Flaw) -> Mapped {
        var tables: [PublicPriceField.Table: [String: Decimal]] = [:]
        var leftOut = self.others
        var perCall: Decimal?
        for (name, number) in self.numbers {
            if name == "input_cost_per_request" {
                perCall = number
            } else if let field = PublicPriceField(name) {
                tables[field.table, default: [:]][field.kind] = number * 1_000_000
            } else if number != 0 {
                leftOut.append(name)
            }
        }
        guard var standard = tables[.standard], standard["input"] != nil else { throw Flaw.noTokenPrice }
        // Embeddings have no output.
        standard["output"] = standard["output"] ?? 0
        tables[.standard] = standard
        var price = try self.members(of: "", tables)
        if let perCall, perCall != 0 { price["perCall"] = .string(try Self.decimal(perCall)) }
        var serviceTiers: [String: JSONValue] = [:]
        for tier in PublicPriceField.serviceTiers.values where tables.keys.contains(where: { $0.serviceTier == tier }) {
            serviceTiers[tier] = .object(try self.members(of: tier, tables))
        }
        if !serviceTiers.isEmpty { price["serviceTiers"] = .object(serviceTiers) }
        return Mapped(price: .object(price), leftOut: leftOut.sorted())
    }

    /// Of one service tier: its rates for all sizes, and its larger sizes under `tiers`.
    private func members(
        of serviceTier: String,
        _ tables: [PublicPriceField.Table: [String: Decimal]]
    ) throws(Flaw) -> [String: JSONValue] {
        let base = PublicPriceField.Table(serviceTier: serviceTier, aboveThousands: 0)
        var members = try self.rates(of: base, tables)
        var tiers: [JSONValue] = []
        let sizes = tables.keys.filter { $0.serviceTier == serviceTier && $0 != base }.map(\.aboveThousands)
        for thousands in sizes.sorted() {
            let table = PublicPriceField.Table(serviceTier: serviceTier, aboveThousands: thousands)
            var tier = try self.rates(of: table, tables)
            tier["aboveInputTokens"] = .integer(thousands * 1_000 - (self.isInclusive ? 1 : 0))
            tiers.append(.object(tier))
        }
        if !tiers.isEmpty { members["tiers"] = .array(tiers) }
        return members
    }

    /// A table of ours has both ordinary rates. Where the map leaves one out, it is the dearest of the tables that the map
    /// would look it up in.
    private func rates(
        of table: PublicPriceField.Table,
        _ tables: [PublicPriceField.Table: [String: Decimal]]
    ) throws(Flaw) -> [String: JSONValue] {
        var rates = tables[table] ?? [:]
        let wider = [
            PublicPriceField.Table(serviceTier: table.serviceTier, aboveThousands: 0),
            PublicPriceField.Table(serviceTier: "", aboveThousands: table.aboveThousands), .standard,
        ]
        for kind in ["input", "output"] where rates[kind] == nil {
            rates[kind] = wider.compactMap { tables[$0]?[kind] }.max() ?? 0
        }
        var members: [String: JSONValue] = [:]
        for (kind, rate) in rates { members[kind] = .string(try Self.decimal(rate)) }
        return members
    }

    /// xAI bills a size's rates from its number on, all others above it.
    private var isInclusive: Bool { self.provider == "xai" }

    /// As the admin API writes money: two to nine digits behind the point. What is finer, as sums of binary fractions in the
    /// map are, is rounded up: never too little.
    private static func decimal(_ dollars: Decimal) throws(Flaw) -> String {
        guard dollars >= 0 else { throw Flaw.belowZero }
        let parts = (dollars * 1_000_000_000).description.split(separator: ".")
        guard let first = parts.first, let whole = Int64(first), whole < .max else { throw Flaw.tooLarge }
        let digits = String(parts.count > 1 ? whole + 1 : whole)
        let padded = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        var fraction = padded.suffix(9)
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return "\(padded.dropLast(9)).\(fraction)"
    }

    enum Flaw: Error, CustomStringConvertible {
        case noTokenPrice
        case belowZero
        case tooLarge

        var description: String {
            switch self {
            case .noTokenPrice: "the map has no price for its tokens"
            case .belowZero: "the map has a price below zero"
            case .tooLarge: "the map has a price that is none"
            }
        }
    }
}
