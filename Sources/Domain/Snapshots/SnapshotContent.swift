/// The sections of one manifest, checked against each other and indexed. A `final class` of `let`s: handing
/// it to an exchange costs one retain, whatever it holds.
///
/// Nothing in it dangles: a route's models, a model's provider, a key's team and roles all exist.
package final class SnapshotContent: Sendable {
    package let providers: [Name<Provider>: Provider]
    package let models: [Name<Model>: Model]
    package let routes: [Name<Route>: Route]
    package let teams: [Name<Team>: Team]
    package let roles: [Name<Role>: Role]
    package let keys: [Digest: APIKey]

    /// The first thing that does not hold together, named.
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
        try self.checkModels()
        try self.checkRoutes()
        try self.checkKeys()
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

    private func checkModels() throws(Flaw) {
        for model in self.models.values {
            guard self.providers[model.provider] != nil, model.name.text.hasPrefix("\(model.provider)/") else {
                throw Flaw(
                    subject: "model \(model.name)",
                    detail: "names the provider \(model.provider), which is not its own"
                )
            }
            guard !model.prices.isEmpty else { throw Flaw(subject: "model \(model.name)", detail: "has no price") }
            guard model.context > 0, model.maxOutput > 0, !model.upstream.isEmpty else {
                throw Flaw(subject: "model \(model.name)", detail: "has no context, no output or no upstream name")
            }
        }
    }

    private func checkRoutes() throws(Flaw) {
        for route in self.routes.values {
            guard !route.rules.isEmpty, route.maxOutput > 0 else {
                throw Flaw(subject: "route \(route.name)", detail: "has no rules or no output")
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

    private func checkKeys() throws(Flaw) {
        for key in self.keys.values {
            guard self.teams[key.team] != nil else {
                throw Flaw(
                    subject: "key \(key.id)",
                    detail: "belongs to the team \(key.team), which is not in this snapshot"
                )
            }
            for role in key.roles where self.roles[role] == nil {
                throw Flaw(subject: "key \(key.id)", detail: "has the role \(role), which is not in this snapshot")
            }
        }
    }
}
