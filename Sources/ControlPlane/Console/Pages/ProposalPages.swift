import Domain
import Storage

/// Changes that wait for somebody else, what each would change, and the decision.
enum ProposalPages {
    static var routes: [ConsoleRoute] {
        [.show("proposals", self.list), .show("proposals/{id}", self.show)]
            + [("approve", "approved"), ("reject", "rejected"), ("withdraw", "withdrawn")].map(self.decision)
    }

    @Sendable static func list(_ visit: Visit) async throws -> Page {
        let state = visit.query["state"] ?? "open"
        let asked = state == "all" ? [:] : ["state": state]
        let page = try await visit.get("/proposals", query: asked.merging(Paging.query(visit)) { $1 })
        return Page(
            "Proposals",
            in: .proposals,
            .proposals,
            [
                "tabs": .array(self.tabs(state)), "state": .string(state),
                "rows": .unlessEmpty(page.items("items").map(ProposalView.row)),
                "isOpen": .bool(state == "open"),
                "paging": Paging.json(page, visit, Link.to(Link.to("proposals"), query: ["state": state])),
            ]
        )
    }

    private static func tabs(_ current: String) -> [JSON] {
        let known = Proposal.State.allCases.map(\.rawValue)
        return (known + ["all"]).map { state in
            [
                "title": .string(state.withCapital),
                "link": .string(Link.to(Link.to("proposals"), query: ["state": state])),
                "isCurrent": .bool(state == current),
            ]
        }
    }

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let id = visit.parameter("id")
        let proposal = try await visit.get("/proposals/{id}", ["id": id])
        let isOpen = proposal.text("state") == "open"
        let isOwn = proposal.text("author") == visit.caller.name
        func may(_ verb: String) -> Bool { isOpen && visit.may(.post, "/proposals/{id}/\(verb)") }
        // Who wrote it, or a part of it, may still reject it.
        let isWriter = proposal.items("writers").contains(.string(visit.caller.name))
        let (approves, rejects) = (may("approve") && !isWriter, may("reject") && !isOwn)
        let (decides, withdraws) = (approves || rejects, may("withdraw") && isOwn)
        return Page(
            "Proposal for \(proposal.text("name"))",
            in: .proposals,
            .proposal,
            ProposalView.row(proposal).merging([
                "votes": .unlessEmpty(
                    proposal.items("votes").map { vote in
                        [
                            "principal": vote["principal"] ?? .null, "state": State.json(vote.text("verdict")),
                            "reason": .unlessEmpty(vote.text("reason")), "time": Figures.time(vote["time"]),
                        ]
                    }
                ),
                "difference": ProposalView.difference(
                    proposal.items("diff"),
                    texts: proposal.items("texts"),
                    Ways.chosen(visit)
                ),
                "content": .string((proposal["content"] ?? .null).readingLines.joined(separator: "\n")),
                "ways": Ways.json(visit, Link.to("proposals", id)),
                "decides": .bool(decides), "approves": .bool(approves), "rejects": .bool(rejects),
                "withdraws": .bool(withdraws), "hasForm": .bool(decides || withdraws),
                "waitsForOthers": isOpen && isWriter ? .string(self.notice(isOwn: isOwn)) : .null,
                "action": .string(Link.to("proposals", id)), "reason": .string(visit.typed("reason")),
                "refusal": ProblemView.json(visit),
            ])
        )
    }

    /// To somebody who cannot approve it.
    private static func notice(isOwn: Bool) -> String {
        isOwn
            ? "This is your own proposal: somebody else must decide."
            : "You wrote what this proposes: somebody else must approve it."
    }

    private static func decision(_ verb: String, _ word: String) -> ConsoleRoute {
        ConsoleRoute(
            "proposals/{id}/\(verb)",
            .perform(
                { visit in
                    let id = visit.parameter("id")
                    let done = try await visit.send(.post, "/proposals/{id}/\(verb)", ["id": id], visit.reason)
                    let isOpen = done.text("state") == "open"
                    return Done(
                        location: Link.to("proposals", id),
                        word: isOpen
                            ? "Your approval is in; more are needed."
                            : "The proposal for \(done.text("name")) is \(word)."
                    )
                },
                orShow: self.show
            )
        )
    }
}
