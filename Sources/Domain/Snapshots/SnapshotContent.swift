/// The sections of one manifest, checked against each other and indexed. A `final class` of `let`s: handing
/// it to an exchange costs one retain, whatever it holds.
///
/// Nothing in it dangles: a route's models, a model's provider, the team and roles of a key or of an
/// issuer's rule, a label's versions all exist. What a budget or a limit is about may be gone: then it is about nothing.
package final class SnapshotContent: Sendable {
    package let providers: [Name<Provider>: Provider]
    package let models: [Name<Model>: Model]
    package let routes: [Name<Route>: Route]
    package let teams: [Name<Team>: Team]
    package let roles: [Name<Role>: Role]
    package let keys: [Digest: APIKey]
    package let prompts: [Name<Prompt>: Prompt]
    /// By name; no two have one address.
    package let issuers: [Issuer]
    package let budgets: ScopedIndex<Budget>
    package let limits: ScopedIndex<Limit>

    /// The first thing that does not hold together, in the order of the sections: the same sections always give
    /// the same flaw.
    package struct Flaw: Error, Hashable, Sendable {
        package let subject: String
        package let detail: String
    }

    package init(_ sections: SnapshotSections) throws(Flaw) {
        self.providers = try Self.index(sections.providers, by: \.name, "provider")
        self.models = try Self.index(sections.models, by: \.name, "model")
        self.routes = try Self.index(sections.routes, by: \.name, "route")
        self.teams = try Self.index(sections.teams, by: \.name, "team")
        self.roles = try Self.index(sections.roles, by: \.name, "role")
        self.keys = try Self.index(sections.keys, by: \.digest, "key")
        self.prompts = try Self.index(sections.prompts, by: \.name, "prompt")
        self.issuers = sections.issuers.sorted { $0.name < $1.name }
        _ = try Self.index(sections.budgets, by: \.name, "budget")
        self.budgets = ScopedIndex(sections.budgets)
        _ = try Self.index(sections.limits, by: \.name, "limit")
        self.limits = ScopedIndex(sections.limits)
        try self.check(sections.models)
        try self.check(sections.routes)
        try self.check(sections.keys)
        try self.check(sections.issuers)
        for prompt in sections.prompts {
            guard let flaw = prompt.flaw else { continue }
            throw Flaw(subject: "prompt \(prompt.name)", detail: flaw)
        }
    }

    private static func index<Thing, Key: Hashable & CustomStringConvertible>(
        _ things: [Thing],
        by key: KeyPath<Thing, Key>,
        _ kind: String
    ) throws(Flaw) -> [Key: Thing] {
        var index: [Key: Thing] = [:]
        index.reserveCapacity(things.count)
        for thing in things {
            guard index.updateValue(thing, forKey: thing[keyPath: key]) == nil else {
                throw Flaw(subject: "\(kind) \(thing[keyPath: key])", detail: "is listed twice")
            }
        }
        return index
    }

    private func check(_ models: [Model]) throws(Flaw) {
        for model in models {
            guard self.providers[model.provider] != nil, model.name.text.hasPrefix("\(model.provider)/") else {
                throw Flaw(
                    subject: "model \(model.name)",
                    detail: "names the provider \(model.provider), which is not its own"
                )
            }
            guard (1...TokenCounts.countMax).contains(model.context),
                (1...TokenCounts.countMax).contains(model.maxOutput),
                !model.upstream.isEmpty
            else {
                throw Flaw(
                    subject: "model \(model.name)",
                    detail: "has no context, no output or no upstream name, or more tokens than are believed"
                )
            }
            guard (0...Model.estimateMax).contains(model.overheadTokens),
                (1...Model.estimateMax).contains(model.imageTokensMax ?? 1)
            else {
                throw Flaw(subject: "model \(model.name)", detail: "adds more tokens by itself than can be")
            }
            try self.checkPrices(of: model)
        }
    }

    private func checkPrices(of model: Model) throws(Flaw) {
        guard !model.prices.isEmpty else { throw Flaw(subject: "model \(model.name)", detail: "has no price") }
        guard model.prices.allSatisfy(\.tariff.isWithinBounds) else {
            throw Flaw(
                subject: "model \(model.name)",
                detail: "has a rate below zero or above a dollar a token, a fee out of bounds or tables that overlap"
            )
        }
        guard Set(model.prices.map(\.version)).count == model.prices.count else {
            throw Flaw(subject: "model \(model.name)", detail: "has two prices of one version")
        }
    }

    private func check(_ routes: [Route]) throws(Flaw) {
        for route in routes {
            guard !route.rules.isEmpty, (1...TokenCounts.countMax).contains(route.maxOutput) else {
                throw Flaw(subject: "route \(route.name)", detail: "has no rules or no output")
            }
            guard route.timeouts.areWithinBounds else {
                throw Flaw(subject: "route \(route.name)", detail: "has a timeout below a millisecond or above a day")
            }
            for rule in route.rules {
                guard !rule.use.isEmpty else {
                    throw Flaw(subject: "route \(route.name)", detail: "has a rule without models")
                }
                for name in rule.candidates where self.models[name] == nil {
                    throw Flaw(
                        subject: "route \(route.name)",
                        detail: "uses the model \(name), which is not in this snapshot"
                    )
                }
            }
        }
    }

    private func check(_ keys: [APIKey]) throws(Flaw) {
        for key in keys { try self.check("key \(key.id)", team: key.team, roles: key.roles) }
    }

    private func check(_ issuers: [Issuer]) throws(Flaw) {
        _ = try Self.index(issuers, by: \.name, "issuer")
        _ = try Self.index(issuers, by: \.identifier, "issuer")
        for issuer in issuers {
            for rule in issuer.rules { try self.check("issuer \(issuer.name)", team: rule.team, roles: rule.roles) }
        }
    }

    private func check(_ subject: String, team: Name<Team>, roles: [Name<Role>]) throws(Flaw) {
        guard self.teams[team] != nil else {
            throw Flaw(subject: subject, detail: "names the team \(team), which is not in this snapshot")
        }
        for role in roles where self.roles[role] == nil {
            throw Flaw(subject: subject, detail: "names the role \(role), which is not in this snapshot")
        }
    }
}
