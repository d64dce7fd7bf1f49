import Domain
import Storage

extension AdminAPI {
    var evidenceEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/models/{name}/evidence",
                .read,
                "Who let a model be used, when and on what terms, and since when it serves which routes.",
                reply: "Evidence",
                reach: .anywhere,
                .read { call, reading in
                    guard let evidence = try ModelEvidence(call.parameter("name"), in: reading) else {
                        throw Problem.notFound("model \(call.parameter("name"))")
                    }
                    return Reply(200, evidence.json)
                }
            )
        ]
    }
}

extension ModelEvidence {
    fileprivate var json: JSON {
        .object([
            "model": .string(self.model), "state": .string(self.latest.state.rawValue),
            "inForceSince": self.inForceSince.map { .string($0.rfc3339) } ?? .null,
            "decisions": .array(self.decisions.map(\.json)), "routes": .array(self.routes.map(\.json)),
            "auditHead": self.auditHead.map {
                .object(["number": .number($0.number), "hash": .string($0.hash.hex)])
            } ?? .null,
        ])
    }
}

extension ModelEvidence.Decision {
    fileprivate var json: JSON {
        .object([
            "time": .string(self.revision.created.rfc3339), "state": .string(self.revision.state.rawValue),
            "revision": .number(self.revision.revision), "actor": .string(self.revision.author),
            "terms": self.terms, "proposal": self.proposal.map(AdminAPI.json) ?? .null,
        ])
    }
}

extension ModelEvidence.RouteUse {
    fileprivate var json: JSON {
        .object([
            "route": .string(self.route), "since": .string(self.since.rfc3339), "author": .string(self.author),
            "revision": .number(self.revision),
        ])
    }
}
