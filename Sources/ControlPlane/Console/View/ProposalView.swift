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
