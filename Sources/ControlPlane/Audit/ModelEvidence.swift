package import Domain
package import Storage

/// What can be shown about one model: every decision on it with what was decided, and the routes that it serves.
package struct ModelEvidence {
    package let model: String
    package let latest: Revision
    /// Without a break; nil while it is out of force.
    package let inForceSince: Timestamp?
    /// Oldest first: each time that it came into force, left it, or was refused.
    package let decisions: [Decision]
    /// Routes in force that name it, by name.
    package let routes: [RouteUse]
    /// Of the chain that all this stands in.
    package let auditHead: AuditHead?

    package struct Decision {
        package let revision: Revision
        /// The model as it was agreed to: price, limits, what it can do.
        package let terms: JSON
        /// Who asked and who voted, with their reasons; nil for what needs no vote.
        package let proposal: Proposal?
    }

    package struct RouteUse {
        package let route: String
        /// Since when both the route names it and it is in force, without a break.
        package let since: Timestamp
        /// Who wrote the revision that began to name it.
        package let author: String
        package let revision: Int64
    }

    /// Nil if there never was a model of that name.
    package init?(_ name: String, in reading: Reading) throws {
        guard let item = try reading.item(.models, name) else { return nil }
        let history = try reading.history(of: .models, name, limit: .max).reversed()
        let proposals = try reading.proposals(of: .models, name)
        self.model = name
        self.latest = item.latest
        self.inForceSince = item.inForce == nil ? nil : Self.inForceSince(history)
        self.decisions = try history.filter(\.state.isDecision).map { revision in
            Decision(
                revision: revision,
                terms: try JSON.parse(Array(revision.content.utf8)),
                // What was proposed as one revision is approved or rejected as the next.
                proposal: proposals.last { $0.revision < revision.revision && $0.decided == revision.created }
            )
        }
        let since = self.inForceSince
        self.routes = try reading.inForce(.routes).compactMap { try Self.use(of: name, in: $0, since: since, reading) }
        self.auditHead = try reading.auditHead()
    }

    private static func inForceSince(_ history: some Sequence<Revision>) -> Timestamp? {
        history.reduce(nil) { since, revision in
            switch revision.state {
            case .approved, .deprecated: since ?? revision.created
            case .stopped, .revoked, .archived: nil
            case .draft, .proposed, .rejected: since
            }
        }
    }

    private static func use(
        of model: String,
        in route: Revision,
        since inForce: Timestamp?,
        _ reading: Reading
    ) throws -> RouteUse? {
        guard let inForce else { return nil }
        func names(_ revision: Revision) throws -> Bool {
            try Route.read(revision).references.contains { $0.kind == .models && $0.name == model }
        }
        let revisions = try reading.approvals(of: .routes, route.name).filter { $0.revision <= route.revision }
        let naming = try revisions.reversed().prefix { try names($0) }
        guard let first = naming.last else { return nil }
        return RouteUse(
            route: route.name,
            since: max(first.created, inForce),
            author: first.author,
            revision: first.revision
        )
    }
}

extension Revision.State {
    /// Whether somebody decided with it what may run.
    fileprivate var isDecision: Bool {
        switch self {
        case .approved, .rejected, .deprecated, .stopped, .revoked, .archived: true
        case .draft, .proposed: false
        }
    }
}
