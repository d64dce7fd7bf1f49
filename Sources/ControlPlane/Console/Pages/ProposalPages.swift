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
                "title": .string(state.prefix(1).uppercased() + state.dropFirst()),
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
        let (decides, withdraws) = (may("approve") && !isOwn, may("withdraw") && isOwn)
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
                "decides": .bool(decides), "withdraws": .bool(withdraws), "hasForm": .bool(decides || withdraws),
                "waitsForOthers": .bool(isOpen && isOwn),
                "action": .string(Link.to("proposals", id)), "reason": .string(visit.typed("reason")),
                "refusal": ProblemView.json(visit),
            ])
        )
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

/// A proposal as cells, and what it would change.
enum ProposalView {
    @Sendable static func row(_ proposal: JSON) -> JSON {
        let (kind, name) = (proposal.text("kind"), proposal.text("name"))
        let isPage = ["models", "prompts"].contains(kind)
        return [
            "id": proposal["id"] ?? .null, "link": .string(Link.to("proposals", proposal.text("id"))),
            "kind": .string(kind.hasSuffix("s") ? String(kind.dropLast()) : kind), "name": .string(name),
            "subject": isPage ? .string(Link.to(kind, name)) : .null,
            "author": proposal["author"] ?? .null, "created": Figures.time(proposal["created"]),
            "decided": Figures.time(proposal["decided"]), "status": State.json(proposal.text("state")),
            "approvals": .string("\(proposal.integer("approvals")) of \(proposal.integer("approvalsRequired"))"),
        ]
    }

    /// Fields that fit into a cell as a table, all others as lines, and the texts that callers would be given.
    static func difference(_ fields: [JSON], texts: [JSON] = [], _ way: DifferenceView.Way) -> JSON {
        var (cells, blocks): ([JSON], [JSON]) = ([], [])
        for field in fields {
            let path = field.text("path").isEmpty ? "Everything" : field.text("path")
            let (before, after) = (field["before"] ?? .null, field["after"] ?? .null)
            if let old = before.cell, let new = after.cell {
                cells.append([
                    "path": .string(path), "before": before.isNull ? .null : .string(old),
                    "after": after.isNull ? .null : .string(new),
                ])
            } else {
                let lines = LineDifference.between(
                    before.isNull ? [] : before.readingLines,
                    after.isNull ? [] : after.readingLines
                )
                // There is nothing to lay beside what is new or gone as a whole.
                let shown = before.isNull || after.isNull ? .words : way
                blocks.append(["path": .string(path), "lines": DifferenceView(lines).json(shown)])
            }
        }
        blocks += texts.map { text in
            let beside = text["from"].flatMap { $0.isNull ? nil : " beside version \(text.integer("from"))" } ?? ""
            return [
                "path": .string("label \(text.text("label")): version \(text.integer("to"))\(beside)"),
                "lines": DifferenceView(api: text.items("lines")).json(beside.isEmpty ? .words : way),
            ]
        }
        return [
            "cells": .unlessEmpty(cells), "blocks": .unlessEmpty(blocks),
            "isNothing": .bool(cells.isEmpty && blocks.isEmpty),
        ]
    }
}

/// The two ways to show a difference, as links.
enum Ways {
    static func chosen(_ visit: Visit) -> DifferenceView.Way {
        visit.query["view"].flatMap(DifferenceView.Way.init) ?? .side
    }

    static func json(_ visit: Visit, _ path: String, _ others: String = "") -> JSON {
        .array(
            DifferenceView.Way.allCases.map { way in
                [
                    "title": .string(way == .side ? "Side by side" : "In words"),
                    "link": .string("\(path)?\(others)view=\(way.rawValue)#difference"),
                    "isCurrent": .bool(way == self.chosen(visit)),
                ]
            }
        )
    }
}

/// A page's place in a collection, by the admin API's cursors.
enum Paging {
    static func query(_ visit: Visit) -> [String: String] { visit.query["after"].map { ["after": $0] } ?? [:] }

    static func json(_ page: JSON, _ visit: Visit, _ link: String) -> JSON {
        let next = page["next"]?.string.map { next in
            "\(link)\(link.contains("?") ? "&" : "?")after=\(PercentEncoding.encode(next))"
        }
        let isFirst = visit.query["after"] == nil
        guard next != nil || !isFirst else { return .null }
        return ["next": next.map(JSON.string) ?? .null, "first": isFirst ? .null : .string(link)]
    }
}
