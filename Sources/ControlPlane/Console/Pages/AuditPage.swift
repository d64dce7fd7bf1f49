/// Who changed what, newest first, and whether the chain of entries is whole.
enum AuditPage {
    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let subject = visit.query["subject"]
        var query = Paging.query(visit).merging(["order": "newest"]) { $1 }
        if let subject { query["subject"] = subject }
        let page = try await visit.get("/audit", query: query)
        let isVerifying = visit.query["verify"] != nil
        let verdict = isVerifying ? try await visit.get("/audit/verify") : .null
        return Page(
            "Audit",
            in: .audit,
            .audit,
            [
                "rows": .unlessEmpty(page.items("items").map(self.row)), "subject": subject.map(JSON.string) ?? .null,
                "paging": Paging.json(page, visit, Link.to(Link.to("audit"), query: ["subject": subject])),
                "verdict": isVerifying ? self.verdict(verdict) : .null,
                "verify": .string(Link.to(Link.to("audit"), query: ["subject": subject, "verify": "chain"])),
            ]
        )
    }

    private static func row(_ entry: JSON) -> JSON {
        let detail = entry["detail"] ?? [:]
        let told = ["hash": JSON.string(entry.text("hash")), "request": .string(entry.text("request"))]
        return [
            "number": .number(entry.integer("number")), "time": Figures.time(entry["time"]),
            "actor": entry["actor"] ?? .null, "action": entry["action"] ?? .null, "subject": entry["subject"] ?? .null,
            "subjectLink": .string(Link.to(Link.to("audit"), query: ["subject": entry.text("subject")])),
            "reason": .unlessEmpty(entry.text("reason")),
            "detail": .string(detail.merging(told).readingLines.joined(separator: "\n")),
        ]
    }

    private static func verdict(_ verdict: JSON) -> JSON {
        [
            "isValid": verdict["isValid"] ?? false, "entries": .string(Figures.count(verdict.integer("entries"))),
            "firstBad": .string(Figures.count(verdict.integer("firstBad"))), "detail": verdict["detail"] ?? .null,
            "witnesses": .string(Figures.count(verdict.integer("witnesses"))),
            "head": .string(String(verdict.text("head").prefix(12))),
        ]
    }
}
