import Domain

/// API keys of applications: whose they are, until when, and ending one at once. Making one shows its text, which is for
/// the command line and not for a page.
enum KeyPages {
    static var routes: [ConsoleRoute] {
        [
            .show("keys", self.list), .show("keys/{name}", self.show),
            ConsoleRoute("keys/{name}/revoke", .perform(self.revoke, orShow: self.show)),
        ]
    }

    @Sendable static func list(_ visit: Visit) async throws -> Page {
        let page = try await visit.get("/keys", query: Paging.query(visit))
        return Page(
            "Keys",
            in: .keys,
            .keys,
            [
                "rows": .unlessEmpty(page.items("items").map { self.row($0, at: visit.now) }),
                "paging": Paging.json(page, visit, Link.to("keys")),
            ]
        )
    }

    private static func row(_ key: JSON, at now: Timestamp) -> JSON {
        let isOver = key["expires"]?.string.flatMap(Timestamp.init(rfc3339:)).map { $0 <= now } ?? false
        let state = key.text("state") == "approved" ? (isOver ? "expired" : "active") : key.text("state")
        return [
            "id": key["id"] ?? .null, "link": .string(Link.to("keys", key.text("id"))),
            "description": .unlessEmpty(key.text("description")), "team": key["team"] ?? .null,
            "roles": .string(key.items("roles").compactMap(\.string).joined(separator: ", ")),
            "author": key["author"] ?? .null, "created": Figures.time(key["created"]),
            "expires": Figures.time(key["expires"]), "status": State.json(state),
            "revision": key["revision"] ?? .null,
        ]
    }

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let name = visit.parameter("name")
        let key = try await visit.get("/keys/{name}", ["name": name])
        let mayRevoke = try await visit.may(.post, "/keys/{name}/revoke", ["name": name])
        return Page(
            "Key \(name)",
            in: .keys,
            .key,
            self.row(key, at: visit.now).merging([
                "texts": .unlessEmpty(
                    key.items("texts").map { text in
                        ["created": Figures.time(text["created"]), "expires": Figures.time(text["expires"])]
                    }
                ),
                "canRevoke": .bool(mayRevoke && key.text("state") == "approved"),
                "action": .string(Link.to("keys", name, "revoke")), "reason": .string(visit.typed("reason")),
                "refusal": ProblemView.json(visit),
            ])
        )
    }

    @Sendable private static func revoke(_ visit: Visit) async throws -> Done {
        let name = visit.parameter("name")
        try await visit.send(.post, "/keys/{name}/revoke", ["name": name], visit.reason)
        return Done(location: Link.to("keys", name), word: "The key \(name) is revoked on every node.")
    }
}
