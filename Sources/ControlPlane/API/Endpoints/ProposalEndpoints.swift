import Domain
import Storage

extension AdminAPI {
    var proposalEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/proposals",
                .read,
                "List proposals, oldest first.",
                reply: "ProposalPage",
                query: ["limit", "after", "state"],
                reach: .anywhere,
                .read { call, reading in
                    let limit = try call.pageSize()
                    let state = try call.query["state"].map { text in
                        guard let state = Proposal.State(rawValue: text) else {
                            let words = Proposal.State.allCases.map(\.rawValue).joined(separator: ", ")
                            throw Problem.badQuery("state", "must be one of: \(words)")
                        }
                        return state
                    }
                    let after = try call.afterNumber() ?? 0
                    let proposals = try reading.proposals(after: after, limit: limit + 1, in: state) {
                        try Self.isVisible($0, to: call.caller, reading)
                    }
                    return .page(proposals, limit: limit, cursor: { String($0.number) }, json: Self.json)
                }
            ),
            Endpoint(
                .get,
                "/proposals/{id}",
                .read,
                "Show a proposal: what it would change.",
                reply: "ProposalItem",
                reach: .anywhere,
                .read { call, reading in
                    let proposal = try Self.proposal(call, reading)
                    guard try Self.isVisible(proposal, to: call.caller, reading) else {
                        throw Problem.notFound("proposal \(proposal.id)")
                    }
                    return Reply(200, try self.detailed(proposal, reading))
                }
            ),
            self.proposalVerb("approve", .approve, "Approve a proposal of somebody else.") {
                call,
                transaction,
                effects in
                try self.approve(try Self.proposal(call, transaction.reading), call, transaction, &effects)
            },
            self.proposalVerb("reject", .approve, "Reject a proposal; what is in force stays so.") {
                call,
                transaction,
                _ in
                let id = try Self.proposal(call, transaction.reading).id
                let proposal = try transaction.reject(id, by: call.deed(reason: try call.reason()))
                return Reply(200, Self.json(proposal))
            },
            self.proposalVerb("withdraw", .write, "Take one's own proposal back.") { call, transaction, _ in
                let id = try Self.proposal(call, transaction.reading).id
                let proposal = try transaction.withdraw(id, by: call.deed(reason: try call.reason()))
                return Reply(200, Self.json(proposal))
            },
        ]
    }

    private func proposalVerb(
        _ verb: String,
        _ permission: Permission,
        _ summary: String,
        _ body: @escaping @Sendable (Call, Transaction, inout Effects) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            .post,
            "/proposals/{id}/\(verb)",
            permission,
            summary,
            body: "Reason",
            isBodyRequired: false,
            reply: "ProposalItem",
            .write(body)
        )
    }

    /// Approves after checking once more that what was proposed still fits what is there.
    func approve(
        _ proposal: Proposal,
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        guard let revision = try transaction.reading.revision(proposal.kind, proposal.name, proposal.revision) else {
            throw Problem.notFound("revision \(proposal.revision) of \(proposal.kind.singular) \(proposal.name)")
        }
        let writer = CatalogWriter(transaction: transaction, call: call, settings: self.settings)
        let content = try proposal.kind.content.read(revision)
        let problems = try writer.problems(of: content)
        guard problems.isEmpty else {
            throw Problem.conflict("it does not fit what is there any more: propose it anew", errors: problems)
        }
        let decided = try transaction.approve(
            proposal.id,
            besides: try content.news(in: transaction.reading).authors,
            by: call.deed(reason: try call.reason())
        )
        if decided.state == .approved {
            effects.contentChanged = true
            // A model that was stopped is on the deny list until now.
            effects.denyListChanged = proposal.kind == .models
        }
        return Reply(200, Self.json(decided))
    }

    private static func proposal(_ call: Call, _ reading: Reading) throws -> Proposal {
        let text = call.parameter("id")
        guard let id = ID<Proposal>(text), let proposal = try reading.proposal(id) else {
            throw Problem.notFound("proposal \(text)")
        }
        return proposal
    }

    /// A team's people see what would change for all, and what would change for them.
    private static func isVisible(_ proposal: Proposal, to caller: Caller, _ reading: Reading) throws -> Bool {
        guard proposal.kind.isOfTeams, let visible = caller.grants.teams(permitting: .read) else { return true }
        let revision = try reading.revision(proposal.kind, proposal.name, proposal.revision)
        return try revision.flatMap { try proposal.kind.content.read($0).owner }.map(visible.contains) ?? false
    }

    static func json(_ proposal: Proposal) -> JSON {
        .object([
            "id": .string(proposal.id.text), "kind": .string(proposal.kind.rawValue), "name": .string(proposal.name),
            "revision": .number(proposal.revision), "state": .string(proposal.state.rawValue),
            "author": .string(proposal.proposer), "created": .string(proposal.created.rfc3339),
            "decided": proposal.decided.map { .string($0.rfc3339) } ?? .null,
            "approvalsRequired": .number(proposal.approvalsRequired), "approvals": .number(proposal.approvals),
            "votes": .array(
                proposal.votes.map {
                    .object([
                        "principal": .string($0.principal), "verdict": .string($0.verdict.rawValue),
                        "reason": .string($0.reason), "time": .string($0.time.rfc3339),
                    ])
                }
            ),
        ])
    }

    private func detailed(_ proposal: Proposal, _ reading: Reading) throws -> JSON {
        let proposed = try reading.revision(proposal.kind, proposal.name, proposal.revision)
        let content = try proposed.map { try JSON.parse(Array($0.content.utf8)) } ?? .null
        let approved = try reading.lastApproved(proposal.kind, proposal.name)
        let before = try approved.map { try JSON.parse(Array($0.content.utf8)) }
        // What a decided proposal would bring now is not what it was about.
        let news =
            proposal.state == .open ? try proposed.map { try proposal.kind.content.read($0).news(in: reading) } : nil
        let writers = try reading.writers(of: proposal).union(news?.authors ?? []).union([proposal.proposer])
        return Self.json(proposal).merging([
            "content": content, "diff": .array(JSONDifference.between(before, content).map(\.json)),
            "texts": .array(news?.texts ?? []),
            // They do not approve it.
            "writers": .array(writers.sorted().map(JSON.string)),
        ])
    }
}
