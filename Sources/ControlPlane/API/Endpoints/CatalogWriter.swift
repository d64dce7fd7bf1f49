import Domain
import Storage

/// Writes contents into the catalogue within one transaction, by the same rules for a `PUT` and for a bundle: what
/// refers to nothing is refused, what needs approval is proposed, what is as it was is left alone.
struct CatalogWriter {
    let transaction: Transaction
    let call: Call
    let settings: AdminAPI.Settings
    /// Things that this bundle will write, as `kind/name`: naming them is no mistake even before they are there.
    var promised: Set<String> = []

    struct Outcome {
        let revision: Revision
        let action: Action
        /// The one that is open now, whether this made it or it was there.
        let proposal: Proposal?
        let before: JSON?
        /// The one that this has ended.
        var overtaken: Proposal?

        enum Action: String {
            case create
            case update
            case propose
            case unchanged
        }

        /// Whether snapshots are compiled from something else now.
        var takesEffect: Bool { self.action != .unchanged && self.revision.state == .approved }
    }

    /// `proposes`: whether what needs approval is proposed at once, or left as a draft.
    func put<Content: CatalogContent>(
        _ content: Content,
        expecting expectation: Expectation,
        proposes: Bool = Content.isProposedWhenWritten
    ) throws -> Outcome {
        let reading = self.transaction.reading
        let problems = try self.problems(of: content)
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        let item = try reading.item(Content.kind, content.title)
        let latest = item?.latest
        let text = content.json.canonical
        let needsApproval = content.needsApproval(
            after: try Content.lastApproved(content.title, in: reading),
            isInForce: item?.inForce != nil
        )
        if let latest, latest.content == text, try self.isSettled(latest, expectation, proposes && needsApproval) {
            let proposal = try reading.openProposal(for: Content.kind, content.title)
            return Outcome(revision: latest, action: .unchanged, proposal: proposal, before: content.json)
        }
        let overtaken = try self.overtake(Content.kind, content.title, expectation)
        let isNew = latest.map { $0.state == .archived } ?? true
        let written = try self.transaction.revise(
            Content.kind,
            content.title,
            to: text,
            state: needsApproval ? .draft : .approved,
            expecting: expectation,
            action: isNew ? "created" : "revised",
            by: self.call.deed()
        )
        try content.follow(try latest.map { try Content.read($0) }, in: self.transaction, by: self.call.deed())
        let before = isNew ? nil : try latest.map { try JSON.parse(Array($0.content.utf8)) }
        guard needsApproval, proposes else {
            return Outcome(
                revision: written,
                action: isNew ? .create : .update,
                proposal: nil,
                before: before,
                overtaken: overtaken
            )
        }
        var outcome = try self.propose(written, isNew: isNew, before: before)
        outcome.overtaken = overtaken
        return outcome
    }

    /// Ends the open proposal, of which a bundle's report says so. Anybody else who writes without having seen what is
    /// there does not end what somebody else has asked for.
    @discardableResult
    func overtake(_ kind: Kind, _ name: String, _ expectation: Expectation) throws -> Proposal? {
        guard let open = try self.transaction.reading.openProposal(for: kind, name) else { return nil }
        if expectation == .present, open.proposer != self.call.caller.name {
            throw Problem.conflict(
                "\(open.proposer) has proposed a change of the \(kind.singular) \(name), which this would overtake: let "
                    + "\(open.id) be decided first, or send If-Match with the revision that you have seen"
            )
        }
        try self.transaction.overtakeProposals(of: kind, name, by: self.call.deed())
        return open
    }

    /// Whether a thing that has this content already needs no new revision. Throws if the caller saw another one.
    private func isSettled(_ latest: Revision, _ expectation: Expectation, _ wantsProposal: Bool) throws -> Bool {
        switch expectation {
        case .absent where latest.state != .archived: throw StorageFault.exists
        case .revision(let seen) where seen != latest.revision && latest.state != .archived:
            throw StorageFault.staleRevision(latest: latest.revision)
        case .absent, .revision, .present, .anything: break
        }
        return switch latest.state {
        case .approved, .deprecated, .proposed: true
        case .draft: !wantsProposal
        // In a bundle that is applied again and again, what was refused or stopped by hand stays so.
        case .rejected, .stopped, .revoked: expectation == .anything
        case .archived: false
        }
    }

    private func propose(_ written: Revision, isNew: Bool, before: JSON?) throws -> Outcome {
        let proposal = try self.transaction.propose(
            written,
            id: self.settings.newID("p"),
            approvalsRequired: self.settings.approvalsRequired,
            by: self.call.deed()
        )
        let latest = try self.transaction.reading.latest(written.kind, written.name) ?? written
        let isOpen = proposal.state == .open
        return Outcome(
            revision: latest,
            action: isOpen ? .propose : isNew ? .create : .update,
            proposal: isOpen ? proposal : nil,
            before: before
        )
    }

    /// Everything that is wrong with a content beside what else is there.
    func problems<Content: CatalogContent>(of content: Content) throws -> [FieldProblem] {
        let reading = self.transaction.reading
        var problems: [FieldProblem] = []
        for reference in content.references where !self.promised.contains("\(reference.kind)/\(reference.name)") {
            let there = try reading.latest(reference.kind, reference.name)
            if there == nil || there?.state == .archived {
                let detail = "there is no \(reference.kind.singular) \(reference.name)"
                problems.append(FieldProblem(at: reference.pointer, detail))
            }
        }
        let surroundings = Surroundings(reading: reading, ownPorts: self.settings.ownPorts)
        return problems + (try content.problems(beside: surroundings))
    }
}

extension AdminAPI.Settings {
    /// `p_` and 20 random hexadecimal digits: at most 24 characters, which is what a key's row in a snapshot holds.
    func newID<Subject>(_ prefix: String) -> ID<Subject> {
        guard let id = ID<Subject>("\(prefix)_\(Hex.encode(self.random(10)))") else {
            preconditionFailure("a prefix of letters and hexadecimal digits make an id")
        }
        return id
    }
}
