package import Domain

/// A model's price as people write it: a tariff, and from when it holds.
package struct WrittenPrice: Hashable, Sendable {
    package let tariff: Tariff
    /// Nil: from the moment of approval.
    package let from: Timestamp?

    /// Nil with problems in the form where something is wrong.
    init?(_ form: inout Form) {
        let standard = Self.rates(&form)
        let tiers = Self.tiers(&form, of: .standard)
        let perCall = Self.money(&form, "perCall", max: Tariff.perCallMax, "a hundred dollars a call")
        let others = Self.serviceTiers(&form)
        let from = form.timeIfPresent("from")
        form.finish()
        guard let standard, form.isGood else { return nil }
        self.tariff = Tariff(standard, perCall: perCall ?? .zero, others: tiers + others)
        self.from = from
    }

    private static func rates(_ form: inout Form) -> Rates? {
        for required in [TokenKind.input, .output] where form.value(required.rawValue) == nil {
            form.add(required.rawValue, "is required")
        }
        // All of them, before any is missed: people see everything that is wrong at once.
        var written: [TokenKind: Money] = [:]
        for kind in TokenKind.allCases {
            written[kind] = self.money(&form, kind.rawValue, max: Rates.rateMax, "a dollar a token")
        }
        return Rates { written[$0] }
    }

    private static func money(_ form: inout Form, _ name: String, max: Money, _ words: String) -> Money? {
        guard let money = form.moneyIfPresent(name) else { return nil }
        guard (.zero...max).contains(money) else {
            form.add(name, "must be from 0 to \(max.dollars): at most \(words)")
            return nil
        }
        return money
    }

    private static func tiers(_ form: inout Form, of serviceTier: ServiceTier) -> [RateTable] {
        let tiers = form.objects("tiers") { tier -> RateTable? in
            let above = tier.integer("aboveInputTokens", in: 1...TokenCounts.countMax)
            let rates = self.rates(&tier)
            tier.finish()
            guard let above, let rates else { return nil }
            return RateTable(rates, of: serviceTier, aboveInputTokens: above)
        }
        guard let tiers else { return [] }
        if tiers.count > self.tiersMax { form.add("tiers", "must be a list of at most \(self.tiersMax)") }
        if Set(tiers.map(\.aboveInputTokens)).count < tiers.count {
            form.add("tiers", "must each begin at another number of input tokens")
        }
        return tiers
    }

    private static func serviceTiers(_ form: inout Form) -> [RateTable] {
        let tables = form.object("serviceTiers") { tiers -> [RateTable]? in
            var tables: [RateTable] = []
            for tier in ServiceTier.allCases where tier != .standard {
                tables +=
                    tiers.object(tier.rawValue) { inner -> [RateTable]? in
                        let rates = self.rates(&inner)
                        let larger = self.tiers(&inner, of: tier)
                        inner.finish()
                        return rates.map { [RateTable($0, of: tier)] + larger }
                    } ?? []
            }
            tiers.finish()
            return tables
        }
        return tables ?? []
    }

    /// Of one service tier.
    private static let tiersMax = 8

    package var json: JSON {
        var members = Self.members(self.tariff.tables.filter { $0.serviceTier == .standard })
        if self.tariff.perCall > .zero { members["perCall"] = .string(self.tariff.perCall.dollars) }
        if let from = self.from { members["from"] = .string(from.rfc3339) }
        var tiers: [String: JSON] = [:]
        for tier in ServiceTier.allCases where tier != .standard {
            let tables = self.tariff.tables.filter { $0.serviceTier == tier }
            if !tables.isEmpty { tiers[tier.rawValue] = .object(Self.members(tables)) }
        }
        if !tiers.isEmpty { members["serviceTiers"] = .object(tiers) }
        return .object(members)
    }

    /// Of one service tier: the first table's rates, and the others under `tiers`.
    private static func members(_ tables: [RateTable]) -> [String: JSON] {
        guard let first = tables.first else { return [:] }
        var members = self.members(first.rates)
        let tiers = tables.dropFirst().map { table in
            let above = ["aboveInputTokens": JSON.number(table.aboveInputTokens)]
            return JSON.object(self.members(table.rates).merging(above) { $1 })
        }
        if !tiers.isEmpty { members["tiers"] = .array(tiers) }
        return members
    }

    private static func members(_ rates: Rates) -> [String: JSON] {
        var members: [String: JSON] = [:]
        for kind in TokenKind.allCases {
            if let rate = rates[kind] { members[kind.rawValue] = .string(rate.dollars) }
        }
        return members
    }
}
