import Domain
import Storage
import Testing

@Suite struct ProposalTests {
    /// Proposes the model `local/m` as ann and hands over the rest of the transaction.
    private func proposed(
        needing approvals: Int,
        _ body: @escaping @Sendable (Transaction, Proposal) throws -> Void
    ) async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            let draft = try transaction.write("local/m", "{\"a\":1}", state: .draft, kind: .models)
            let proposal = try transaction.propose(
                draft,
                id: proposalID(),
                approvalsRequired: approvals,
                by: .fixture()
            )
            try body(transaction, proposal)
        }
    }

    @Test func `the last approval needed brings it into force`() async throws {
        try await self.proposed(needing: 2) { transaction, proposal in
            #expect(proposal.state == .open)
            #expect(try transaction.approve(proposal.id, by: .fixture(by: "bob")).state == .open)
            #expect(try transaction.reading.item(.models, "local/m")?.inForce == nil)
            let decided = try transaction.approve(proposal.id, by: .fixture(by: "cy", reason: "good"))
            #expect(decided.state == .approved)
            #expect(decided.votes.map(\.principal) == ["bob", "cy"])
            #expect(try transaction.reading.item(.models, "local/m")?.inForce?.content == "{\"a\":1}")
        }
    }

    @Test func `nobody approves their own, or twice`() async throws {
        try await self.proposed(needing: 2) { transaction, proposal in
            #expect(throws: StorageFault.self) { try transaction.approve(proposal.id, by: .fixture(by: "ann")) }
            _ = try transaction.approve(proposal.id, by: .fixture(by: "bob"))
            #expect(throws: StorageFault.self) { try transaction.approve(proposal.id, by: .fixture(by: "bob")) }
            #expect(try transaction.reading.proposal(proposal.id)?.approvals == 1)
        }
    }

    @Test func `with none required it is approved at once, and the audit log says by whom`() async throws {
        try await self.proposed(needing: 0) { transaction, proposal in
            #expect(proposal.state == .approved)
            let last = try #require(try transaction.reading.auditEntries(limit: 100).last)
            #expect(last.action == "model.self-approved")
            #expect(last.deed.actor == "ann")
        }
    }

    @Test func `what was decided stays decided`() async throws {
        let endings: [@Sendable (Transaction, ID<Proposal>) throws -> Proposal] = [
            { try $0.reject($1, by: .fixture(by: "bob")) }, { try $0.withdraw($1, by: .fixture(by: "ann")) },
            { try $0.approve($1, by: .fixture(by: "bob")) },
        ]
        for ending in endings {
            try await self.proposed(needing: 1) { transaction, proposal in
                let decided = try ending(transaction, proposal.id)
                #expect(decided.state != .open)
                for again in endings {
                    #expect(throws: StorageFault.self) { try again(transaction, proposal.id) }
                }
                #expect(try transaction.reading.proposal(proposal.id) == decided)
            }
        }
    }

    @Test func `only its proposer withdraws it`() async throws {
        try await self.proposed(needing: 1) { transaction, proposal in
            #expect(throws: StorageFault.self) { try transaction.withdraw(proposal.id, by: .fixture(by: "bob")) }
            let withdrawn = try transaction.withdraw(proposal.id, by: .fixture())
            let latest = try transaction.reading.latest(.models, "local/m")
            #expect(withdrawn.state == .withdrawn)
            #expect(latest?.state == .draft)
        }
    }

    @Test func `a newer proposal for the same thing overtakes the older`() async throws {
        try await self.proposed(needing: 1) { transaction, first in
            try transaction.overtakeProposals(of: .models, "local/m", by: .fixture())
            let draft = try transaction.write("local/m", "{\"a\":2}", state: .draft, kind: .models)
            let second = try transaction.propose(draft, id: proposalID("p_2"), approvalsRequired: 1, by: .fixture())
            #expect(try transaction.reading.proposal(first.id)?.state == .overtaken)
            #expect(try transaction.reading.openProposal(for: .models, "local/m") == second)
            #expect(throws: StorageFault.self) { try transaction.approve(first.id, by: .fixture(by: "bob")) }
        }
    }

    @Test func `an approval of what has moved on since is refused`() async throws {
        try await self.proposed(needing: 1) { transaction, proposal in
            try transaction.write("local/m", "{\"a\":3}", state: .draft, kind: .models)
            #expect(throws: StorageFault.staleRevision(latest: 3)) {
                try transaction.approve(proposal.id, by: .fixture(by: "bob"))
            }
        }
    }
}
