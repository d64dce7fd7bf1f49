import Domain

/// The fleet: who is there, which snapshot each enforces, and how far that is from the newest.
enum NodePages {
    static var routes: [ConsoleRoute] {
        [
            .show("nodes", self.list), .show("nodes/{id}", self.show),
            ConsoleRoute("nodes/{id}/drain", .perform({ try await self.end($0, "drain") }, orShow: self.show)),
            ConsoleRoute("nodes/{id}/ban", .perform({ try await self.end($0, "ban") }, orShow: self.show)),
        ]
    }

    private static let snapshotsMax = 5

    @Sendable static func list(_ visit: Visit) async throws -> Page {
        let status = try await visit.get("/status")
        let page = try await visit.get("/nodes", query: Paging.query(visit))
        let snapshots = try await visit.get("/snapshots", query: ["limit": String(Self.snapshotsMax)])
        return Page(
            "Nodes",
            in: .nodes,
            .nodes,
            [
                "rows": .unlessEmpty(page.items("items").map { self.row($0, status, at: visit.now) }),
                "paging": Paging.json(page, visit, Link.to("nodes")),
                "snapshot": .unlessEmpty(status.text("snapshot")),
                "publishError": .unlessEmpty(status.text("lastPublishError")),
                "live": .string(Figures.count(status["nodes"]?.integer("live") ?? 0)),
                "silent": .string(Figures.count(status["nodes"]?.integer("silent") ?? 0)),
                "snapshots": .unlessEmpty(snapshots.items("items").map(self.snapshot)),
            ]
        )
    }

    private static func snapshot(_ snapshot: JSON) -> JSON {
        [
            "number": .string("\(snapshot.integer("seq")).\(snapshot.integer("headVersion"))"),
            "published": Figures.time(snapshot["published"]), "author": snapshot["author"] ?? .null,
            "comment": .unlessEmpty(snapshot.text("comment")), "isCurrent": snapshot["isCurrent"] ?? false,
            "digest": .string(String(snapshot.text("sha256").prefix(12))),
        ]
    }

    private static func row(_ node: JSON, _ status: JSON, at now: Timestamp) -> JSON {
        [
            "id": node["id"] ?? .null, "name": .string(node.text("name").isEmpty ? node.text("id") : node.text("name")),
            "link": .string(Link.to("nodes", node.text("id"))), "pool": node["pool"] ?? .null,
            "status": State.json(node.text("state")), "seen": Figures.age(node["lastSeen"], at: now),
            "enrolled": Figures.time(node["enrolled"]), "snapshot": .unlessEmpty(node.text("snapshot")),
            "drift": self.drift(node, status), "spooled": Figures.count(node["spooled"]),
            "build": .unlessEmpty(node.text("version")), "refuses": .unlessEmpty(node.text("refusal")),
            "warnings": .unlessEmpty(node.items("warnings")),
        ]
    }

    /// How far what a node enforces is from what the head says: by snapshots, or only by the head's own number.
    private static func drift(_ node: JSON, _ status: JSON) -> JSON {
        func sequence(_ version: String) -> Int64? { version.split(separator: ".").first.flatMap { Int64($0) } }
        guard node.text("state") != "banned" else { return State.json("banned") }
        if node["isCurrent"]?.isTrue == true { return State.json("current") }
        guard let has = sequence(node.text("snapshot")) else {
            return State.json("silent").merging(["word": "has none yet"])
        }
        let behind = max(0, (sequence(status.text("snapshot")) ?? has) - has)
        let words = behind == 0 ? "older head" : behind == 1 ? "1 snapshot behind" : "\(behind) snapshots behind"
        return State.json("behind").merging(["word": .string(words)])
    }

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let id = visit.parameter("id")
        let node = try await visit.get("/nodes/{id}", ["id": id])
        let status = try await visit.get("/status")
        let row = self.row(node, status, at: visit.now)
        let canDrain = visit.may(.post, "/nodes/{id}/drain") && node.text("state") == "active"
        let canBan = visit.may(.post, "/nodes/{id}/ban") && node.text("state") != "banned"
        return Page(
            "Node \(row.text("name"))",
            in: .nodes,
            .node,
            row.merging([
                "newest": .unlessEmpty(status.text("snapshot")), "canAct": .bool(canDrain || canBan),
                "canDrain": .bool(canDrain), "canBan": .bool(canBan), "action": .string(Link.to("nodes", id)),
                "reason": .string(visit.typed("reason")), "refusal": ProblemView.json(visit),
            ])
        )
    }

    private static func end(_ visit: Visit, _ verb: String) async throws -> Done {
        let id = visit.parameter("id")
        try await visit.send(.post, "/nodes/{id}/\(verb)", ["id": id], visit.reason)
        let word = verb == "ban" ? "The node is shut out." : "The node was asked to drain."
        return Done(location: Link.to("nodes", id), word: word)
    }
}
