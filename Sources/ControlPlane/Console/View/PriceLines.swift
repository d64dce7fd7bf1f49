import Domain

/// What a price has beyond the three rates that every page names: other kinds of tokens, a fee, tiers.
enum PriceLines {
    static func json(_ price: JSON) -> [JSON] {
        let kinds = Self.kinds.compactMap { kind, title in self.line(title, price[kind.rawValue]) }
        let fee = self.line("Each call", price["perCall"]).map { [$0] } ?? []
        return kinds + fee + self.tiers(price, of: nil)
            + ServiceTier.allCases.flatMap { tier -> [JSON] in
                guard let own = price["serviceTiers"]?[tier.rawValue] else { return [] }
                return [self.line(tier.rawValue.withCapital, own)] + self.tiers(own, of: tier)
            }
    }

    private static let kinds: [(TokenKind, String)] = [
        (.cacheWrite, "Cache write"), (.cacheWrite1h, "Cache write, an hour"), (.inputAudio, "Audio in"),
        (.inputImage, "Image in"), (.reasoning, "Reasoning"), (.outputAudio, "Audio out"), (.outputImage, "Image out"),
    ]

    private static func line(_ title: String, _ rate: JSON?) -> JSON? {
        rate?.string.map { ["title": .string(title), "text": .string(Figures.price($0))] }
    }

    private static func tiers(_ rates: JSON, of tier: ServiceTier?) -> [JSON] {
        rates.items("tiers").map { table in
            let above = "above \(Figures.count(table.integer("aboveInputTokens"))) input tokens"
            return self.line(tier.map { "\($0.rawValue.withCapital), \(above)" } ?? above.withCapital, table)
        }
    }

    /// All rates of a table in one line.
    private static func line(_ title: String, _ table: JSON) -> JSON {
        let rates = TokenKind.allCases.compactMap { kind in
            table[kind.rawValue]?.string.map { "\(kind.rawValue) \(Figures.price($0))" }
        }
        return ["title": .string(title), "text": .string(rates.joined(separator: ", "))]
    }
}
