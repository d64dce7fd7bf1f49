package import Domain
package import Storage
import Wire

/// What is in force, as the sections of a snapshot, and what could not be made part of it.
package struct CompiledSnapshot: Hashable, Sendable {
    package let sections: SnapshotSections
    /// Each names a thing that was left as it was published last, or left out, and why.
    package let problems: [CompileProblem]

    /// Secrets that its providers use.
    package var secrets: Set<Name<Secret>> {
        Set(
            self.sections.providers.compactMap {
                guard case .secret(let name) = $0.credential else { return nil }
                return name
            }
        )
    }
}

/// Why something that people wrote is not in force as they wrote it.
package struct CompileProblem: Hashable, Sendable {
    /// As in `route/assistant`.
    package let subject: String
    package let detail: String
    /// Nothing that anybody wrote is wrong, and time will mend it: it holds up no publication.
    package let isPassing: Bool

    package init(_ subject: String, _ detail: String, isPassing: Bool = false) {
        self.subject = subject
        self.detail = detail
        self.isPassing = isPassing
    }
}

extension CompileProblem: CustomStringConvertible {
    package var description: String { "\(self.subject): \(self.detail)" }
}

/// Makes a snapshot's sections from the revisions in force. Only models that are approved and priced get in.
///
/// One bad thing never holds up the others, and never takes traffic down: a route that names a model which was never
/// approved or has no price stays as it was published last, if that still holds, and is reported. A model that was
/// stopped is dropped from every route at once, because stopping is an emergency; what is left of the route goes on.
package struct SnapshotCompiler {
    private let reading: Reading
    private let now: Timestamp
    /// The routes of the snapshot that is in force.
    private let published: [Name<Route>: Route]

    private var problems: [CompileProblem] = []
    private let withdrawn: Set<Name<Model>>

    private init(_ reading: Reading, at now: Timestamp, published: [Route]) throws {
        self.reading = reading
        self.now = now
        self.published = Dictionary(published.map { ($0.name, $0) }) { first, _ in first }
        let withdrawn = try reading.latestTakenOutOfForce(.models, limit: .max)
        self.withdrawn = Set(withdrawn.compactMap(Name.init))
    }

    /// `published` are the routes of the snapshot that is in force now.
    package static func compile(
        _ reading: Reading,
        at now: Timestamp,
        published: [Route]
    ) throws -> CompiledSnapshot {
        var compiler = try SnapshotCompiler(reading, at: now, published: published)
        return try compiler.compile()
    }

    /// The behaviour of an older snapshot with the access of today: what a rollback publishes.
    ///
    /// Providers, models, routes and prompts are as they were then, without the models that were stopped meanwhile.
    /// Teams, roles, keys, issuers, budgets and limits are as they are now: repeating the old ones would let a text in again that was
    /// rotated out because it had leaked, shut its successor out, bring back a revoked key that the deny list has
    /// forgotten, and give out money that was taken back.
    package static func compile(
        _ reading: Reading,
        at now: Timestamp,
        onto old: SnapshotSections
    ) throws -> CompiledSnapshot {
        var compiler = try SnapshotCompiler(reading, at: now, published: old.routes)
        return try compiler.compile(onto: old)
    }

    /// All of an older snapshot, with the keys that its issuers have now, and without issuers that were removed since: what
    /// goes out while publishing is left to people. An issuer turns its keys over whenever it likes, and nobody is asked.
    package static func compile(
        _ reading: Reading,
        at now: Timestamp,
        renewingKeysOf old: SnapshotSections
    ) throws -> CompiledSnapshot {
        var compiler = try SnapshotCompiler(reading, at: now, published: old.routes)
        let trusted = try reading.inForce(.issuers).map { try IssuerContent.read($0) }
        var sections = old
        sections.issuers = try old.issuers.flatMap { issuer -> [Issuer] in
            guard let content = trusted.first(where: { $0.name == issuer.name }) else { return [] }
            let isSame = content.identifier == issuer.identifier
            guard isSame, let keys = try reading.keys(of: content), !keys.isEmpty else { return [issuer] }
            return compiler.readable(issuer.with(keys))
        }
        return CompiledSnapshot(sections: sections, problems: compiler.problems)
    }

    private mutating func compile(onto old: SnapshotSections) throws -> CompiledSnapshot {
        let models = old.models.filter { !self.withdrawn.contains($0.name) }
        let names = Set(models.map(\.name))
        var sections = SnapshotSections(providers: old.providers, models: models, prompts: old.prompts)
        for route in old.routes {
            sections.routes += self.standing(route, over: names, subject: "route/\(route.name)")
        }
        sections.teams = try self.contents(Team.self)
        sections.roles = try self.contents(Role.self)
        let (teams, roles) = (Set(sections.teams.map(\.name)), Set(sections.roles.map(\.name)))
        sections.keys = try self.keys(of: teams, with: roles)
        sections.issuers = try self.issuers(of: teams, with: roles)
        sections.budgets = try self.fitting(Budget.self)
        sections.limits = try self.fitting(Limit.self)
        return CompiledSnapshot(sections: sections, problems: self.problems)
    }

    private mutating func compile() throws -> CompiledSnapshot {
        let providers = try self.contents(Provider.self)
        let teams = try self.contents(Team.self)
        let roles = try self.contents(Role.self)
        let models = try self.models(of: Set(providers.map(\.name)))
        let sections = SnapshotSections(
            providers: providers,
            models: models,
            routes: try self.routes(over: Set(models.map(\.name))),
            teams: teams,
            roles: roles,
            keys: try self.keys(of: Set(teams.map(\.name)), with: Set(roles.map(\.name))),
            prompts: try self.contents(Prompt.self),
            issuers: try self.issuers(of: Set(teams.map(\.name)), with: Set(roles.map(\.name))),
            budgets: try self.fitting(Budget.self),
            limits: try self.fitting(Limit.self)
        )
        return CompiledSnapshot(sections: sections, problems: self.problems)
    }

    private func contents<Content: CatalogContent>(_ type: Content.Type) throws -> [Content] {
        try self.reading.inForce(Content.kind).map { try Content.read($0) }
    }

    private mutating func models(of providers: Set<Name<Provider>>) throws -> [Model] {
        var models: [Model] = []
        for revision in try self.reading.inForce(.models) {
            let content = try ModelContent.read(revision)
            let approvals = try self.reading.approvals(of: .models, revision.name)
            guard let model = try content.model(approvals: approvals) else {
                self.report("model/\(revision.name)", "has no price, so it is not served: give it one")
                continue
            }
            guard providers.contains(model.provider) else {
                self.report("model/\(revision.name)", "its provider \(model.provider) is not in force")
                continue
            }
            guard let from = model.prices.map(\.from).min(), from <= self.now else {
                self.report("model/\(revision.name)", "its first price starts later, so it is not served until then")
                continue
            }
            models.append(self.priced(model))
        }
        return models
    }

    /// The first price holds from the beginning of time: a node whose clock is behind ours by a second would otherwise
    /// have no price for a model that was approved just now.
    private func priced(_ model: Model) -> Model {
        guard let first = model.prices.first, first.from <= self.now else { return model }
        let always = first.beginning(at: Timestamp(unixMilliseconds: 0))
        return model.with(prices: [always] + model.prices.dropFirst())
    }

    private mutating func routes(over models: Set<Name<Model>>) throws -> [Route] {
        var routes: [Route] = []
        for written in try self.contents(Route.self) {
            let subject = "route/\(written.name)"
            let unknown = written.rules.flatMap(\.candidates).filter {
                !models.contains($0) && !self.withdrawn.contains($0)
            }
            if unknown.isEmpty {
                routes += self.standing(written, over: models, subject: subject)
                continue
            }
            let names = Set(unknown).map(\.text).sorted().joined(separator: ", ")
            let old = self.published[written.name].flatMap { old in
                self.standing(old, over: models, subject: nil).first
            }
            let instead = old == nil ? "the route is left out until then" : "the route stays as it was until then"
            self.report(subject, "uses \(names), not approved or without a price; \(instead)")
            routes += [old].compactMap { $0 }
        }
        return routes
    }

    /// The route without models that are not served; empty if nothing of it is left. Reported unless `subject` is nil.
    private mutating func standing(_ route: Route, over models: Set<Name<Model>>, subject: String?) -> [Route] {
        let gone = Set(route.rules.flatMap(\.candidates)).subtracting(models)
        guard !gone.isEmpty else { return [route] }
        let rules = route.rules.compactMap { rule -> Route.Rule? in
            let left = rule.candidates.filter(models.contains)
            let used = left.filter(rule.use.contains)
            guard let first = left.first else { return nil }
            return used.isEmpty
                ? Route.Rule(use: [first], fallback: Array(left.dropFirst()))
                : Route.Rule(use: used, fallback: left.filter { !used.contains($0) })
        }
        if let subject {
            let names = gone.map(\.text).sorted().joined(separator: ", ")
            self.report(
                subject,
                "goes on without \(names), which was stopped" + (rules.isEmpty ? ": nothing is left" : "")
            )
        }
        guard !rules.isEmpty else { return [] }
        return [
            Route(
                name: route.name,
                rules: rules,
                maxOutput: route.maxOutput,
                timeouts: route.timeouts,
                retryBilled: route.retryBilled,
                hangUp: route.hangUp
            )
        ]
    }

    private mutating func keys(of teams: Set<Name<Team>>, with roles: Set<Name<Role>>) throws -> [APIKey] {
        let texts = Dictionary(grouping: try self.reading.keyDigests(at: self.now), by: \.key)
        var keys: [APIKey] = []
        for content in try self.contents(KeyContent.self) {
            guard teams.contains(content.team), roles.isSuperset(of: content.roles) else {
                self.report("key/\(content.id)", "its team or one of its roles is not in force; the key opens nothing")
                continue
            }
            if let expires = content.expires, expires <= self.now { continue }
            keys += (texts[content.id] ?? []).map(content.key)
        }
        return keys
    }

    private mutating func issuers(of teams: Set<Name<Team>>, with roles: Set<Name<Role>>) throws -> [Issuer] {
        var issuers: [Issuer] = []
        for content in try self.contents(IssuerContent.self) where !content.applications.isEmpty {
            let rules = content.applications.filter { teams.contains($0.team) && roles.isSuperset(of: $0.roles) }
            if rules.count < content.applications.count {
                self.report("issuer/\(content.name)", "goes on without rules whose team or role is not in force")
            }
            guard let keys = try self.reading.keys(of: content), !keys.isEmpty else {
                let detail = "nodes take its tokens once its keys were fetched"
                self.problems.append(CompileProblem("issuer/\(content.name)", detail, isPassing: true))
                continue
            }
            issuers += self.readable(content.issuer(by: rules, with: keys))
        }
        return issuers
    }

    /// Also those that are about things which are gone: they are about nothing. Nobody can write more than fit; what an
    /// older build has taken beyond that is said, and holds up nothing else.
    private mutating func fitting<Item: CatalogContent & Scoped>(_ type: Item.Type) throws -> [Item] {
        let items = try self.contents(type)
        let most = ScopedIndex<Item>.itemsMax
        for item in items.dropFirst(most) {
            self.report("\(Item.kind.singular)/\(item.name)", "is left out: no more than \(most) \(Item.kind) fit")
        }
        return Array(items.prefix(most))
    }

    /// As nodes judge it: somebody else's keys, or a rule that we took and they do not, keep nothing else from them.
    private mutating func readable(_ issuer: Issuer) -> [Issuer] {
        do {
            return try SectionCodec.decode(try SectionCodec.encode(SnapshotSections(issuers: [issuer]))).issuers
        } catch {
            self.report("issuer/\(issuer.name)", "nodes would refuse it: \(error.detail)")
            return []
        }
    }

    private mutating func report(_ subject: String, _ detail: String) {
        self.problems.append(CompileProblem(subject, detail))
    }
}
