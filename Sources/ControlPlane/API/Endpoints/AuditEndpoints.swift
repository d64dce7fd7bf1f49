import Domain
import Storage

extension AdminAPI {
    var auditEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/audit",
                .audit,
                "List audit entries, oldest first; with `order=newest`, newest first.",
                reply: "AuditPage",
                query: ["limit", "after", "subject", "actor", "action", "order"],
                .read { call, reading in
                    let limit = try call.pageSize()
                    let after = try call.afterNumber()
                    let filter = AuditFilter(
                        subject: call.query["subject"],
                        actor: call.query["actor"],
                        action: call.query["action"]
                    )
                    let entries =
                        try Self.isNewestFirst(call)
                        ? reading.auditEntries(before: after, limit: limit + 1, filter: filter)
                        : reading.auditEntries(after: after ?? 0, limit: limit + 1, filter: filter)
                    return try .page(entries, limit: limit, cursor: { String($0.number) }, json: Self.json)
                }
            ),
            self.verify(.get), self.verify(.post),
        ]
    }

    private static func isNewestFirst(_ call: Call) throws -> Bool {
        switch call.query["order"] {
        case nil, "oldest": return false
        case "newest": return true
        default: throw Problem.badQuery("order", "must be oldest or newest")
        }
    }

    private func verify(_ method: Endpoint.Method) -> Endpoint {
        Endpoint(
            method,
            "/audit/verify",
            .audit,
            "Recompute the whole chain, and compare it with the heads that published snapshots carry.",
            reply: "AuditVerdict",
            .ask { _ in
                let witnesses = try await self.services.snapshots.auditWitnesses()
                let verdict = try await self.database.read { try $0.verifyAudit(witnesses: witnesses) }
                return Reply(200, Self.json(verdict, witnesses: witnesses.count))
            }
        )
    }

    private static func json(_ verdict: AuditVerdict, witnesses: Int) -> JSON {
        switch verdict {
        case .intact(let head):
            .object([
                "isValid": true, "entries": .number(head?.number ?? 0),
                "head": head.map { .string($0.hash.hex) } ?? .null, "witnesses": .number(witnesses),
            ])
        case .broken(let number, let flaw):
            .object([
                "isValid": false, "firstBad": .number(number), "detail": .string(flaw.detail),
                "witnesses": .number(witnesses),
            ])
        }
    }

    private static func json(_ entry: AuditEntry) throws -> JSON {
        .object([
            "number": .number(entry.number), "time": .string(entry.deed.at.rfc3339),
            "actor": .string(entry.deed.actor), "action": .string(entry.action), "subject": .string(entry.subject),
            "before": entry.before.map { .string($0.hex) } ?? .null,
            "after": entry.after.map { .string($0.hex) } ?? .null,
            "detail": try JSON.parse(Array(entry.detail.utf8)), "reason": .string(entry.deed.reason),
            "request": .string(entry.deed.request), "previous": .string(entry.previous.hex),
            "hash": .string(entry.hash.hex),
        ])
    }
}

extension AuditVerdict.Break {
    fileprivate var detail: String {
        switch self {
        case .missing: "the entry is not there"
        case .unlinked: "the entry does not name the hash of the one before"
        case .altered: "the entry's hash is not the hash of its content"
        case .replaced: "the entry's hash is not the one that a snapshot published"
        }
    }
}
