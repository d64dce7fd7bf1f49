import Domain
import Storage

extension AdminAPI {
    /// The short words for proposals about models, and what only models have: deprecate and stop.
    var modelEndpoints: [Endpoint] {
        [
            self.modelVerb("propose", .write, "Ask for approval of a model as it was written last.", self.proposeModel),
            self.modelVerb("approve", .approve, "Approve what is proposed for a model.") { call, transaction, effects in
                let proposal = try self.openProposal(call, transaction.reading)
                let reply = try self.approve(proposal, call, transaction, &effects)
                return try self.modelReply(call, transaction, like: reply)
            },
            self.modelVerb("reject", .approve, "Reject what is proposed for a model.") { call, transaction, _ in
                let proposal = try self.openProposal(call, transaction.reading)
                _ = try transaction.reject(proposal.id, by: call.deed(reason: try call.reason()))
                return try self.modelReply(call, transaction)
            },
            self.modelVerb("deprecate", .approve, "Mark a model as on its way out; it goes on working.") {
                call,
                transaction,
                effects in
                guard let inForce = try transaction.reading.item(.models, call.parameter("name"))?.inForce else {
                    throw Problem.conflict("only a model that is in force can be deprecated")
                }
                try self.end(inForce, as: .deprecated, by: call.deed(reason: try call.reason()), transaction)
                effects.contentChanged = true
                return try self.modelReply(call, transaction)
            },
            self.modelVerb("stop", .stop, "Take a model out of service on every node at once.") {
                call,
                transaction,
                effects in
                let latest = try self.model(call, transaction.reading)
                let deed = call.deed(reason: try call.reason())
                if latest.state != .stopped { try self.end(latest, as: .stopped, by: deed, transaction) }
                effects.contentChanged = true
                effects.denyListChanged = true
                return try self.modelReply(call, transaction)
            },
        ]
    }

    private func modelVerb(
        _ verb: String,
        _ permission: Permission,
        _ summary: String,
        _ body: @escaping @Sendable (Call, Transaction, inout Effects) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            .post,
            "/models/{name}/\(verb)",
            permission,
            summary,
            body: "Reason",
            isBodyRequired: false,
            reply: "ModelItem",
            statuses: verb == "propose" ? [200, 202] : [200],
            .write { call, transaction, effects in
                try call.checkIfMatch(.models, transaction.reading)
                return try body(call, transaction, &effects)
            }
        )
    }

    @Sendable private func proposeModel(
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        let latest = try self.model(call, transaction.reading)
        switch latest.state {
        case .approved: throw Problem.conflict("it is approved already")
        case .proposed: throw Problem.conflict("it is proposed already")
        case .draft, .rejected, .deprecated, .stopped, .revoked, .archived: break
        }
        let writer = CatalogWriter(transaction: transaction, call: call, settings: self.settings)
        let problems = try writer.problems(of: try ModelContent.read(latest))
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        let proposal = try transaction.propose(
            latest,
            id: self.settings.newID("p"),
            approvalsRequired: self.settings.approvalsRequired,
            by: call.deed(reason: try call.reason())
        )
        guard proposal.state == .open else {
            effects.contentChanged = true
            effects.denyListChanged = true
            return try self.modelReply(call, transaction)
        }
        return Reply(202, try self.json(of: .models, latest.name, transaction.reading))
    }

    private func end(
        _ revision: Revision,
        as state: Revision.State,
        by deed: Deed,
        _ transaction: Transaction
    ) throws {
        try transaction.overtakeProposals(of: .models, revision.name, by: deed)
        try transaction.move(revision, to: state, by: deed)
    }

    private func model(_ call: Call, _ reading: Reading) throws -> Revision {
        try reading.standing(.models, call.parameter("name")).latest
    }

    private func openProposal(_ call: Call, _ reading: Reading) throws -> Proposal {
        let latest = try self.model(call, reading)
        guard let proposal = try reading.openProposal(for: .models, latest.name) else {
            throw Problem.conflict("nothing is proposed for the model \(latest.name)")
        }
        return proposal
    }

    private func modelReply(_ call: Call, _ transaction: Transaction, like other: Reply? = nil) throws -> Reply {
        let name = call.parameter("name")
        let latest = try self.model(call, transaction.reading)
        let json = try self.json(of: .models, name, transaction.reading)
        return Reply(other?.status ?? 200, json, headers: ["ETag": "\"\(latest.revision)\""])
    }
}
