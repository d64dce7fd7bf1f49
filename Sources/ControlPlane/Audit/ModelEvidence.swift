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
                proposal: proposals.last { $0.ended(in: revision) }
            )
        }
        let since = self.inForceSince
        self.routes = try reading.inForce(.routes).compactMap { try Self.use(of: name, in: $0, since: since, reading) }
        self.auditHead = try reading.auditHead()
    }

    private static func inForceSince(_ history: some Sequence<Revision>) -> Timestamp? {
        history.reduce(nil) { since, revision in
            revision.endsForce ? nil : revision.isInForce ? since ?? revision.created : since
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
        var first: Revision?
        for revision in try reading.history(of: .routes, route.name, limit: .max).reversed()
        where revision.revision <= route.revision {
            if revision.endsForce { first = nil }
            if revision.isInForce { first = try names(revision) ? first ?? revision : nil }
        }
        guard let first else { return nil }
        return RouteUse(
            route: route.name,
            since: max(first.created, inForce),
            author: first.author,
            revision: first.revision
        )
    }
}

extension Revision {
    /// Whether it came into force; it may be out of force by now.
    fileprivate var isInForce: Bool { self.state == .approved || self.state == .deprecated }

    fileprivate var endsForce: Bool { [.stopped, .revoked, .archived].contains(self.state) }
}

extension Proposal {
    /// What was proposed as one revision is approved or rejected as the next: what came between decided nothing of it.
    fileprivate func ended(in revision: Revision) -> Bool {
        guard revision.revision == self.revision + 1 else { return false }
        switch self.state {
        case .approved: return revision.state == .approved
        case .rejected: return revision.state == .rejected
        case .open, .withdrawn, .overtaken: return false
        }
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
