import Domain
import Storage

extension AdminAPI {
    var nodeEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/nodes",
                .read,
                "List nodes, by id.",
                reply: "NodePage",
                query: ["limit", "after"],
                .ask { call in
                    let limit = try call.pageSize()
                    let after = try call.query["after"].map { text in
                        guard let id = ID<Node>(text) else { throw Problem.badQuery("after", "must be a node's id") }
                        return id
                    }
                    let nodes = try await self.services.nodes.nodes(after: after, limit: limit + 1)
                    return .page(nodes, limit: limit, cursor: \.id.text, json: Self.json)
                }
            ),
            Endpoint(
                .get,
                "/nodes/{id}",
                .read,
                "Show a node.",
                reply: "NodeItem",
                .ask { call in
                    let id = try Self.node(call)
                    guard let node = try await self.services.nodes.node(id) else {
                        throw Problem.notFound("node \(id)")
                    }
                    return Reply(200, Self.json(node))
                }
            ),
            Endpoint(
                .post,
                "/nodes/tokens",
                .operate,
                "Mint a join token. Its text is in this reply and nowhere else.",
                body: "JoinTokenRequest",
                isBodyRequired: false,
                reply: "JoinTokenShown",
                statuses: [201],
                .ask(self.mintJoinToken)
            ),
            self.nodeVerb("drain", "Ask a node to finish what it has and stop taking more.") { id, deed in
                try await self.services.nodes.drain(id, by: deed)
            },
            self.nodeVerb("ban", "Shut a node out for good, at once.") { id, deed in
                try await self.services.nodes.ban(id, by: deed)
            },
        ]
    }

    private func nodeVerb(
        _ verb: String,
        _ summary: String,
        _ action: @escaping @Sendable (ID<Node>, Deed) async throws -> NodeSummary?
    ) -> Endpoint {
        Endpoint(
            .post,
            "/nodes/{id}/\(verb)",
            .operate,
            summary,
            body: "Reason",
            isBodyRequired: false,
            reply: "NodeItem",
            .ask { call in
                let id = try Self.node(call)
                guard let node = try await action(id, call.deed(reason: try call.reason())) else {
                    throw Problem.notFound("node \(id)")
                }
                return Reply(200, Self.json(node))
            }
        )
    }

    private static let tokenUsesMax: Int64 = 10_000
    private static let tokenSecondsDefault: Int64 = 600
    private static let tokenSecondsMax: Int64 = 365 * 86_400

    @Sendable private func mintJoinToken(_ call: Call) async throws -> Reply {
        var form = Form(call.bodyOrEmpty)
        let uses = form.integer("uses", in: 1...Self.tokenUsesMax, default: 1)
        let seconds = form.integer("ttlSeconds", in: 1...Self.tokenSecondsMax, default: Self.tokenSecondsDefault)
        let pool = form.textIfPresent("pool", lengthMax: 64)
        if let pool, ID<Node>(pool) == nil { form.add("pool", "must be letters, digits, '-' or '_'") }
        form.finish()
        guard let uses, let seconds, form.isGood else { throw Refusal(problems: form.problems) }
        let grant = try await self.services.nodes.mintToken(
            uses: Int(uses),
            ttlMilliseconds: seconds * 1_000,
            pool: pool ?? "default",
            by: call.deed()
        )
        let body: JSON = .object([
            "id": .string(grant.id), "expires": .string(grant.expires.rfc3339), "uses": .number(grant.uses),
        ])
        return Reply(201, body, shownOnce: ["token": .string(grant.text)])
    }

    private static func node(_ call: Call) throws -> ID<Node> {
        guard let id = ID<Node>(call.parameter("id")) else { throw Problem.notFound("such node") }
        return id
    }

    private static func json(_ node: NodeSummary) -> JSON {
        .object([
            "id": .string(node.id.text), "name": .string(node.name), "pool": .string(node.pool),
            "state": .string(node.state), "enrolled": .string(node.enrolled.rfc3339),
            "lastSeen": node.lastSeen.map { .string($0.rfc3339) } ?? .null,
            "snapshot": node.snapshot.map { .string("\($0)") } ?? .null, "isCurrent": .bool(node.isCurrent),
            "spooled": node.spooled.map { .number($0) } ?? .null, "refusal": .string(node.refusal),
            "warnings": .array(node.warnings.map(JSON.string)),
            "version": .string(node.build),
        ])
    }
}
