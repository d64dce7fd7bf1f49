import Domain
import Storage

extension AdminAPI {
    var principalEndpoints: [Endpoint] {
        self.endpoints(of: PrincipalContent.self, write: .administer, read: .administer, owned: .kept, isCreated: false)
            .map {
                $0.method == .put ? self.guardingAdmins($0) : $0
            } + [
                Endpoint(
                    .get,
                    "/me",
                    .read,
                    "Who you are here, and what you may do with the token that you sent.",
                    reply: "Me",
                    reach: .anywhere,
                    .read { call, _ in
                        Reply(200, .object(call.caller.grants.members).merging(["name": .string(call.caller.name)]))
                    }
                ),
                Endpoint(
                    .post,
                    "/principals",
                    .administer,
                    "Add a principal. Its first token is in this reply and nowhere else.",
                    body: "Principal",
                    reply: "PrincipalShown",
                    statuses: [201],
                    .write(self.addPrincipal)
                ),
                Endpoint(
                    .get,
                    "/principals/{name}/tokens",
                    .administer,
                    "All tokens that a principal ever had; never their texts.",
                    reply: "TokenPage",
                    .read { call, reading in
                        let tokens = try reading.tokens(of: try Self.principal(call, reading))
                        return .page(try tokens.map(Self.json), next: nil)
                    }
                ),
                Endpoint(
                    .post,
                    "/principals/{name}/tokens",
                    .administer,
                    "Give a principal another token. Its text is in this reply and nowhere else.",
                    body: "TokenRequest",
                    isBodyRequired: false,
                    reply: "TokenShown",
                    statuses: [201],
                    .write { call, transaction, _ in
                        let name = try Self.principal(call, transaction.reading)
                        var form = Form(call.bodyOrEmpty)
                        let expires = Self.expiry(&form, after: call.now)
                        let isLimited = form.value("roles") != nil || form.value("teams") != nil
                        let limits = Grants(&form)
                        form.finish()
                        guard form.isGood else { throw Refusal(problems: form.problems) }
                        let (text, token) = try transaction.mintToken(
                            for: name,
                            expires: expires,
                            limitedTo: isLimited ? limits : nil,
                            random: self.settings.random,
                            by: call.deed()
                        )
                        return Reply(201, try Self.json(token), shownOnce: ["token": .string(text)])
                    }
                ),
                Endpoint(
                    .delete,
                    "/principals/{name}/tokens/{id}",
                    .administer,
                    "End a token at once.",
                    reply: "TokenItem",
                    .write { call, transaction, _ in
                        let name = try Self.principal(call, transaction.reading)
                        guard let id = ID<PrincipalToken>(call.parameter("id")) else {
                            throw Problem.notFound("such token")
                        }
                        try transaction.revokeToken(id, of: name, by: call.deed())
                        let token = try transaction.reading.tokens(of: name).first { $0.id == id }
                        return Reply(200, try token.map(Self.json) ?? .null)
                    }
                ),
            ]
    }

    /// The same endpoint, refusing to leave nobody who can administer.
    private func guardingAdmins(_ endpoint: Endpoint) -> Endpoint {
        guard case .write(let body) = endpoint.action else { return endpoint }
        return endpoint.with(
            .write { call, transaction, effects in
                let reply = try body(call, transaction, &effects)
                try self.refuseIfLastAdmin(transaction.reading)
                return reply
            }
        )
    }

    func refuseIfLastAdmin(_ reading: Reading) throws {
        let admins = try reading.written(PrincipalContent.self).contains { $0.grants.everywhere.contains(.admin) }
        guard admins else { throw Problem.conflict("somebody must stay admin") }
    }

    @Sendable private func addPrincipal(
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        let content = try PrincipalContent.read(call.bodyOrEmpty)
        let reply = try self.put(content, expecting: .absent, call, transaction, &effects)
        let (text, token) = try transaction.mintToken(
            for: content.name,
            expires: nil,
            random: self.settings.random,
            by: call.deed()
        )
        let shown: [String: JSON] = ["token": .string(text), "tokenId": .string(token.id.text)]
        return Reply(201, reply.body, headers: reply.headers, shownOnce: shown)
    }

    private static func expiry(_ form: inout Form, after now: Timestamp) -> Timestamp? {
        let expires = form.timeIfPresent("expires")
        if let expires, expires <= now { form.add("expires", "must be in the future") }
        return expires
    }

    private static func principal(_ call: Call, _ reading: Reading) throws -> Name<Principal> {
        let text = call.parameter("name")
        guard let name = Name<Principal>(text), let latest = try reading.latest(.principals, text),
            latest.state != .archived
        else { throw Problem.notFound("principal \(text)") }
        return name
    }

    private static func json(_ token: PrincipalToken) throws -> JSON {
        var members: [String: JSON] = [
            "id": .string(token.id.text), "principal": .string(token.principal.text),
            "created": .string(token.created.rfc3339),
            "expires": token.expires.map { .string($0.rfc3339) } ?? .null,
            "revoked": token.revoked.map { .string($0.rfc3339) } ?? .null,
        ]
        if let grants = token.grants { members["limits"] = try JSON.parse(Array(grants.utf8)) }
        return .object(members)
    }
}
