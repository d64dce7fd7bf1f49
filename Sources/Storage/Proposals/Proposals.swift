package import Domain
import GRDB

extension Transaction {
    /// Asks for approval of a thing's newest revision, which becomes `proposed`. A proposal that was open for the
    /// same thing is overtaken: there is at most one at a time.
    ///
    /// With no approvals required it is approved at once, and the audit log says `self-approved`.
    package func propose(
        _ revision: Revision,
        id: ID<Proposal>,
        approvalsRequired: Int,
        by deed: Deed
    ) throws -> Proposal {
        try self.overtakeProposals(of: revision.kind, revision.name, by: deed)
        let proposed = try self.move(
            revision,
            to: .proposed,
            expecting: .revision(revision.revision),
            detail: #"{"proposal":"\#(id)"}"#,
            by: deed
        )
        let number = try Int64.fetchOne(self.db, sql: "SELECT coalesce(max(number), 0) + 1 FROM proposal") ?? 1
        try self.db.execute(
            sql: """
                INSERT INTO proposal
                    (id, number, kind, name, revision, proposer, created, approvalsRequired, state, decided)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL)
                """,
            arguments: [
                id.text, number, proposed.kind.rawValue, proposed.name, proposed.revision, deed.actor,
                deed.at.column, approvalsRequired,
            ]
        )
        if approvalsRequired == 0 { try self.bringIntoForce(try self.open(id), action: "self-approved", by: deed) }
        return try self.existing(id)
    }

    /// Counts one approval; the last one needed brings the revision into force. `authors` wrote earlier what it would
    /// bring into force.
    ///
    /// - Throws: `StorageFault.wrongState` if the proposal is not open, is the voter's own in any way, or was voted on by
    ///   them.
    package func approve(_ id: ID<Proposal>, besides authors: Set<String> = [], by deed: Deed) throws -> Proposal {
        let proposal = try self.open(id)
        guard proposal.proposer != deed.actor else {
            throw StorageFault.wrongState("a proposal is approved by somebody other than its proposer")
        }
        guard try !self.reading.writers(of: proposal).union(authors).contains(deed.actor) else {
            throw StorageFault.wrongState("a proposal is approved by somebody other than who wrote what it proposes")
        }
        try self.vote(.approve, on: proposal, by: deed)
        let voted = try self.open(id)
        if voted.approvals >= voted.approvalsRequired { try self.bringIntoForce(voted, action: "approved", by: deed) }
        return try self.existing(id)
    }

    /// Ends a proposal; what was in force stays so.
    package func reject(_ id: ID<Proposal>, by deed: Deed) throws -> Proposal {
        let proposal = try self.open(id)
        try self.vote(.reject, on: proposal, by: deed)
        try self.close(proposal, as: .rejected, at: deed.at)
        try self.moveProposed(proposal, to: .rejected, action: "rejected", by: deed)
        return try self.existing(id)
    }

    /// Takes a proposal back; its revision is a draft again.
    package func withdraw(_ id: ID<Proposal>, by deed: Deed) throws -> Proposal {
        let proposal = try self.open(id)
        guard proposal.proposer == deed.actor else {
            throw StorageFault.wrongState("a proposal is withdrawn by its proposer; others reject it")
        }
        try self.close(proposal, as: .withdrawn, at: deed.at)
        try self.moveProposed(proposal, to: .draft, action: "withdrawn", by: deed)
        return try self.existing(id)
    }

    /// Ends the open proposal of a thing that is about to change otherwise.
    package func overtakeProposals(of kind: Kind, _ name: String, by deed: Deed) throws {
        guard let proposal = try self.reading.openProposal(for: kind, name) else { return }
        try self.close(proposal, as: .overtaken, at: deed.at)
        try self.audit("proposal.overtaken", "\(kind.singular)/\(name)", detail: Self.detail(of: proposal), by: deed)
    }

    private func bringIntoForce(_ proposal: Proposal, action: String, by deed: Deed) throws {
        try self.close(proposal, as: .approved, at: deed.at)
        try self.moveProposed(proposal, to: .approved, action: action, by: deed)
    }

    private func moveProposed(_ proposal: Proposal, to state: Revision.State, action: String, by deed: Deed) throws {
        guard let revision = try self.reading.revision(proposal.kind, proposal.name, proposal.revision) else {
            throw StorageFault.corrupt("proposal \(proposal.id) names a revision that is not there")
        }
        try self.move(
            revision,
            to: state,
            expecting: .revision(proposal.revision),
            action: action,
            detail: Self.detail(of: proposal),
            by: deed
        )
    }

    private func vote(_ verdict: Proposal.Verdict, on proposal: Proposal, by deed: Deed) throws {
        guard !proposal.votes.contains(where: { $0.principal == deed.actor }) else {
            throw StorageFault.wrongState("you have voted on this proposal already")
        }
        try self.db.execute(
            sql: "INSERT INTO vote (proposal, principal, verdict, reason, time) VALUES (?, ?, ?, ?, ?)",
            arguments: [proposal.id.text, deed.actor, verdict.rawValue, deed.reason, deed.at.column]
        )
        try self.audit(
            "proposal.\(verdict.rawValue)",
            "\(proposal.kind.singular)/\(proposal.name)",
            detail: Self.detail(of: proposal),
            by: deed
        )
    }

    private func close(_ proposal: Proposal, as state: Proposal.State, at time: Timestamp) throws {
        try self.db.execute(
            sql: "UPDATE proposal SET state = ?, decided = ? WHERE id = ? AND state = 'open'",
            arguments: [state.rawValue, time.column, proposal.id.text]
        )
    }

    private func open(_ id: ID<Proposal>) throws -> Proposal {
        let proposal = try self.existing(id)
        guard proposal.state == .open else {
            throw StorageFault.wrongState("the proposal is \(proposal.state.rawValue) already")
        }
        return proposal
    }

    private func existing(_ id: ID<Proposal>) throws -> Proposal {
        guard let proposal = try self.reading.proposal(id) else { throw StorageFault.notFound }
        return proposal
    }

    private static func detail(of proposal: Proposal) -> String { #"{"proposal":"\#(proposal.id)"}"# }
}

extension Reading {
    /// Who wrote the content that is proposed, as a draft or with the proposal, since it last read otherwise. Four eyes
    /// on a content that one person wrote and approves, and another only passes on, would be two.
    package func writers(of proposal: Proposal) throws -> Set<String> {
        try String.fetchSet(
            self.db,
            sql: """
                SELECT written.author FROM revision AS written JOIN revision AS proposed
                ON proposed.kind = written.kind AND proposed.name = written.name AND proposed.revision = ?
                WHERE written.kind = ? AND written.name = ? AND written.revision <= proposed.revision
                AND written.state IN ('draft', 'proposed') AND written.revision > coalesce((
                    SELECT max(other.revision) FROM revision AS other
                    WHERE other.kind = written.kind AND other.name = written.name
                    AND other.revision < proposed.revision AND other.content <> proposed.content
                ), 0)
                """,
            arguments: [proposal.revision, proposal.kind.rawValue, proposal.name]
        )
    }

    package func proposal(_ id: ID<Proposal>) throws -> Proposal? {
        try self.proposals("id = ?", [id.text]).first
    }

    package func openProposal(for kind: Kind, _ name: String) throws -> Proposal? {
        try self.proposals("kind = ? AND name = ? AND state = 'open'", [kind.rawValue, name]).first
    }

    /// Proposals after `number`, oldest first, at most `limit`; in one state only, if given.
    package func proposals(
        after number: Int64 = 0,
        limit: Int,
        in state: Proposal.State? = nil
    ) throws -> [Proposal] {
        try self.proposals(
            "number > ? AND (? IS NULL OR state = ?) ORDER BY number LIMIT ?",
            [number, state?.rawValue, state?.rawValue, limit]
        )
    }

    /// The same of those that `isWanted`; read a page at a time.
    package func proposals(
        after number: Int64,
        limit: Int,
        in state: Proposal.State?,
        _ isWanted: (Proposal) throws -> Bool
    ) throws -> [Proposal] {
        let pageSize = 500
        var (wanted, last): ([Proposal], Int64) = ([], number)
        while wanted.count < limit {
            let page = try self.proposals(after: last, limit: pageSize, in: state)
            wanted += try page.filter(isWanted)
            guard page.count == pageSize, let end = page.last?.number else { break }
            last = end
        }
        return Array(wanted.prefix(limit))
    }

    /// All that was ever proposed for one thing, oldest first.
    package func proposals(of kind: Kind, _ name: String) throws -> [Proposal] {
        try self.proposals("kind = ? AND name = ? ORDER BY number", [kind.rawValue, name])
    }

    /// How many wait for a decision.
    package func openProposals() throws -> Int {
        try Int.fetchOne(self.db, sql: "SELECT count(*) FROM proposal WHERE state = 'open'") ?? 0
    }

    private func proposals(_ condition: String, _ arguments: StatementArguments) throws -> [Proposal] {
        let rows = try Row.fetchAll(self.db, sql: "SELECT * FROM proposal WHERE \(condition)", arguments: arguments)
        return try rows.map { try Proposal($0, votes: self.votes(on: $0["id"])) }
    }

    private func votes(on proposal: String) throws -> [Proposal.Vote] {
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM vote WHERE proposal = ? ORDER BY time, principal",
            arguments: [proposal]
        )
        return try rows.map {
            Proposal.Vote(
                principal: $0["principal"],
                verdict: try $0.choice("verdict"),
                reason: $0["reason"],
                time: $0.timestamp("time")
            )
        }
    }
}

extension Proposal {
    fileprivate init(_ row: Row, votes: [Vote]) throws {
        self.init(
            id: try row.id("id"),
            number: row["number"],
            kind: try row.choice("kind"),
            name: row["name"],
            revision: row["revision"],
            proposer: row["proposer"],
            created: row.timestamp("created"),
            approvalsRequired: row["approvalsRequired"],
            state: try row.choice("state"),
            decided: row.timestampIfPresent("decided"),
            votes: votes
        )
    }
}
