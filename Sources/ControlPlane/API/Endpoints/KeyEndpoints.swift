import Domain
import Storage

extension AdminAPI {
    /// API keys: the text is shown when it is made, and never again.
    var keyEndpoints: [Endpoint] {
        self.endpoints(of: KeyContent.self, owned: .byTeams(writtenByThem: true), isCreated: false) + [
            Endpoint(
                .post,
                "/keys",
                .write,
                "Make an API key. Its text is in this reply and nowhere else.",
                body: "Key",
                reply: "KeyShown",
                statuses: [201],
                reach: .teams { call, _ in call.teamOfBody() },
                .write(self.makeKey)
            ),
            Endpoint(
                .post,
                "/keys/{name}/rotate",
                .write,
                "Give a key a new text; the old one works for `overlapSeconds` more (default: a day).",
                body: "KeyRotation",
                isBodyRequired: false,
                reply: "KeyShown",
                reach: Ownership.byTeams(writtenByThem: true).reading,
                .write(self.rotateKey)
            ),
            Endpoint(
                .post,
                "/keys/{name}/revoke",
                .revoke,
                "End a key on every node at once, for good.",
                body: "Reason",
                isBodyRequired: false,
                reply: "KeyItem",
                reach: Ownership.byTeams(writtenByThem: true).reading,
                .write(self.revokeKey)
            ),
        ]
    }

    @Sendable private func makeKey(_ call: Call, _ transaction: Transaction, _ effects: inout Effects) throws -> Reply {
        let id: ID<APIKey> = self.settings.newID("key")
        guard case .object(let members) = call.bodyOrEmpty, members["id"] == nil else {
            throw Problem.invalid(at: "/id", "is given by the control plane: leave it out")
        }
        let content = try KeyContent.read(call.bodyOrEmpty.merging(["id": .string(id.text)]))
        if let expires = content.expires, expires <= call.now {
            throw Problem.invalid(at: "/expires", "must be in the future")
        }
        let reply = try self.put(content, expecting: .absent, call, transaction, &effects)
        let text = try self.giveText(to: id, overlapEnd: call.now, transaction, call)
        let json = try self.json(of: .keys, id.text, transaction.reading)
        return Reply(201, json, headers: reply.headers, shownOnce: ["key": .string(text)])
    }

    private static let overlapDefault: Int64 = 86_400
    private static let overlapMax: Int64 = 30 * 86_400

    @Sendable private func rotateKey(_ call: Call, _ transaction: Transaction, _ effects: inout Effects) throws -> Reply
    {
        try call.checkIfMatch(.keys, transaction.reading)
        let (id, latest) = try self.liveKey(call, transaction.reading)
        var form = Form(call.bodyOrEmpty)
        let overlap = form.integer("overlapSeconds", in: 0...Self.overlapMax, default: Self.overlapDefault)
        form.finish()
        guard let overlap, form.isGood else { throw Refusal(problems: form.problems) }
        let rotated = try transaction.move(latest, to: .approved, action: "rotated", by: call.deed())
        let end = call.now.advanced(byMilliseconds: overlap * 1_000)
        let text = try self.giveText(to: id, overlapEnd: end, transaction, call)
        effects.contentChanged = true
        let json = try self.json(of: .keys, id.text, transaction.reading)
        let headers = ["ETag": "\"\(rotated.revision)\""]
        return Reply(200, json, headers: headers, shownOnce: ["key": .string(text)])
    }

    @Sendable private func revokeKey(_ call: Call, _ transaction: Transaction, _ effects: inout Effects) throws -> Reply
    {
        try call.checkIfMatch(.keys, transaction.reading)
        let name = call.parameter("name")
        let latest = try transaction.reading.standing(.keys, name).latest
        let deed = call.deed(reason: try call.reason())
        let isNew = latest.state != .revoked
        let revision = isNew ? try transaction.move(latest, to: .revoked, by: deed) : latest
        effects.denyListChanged = isNew
        effects.contentChanged = isNew
        let json = try self.json(of: .keys, name, transaction.reading)
        return Reply(200, json, headers: ["ETag": "\"\(revision.revision)\""])
    }

    private func liveKey(_ call: Call, _ reading: Reading) throws -> (ID<APIKey>, Revision) {
        let name = call.parameter("name")
        let latest = try reading.standing(.keys, name).latest
        guard let id = ID<APIKey>(name) else { throw Problem.notFound("key \(name)") }
        guard latest.state == .approved else { throw Problem.conflict("the key \(name) is revoked: make a new one") }
        return (id, latest)
    }

    private func giveText(
        to id: ID<APIKey>,
        overlapEnd: Timestamp,
        _ transaction: Transaction,
        _ call: Call
    ) throws -> String {
        let text = TokenText.make(prefix: TokenText.key, random: self.settings.random(TokenText.randomBytes))
        let digest = Digest.sha256(Array(text.utf8))
        try transaction.rotate(id, to: digest, overlapEnd: overlapEnd, by: call.deed())
        return text
    }
}
