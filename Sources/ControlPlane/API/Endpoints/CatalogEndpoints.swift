import Domain
import Storage

extension AdminAPI {
    /// The collections whose items are nothing but their content.
    var catalogEndpoints: [Endpoint] {
        self.endpoints(of: Team.self, owned: .byTeams(writtenByThem: false)) + self.endpoints(of: Role.self)
            + self.endpoints(of: SecretContent.self)
            + self.endpoints(of: Provider.self) + self.endpoints(of: ModelContent.self) + self.endpoints(of: Route.self)
            + self.endpoints(of: Prompt.self) + self.spendingEndpoints
    }

    /// A team's people see what they may spend, and do not write it: whoever spends would say how much. Archiving ends it
    /// without a proposal, so it takes somebody who may approve one.
    private var spendingEndpoints: [Endpoint] {
        self.endpoints(of: Budget.self, archive: .approve, owned: .byTeams(writtenByThem: false))
            + self.endpoints(of: Limit.self, archive: .approve, owned: .byTeams(writtenByThem: false))
    }

    /// List, create, show, change, archive, history.
    func endpoints<Content: CatalogContent>(
        of type: Content.Type,
        write: Permission = .write,
        read: Permission = .read,
        archive: Permission? = nil,
        owned: Ownership = .shared,
        isCreated: Bool = true
    ) -> [Endpoint] {
        let kind = Content.kind
        let schema = Self.schema(of: kind)
        let item = "/\(kind.rawValue)/{name}"
        let create = Endpoint(
            .post,
            "/\(kind.rawValue)",
            write,
            "Add a \(kind.singular).",
            body: schema,
            reply: "\(schema)Item",
            statuses: [201, 202],
            takesYAML: true,
            .write { call, transaction, effects in
                let content = try Content.read(call.bodyOrEmpty, ignoring: Form.serverFields)
                return try self.put(content, expecting: .absent, call, transaction, &effects)
            }
        )
        let others = [
            self.list(type, read, owned), self.show(kind, read, owned.reading), self.history(kind, read, owned.reading),
            Endpoint(
                .put,
                item,
                write,
                "Change a \(kind.singular): the whole of it, from the revision named by If-Match.",
                body: schema,
                reply: "\(schema)Item",
                statuses: [200, 202],
                reach: owned.writing,
                takesYAML: true,
                .write { call, transaction, effects in
                    let expectation = try call.expectation()
                    let content: Content = try self.named(call.parameter("name"), call, transaction)
                    return try self.put(content, expecting: expectation, call, transaction, &effects)
                }
            ),
            self.archive(type, archive ?? write, owned.writing),
        ]
        return isCreated ? [create] + others : others
    }

    static func schema(of kind: Kind) -> String { kind.singular.withCapital }

    /// The body of a `PUT`: it may leave out its name, and may not have another.
    private func named<Content: CatalogContent>(
        _ name: String,
        _ call: Call,
        _ transaction: Transaction
    ) throws -> Content {
        let field = Content.kind == .keys ? "id" : "name"
        _ = try transaction.reading.standing(Content.kind, name)
        let body = call.bodyOrEmpty
        if case .object = body, body[field] == nil {
            let filled = body.merging([field: .string(name)])
            return try Content.read(filled, ignoring: Form.serverFields)
        }
        let content = try Content.read(body, ignoring: Form.serverFields)
        guard content.title == name else {
            throw Problem.invalid(at: "/\(field)", "must be \(name), as in the address")
        }
        return content
    }

    func put<Content: CatalogContent>(
        _ content: Content,
        expecting expectation: Expectation,
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        let writer = CatalogWriter(transaction: transaction, call: call, settings: self.settings)
        let outcome = try writer.put(content, expecting: expectation)
        if outcome.takesEffect { effects.contentChanged = true }
        let json = try self.json(of: Content.kind, content.title, transaction.reading)
        let isNew = outcome.action != .unchanged && outcome.before == nil
        let status = outcome.proposal != nil ? 202 : isNew ? 201 : 200
        let address = "/v1/\(Content.kind.rawValue)/\(PercentEncoding.encode(content.title))"
        return Reply(status, json, headers: ["ETag": "\"\(outcome.revision.revision)\"", "Location": address])
    }

    private func list<Content: CatalogContent>(
        _ type: Content.Type,
        _ permission: Permission,
        _ owned: Ownership
    ) -> Endpoint {
        let kind = Content.kind
        return Endpoint(
            .get,
            "/\(kind.rawValue)",
            permission,
            "List all \(kind.rawValue), by name.",
            reply: "\(Self.schema(of: kind))Page",
            query: ["limit", "after"],
            reach: owned.listing,
            .read { call, reading in
                let (limit, after) = (try call.pageSize(), call.query["after"])
                let items: [Item]
                if owned.isOfTeams, let visible = call.caller.grants.teams(permitting: permission) {
                    items = try reading.items(of: kind, after: after, limit: limit + 1) { latest in
                        try Content.read(latest).owner.map(visible.contains) ?? false
                    }
                } else {
                    items = try reading.items(of: kind, after: after, limit: limit + 1)
                }
                return try .page(items, limit: limit, cursor: \.latest.name) { try self.json($0, reading) }
            }
        )
    }

    private func show(_ kind: Kind, _ permission: Permission, _ reach: Reach) -> Endpoint {
        Endpoint(
            .get,
            "/\(kind.rawValue)/{name}",
            permission,
            "Show a \(kind.singular) as it was written last.",
            reply: "\(Self.schema(of: kind))Item",
            reach: reach,
            .read { call, reading in
                let item = try reading.standing(kind, call.parameter("name"))
                var json = try self.json(item, reading)
                if kind == .budgets { json = json.merging(["status": try self.statusWithLeases(of: item, reading)]) }
                return Reply(200, json, headers: ["ETag": "\"\(item.latest.revision)\""])
            }
        )
    }

    private func history(_ kind: Kind, _ permission: Permission, _ reach: Reach) -> Endpoint {
        Endpoint(
            .get,
            "/\(kind.rawValue)/{name}/revisions",
            permission,
            "All that a \(kind.singular) ever was, newest first; also if it is archived.",
            reply: "RevisionPage",
            query: ["limit", "after"],
            reach: reach,
            .read { call, reading in
                let (limit, before) = (try call.pageSize(), try call.afterNumber())
                let name = call.parameter("name")
                var revisions = try reading.history(of: kind, name, before: before, limit: limit + 1)
                if let visible = call.caller.grants.teams(permitting: permission) {
                    // What was another team's, or no team's own, before it came to this one stays so.
                    revisions = try revisions.filter {
                        try kind.content.read($0).owner.map(visible.contains) ?? !kind.isOfTeams
                    }
                }
                if revisions.isEmpty, before == nil { throw Problem.notFound("\(kind.singular) \(name)") }
                return try .page(revisions, limit: limit, cursor: { String($0.revision) }, json: Self.json)
            }
        )
    }

    private func archive<Content: CatalogContent>(
        _ type: Content.Type,
        _ permission: Permission,
        _ reach: Reach
    ) -> Endpoint {
        Endpoint(
            .delete,
            "/\(Content.kind.rawValue)/{name}",
            permission,
            "Archive a \(Content.kind.singular): it is gone from everything but history.",
            reply: "\(Self.schema(of: Content.kind))Item",
            reach: reach,
            .write { call, transaction, effects in
                let (kind, name) = (Content.kind, call.parameter("name"))
                let item = try transaction.reading.standing(kind, name)
                let expectation = try call.seenOrPresent()
                try self.refuseIfNamed(kind, name, transaction.reading)
                if let reason = try item.inForce.map({ try Content.read($0) })?.reasonToStay {
                    throw Problem.conflict(reason)
                }
                let writer = CatalogWriter(transaction: transaction, call: call, settings: self.settings)
                try writer.overtake(kind, name, expectation)
                let archived = try transaction.move(item.latest, to: .archived, expecting: expectation, by: call.deed())
                try Content.followArchiving(of: name, in: transaction, by: call.deed())
                effects.contentChanged = true
                effects.denyListChanged = Content.isDenied
                return Reply(
                    200,
                    try self.json(of: kind, name, transaction.reading),
                    headers: ["ETag": "\"\(archived.revision)\""]
                )
            }
        )
    }

    /// What others name cannot be archived: they would dangle. What is in force counts, and so does what would be next.
    private func refuseIfNamed(_ kind: Kind, _ name: String, _ reading: Reading) throws {
        let others = try Kind.allCases.flatMap { other -> [String] in
            guard other.content.kindsNamed.contains(kind) else { return [] }
            return try reading.items(of: other, limit: .max).filter { item in
                guard item.latest.state != .revoked else { return false }
                return try item.standing.contains { revision in
                    try other.content.read(revision).references.contains { $0.kind == kind && $0.name == name }
                }
            }.map { "\(other.singular) \($0.latest.name)" }
        }
        guard !others.isEmpty else { return }
        let named = others.prefix(10).joined(separator: ", ")
        throw Problem.conflict("the \(kind.singular) \(name) is used by \(others.count) others: \(named)")
    }
}

// MARK: - How things are shown

extension AdminAPI {
    func json(of kind: Kind, _ name: String, _ reading: Reading) throws -> JSON {
        guard let item = try reading.item(kind, name) else { throw Problem.notFound("\(kind.singular) \(name)") }
        return try self.json(item, reading)
    }

    /// The content with what the server knows beside it.
    func json(_ item: Item, _ reading: Reading) throws -> JSON {
        let latest = item.latest
        var members: [String: JSON] = [
            "revision": .number(latest.revision), "state": .string(latest.state.rawValue),
            "author": .string(latest.author), "created": .string(latest.created.rfc3339),
            "inForce": item.inForce.map { .number($0.revision) } ?? .null,
        ]
        switch latest.kind {
        case .models, .providers, .prompts, .budgets, .limits:
            let proposal = try reading.openProposal(for: latest.kind, latest.name)
            members["proposal"] = proposal.map { .string($0.id.text) } ?? .null
            if latest.kind == .budgets { members["status"] = try self.status(of: item, reading) }
            // Labels are what people ask of a prompt, and those that wait for approval are not what is served.
            guard latest.kind == .prompts else { break }
            members["labelsInForce"] = try item.inForce.map { try Prompt.read($0).labelsJSON } ?? [:]
        case .secrets:
            guard let name = Name<Secret>(latest.name) else { break }
            members["version"] = try self.services.secrets.version(of: name, in: reading).map { .number($0) } ?? .null
        case .keys:
            guard let id = ID<APIKey>(latest.name) else { break }
            members["texts"] = .array(
                try reading.keyDigests(of: id).map {
                    .object([
                        "created": .string($0.created.rfc3339),
                        "expires": $0.expires.map { .string($0.rfc3339) } ?? .null,
                    ])
                }
            )
        case .teams, .roles, .routes, .principals, .issuers: break
        }
        return try JSON.parse(Array(latest.content.utf8)).merging(members)
    }

    static func json(_ revision: Revision) throws -> JSON {
        .object([
            "revision": .number(revision.revision), "state": .string(revision.state.rawValue),
            "author": .string(revision.author), "created": .string(revision.created.rfc3339),
            "content": try JSON.parse(Array(revision.content.utf8)),
        ])
    }
}
