package import Domain
package import Storage

/// `{"team": "demo", "model": "openai/gpt-4o", "metadata": {"data_class": "internal"}}`: all of it must match.
extension Scope {
    private static let hints = [
        "apiKey": "is called key", "metadata_key": "is called metadata", "tags": "are called metadata",
        "user": "users are counted apart with per: user", "role": "roles have no budgets and limits of their own",
    ]

    /// Reads the field `scope`; where it is absent, everything is meant. Nil only if the form has a problem.
    static func read(_ form: inout Form) -> Scope? {
        form.value("scope") == nil ? Scope() : form.object("scope", Scope.init)
    }

    private init?(_ form: inout Form) {
        let team: Name<Team>? = form.nameIfPresent("team")
        let key = Self.application(&form)
        let route: Name<Route>? = form.nameIfPresent("route")
        let model: Name<Model>? = form.nameIfPresent("model")
        let provider: Name<Provider>? = form.nameIfPresent("provider")
        let task = form.textIfPresent("task", lengthMax: Self.taskLengthMax)
        let metadata = form.strings("metadata", countMax: Self.metadataMax, bytesMax: Self.metadataBytesMax)
        form.finish(hints: Self.hints)
        guard let metadata, form.isGood else { return nil }
        self.init(
            team: team,
            application: key,
            route: route,
            model: model,
            provider: provider,
            task: task,
            metadata: metadata
        )
    }

    private static func application(_ form: inout Form) -> ApplicationID? {
        guard let text = form.textIfPresent("key", lengthMax: ApplicationID.lengthMax) else { return nil }
        let isKnown = ApplicationID.isOfToken(text) ? Self.issuer(of: text) != nil : ID<APIKey>(text) != nil
        if !isKnown { form.add("key", "must be a key's id, or issuer:subject for whoever comes with a token") }
        return isKnown ? ApplicationID(text) : nil
    }

    /// Nil for a key, and for what no token can be about.
    private static func issuer(of text: String) -> Name<Issuer>? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        return Name(String(parts[0]))
    }

    var json: JSON {
        var members: [String: JSON] = [:]
        if let team = self.team { members["team"] = .string(team.text) }
        if let application = self.application { members["key"] = .string(application.text) }
        if let route = self.route { members["route"] = .string(route.text) }
        if let model = self.model { members["model"] = .string(model.text) }
        if let provider = self.provider { members["provider"] = .string(provider.text) }
        if let task = self.task { members["task"] = .string(task) }
        if !self.metadata.isEmpty { members["metadata"] = .object(self.metadata.mapValues(JSON.string)) }
        return .object(members)
    }

    fileprivate var references: [Reference] {
        let issuer = self.application.flatMap { Self.issuer(of: $0.text) }
        let named: [(String, Kind, String?)] = [
            ("team", .teams, self.team?.text), ("key", .keys, issuer == nil ? self.application?.text : nil),
            ("key", .issuers, issuer?.text), ("route", .routes, self.route?.text),
            ("model", .models, self.model?.text), ("provider", .providers, self.provider?.text),
        ]
        return named.compactMap { field, kind, name in
            name.map { Reference(pointer: "/scope/\(field)", kind: kind, name: $0) }
        }
    }

    /// A key of another team would never match.
    fileprivate func problems(beside surroundings: Surroundings) throws -> [FieldProblem] {
        guard let team = self.team, let application = self.application,
            let key = try surroundings.reading.written(KeyContent.self, application.text), key.team != team
        else { return [] }
        return [FieldProblem(at: "/scope/key", "belongs to the team \(key.team)")]
    }
}

/// What budgets and limits have in common.
extension CatalogContent where Self: Scoped {
    package static var kindsNamed: Set<Kind> { [.teams, .keys, .issuers, .routes, .models, .providers] }
    package var title: String { self.name.text }
    package var references: [Reference] { self.scope.references }
    package var owner: Name<Team>? { self.scope.team }

    package func problems(beside surroundings: Surroundings) throws -> [FieldProblem] {
        let problems = try self.scope.problems(beside: surroundings)
        let latest = try surroundings.reading.latest(Self.kind, self.title)
        let isNew = latest.map { $0.state == .archived } ?? true
        guard isNew, try surroundings.reading.count(of: Self.kind) >= ScopedIndex<Self>.itemsMax else {
            return problems
        }
        // Nodes refuse a snapshot with more, and leaving one out would let money go.
        let detail =
            "there are \(ScopedIndex<Self>.itemsMax) \(Self.kind) already: archive one, or count apart with per"
        return problems + [FieldProblem(at: "", detail)]
    }
}
