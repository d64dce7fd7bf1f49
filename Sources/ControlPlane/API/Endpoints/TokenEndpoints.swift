import Domain
import Storage

extension AdminAPI {
    /// The texts that open the admin API for a principal: each is shown once, and may carry less than its principal has.
    var tokenEndpoints: [Endpoint] {
        [
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
                .write(self.giveToken)
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
                    try transaction.reading.requireAdmin(at: call.now)
                    let token = try transaction.reading.tokens(of: name).first { $0.id == id }
                    return Reply(200, try token.map(Self.json) ?? .null)
                }
            ),
        ]
    }

    @Sendable private func giveToken(_ call: Call, _ transaction: Transaction, _ effects: inout Effects) throws -> Reply
    {
        let name = try Self.principal(call, transaction.reading)
        var form = Form(call.bodyOrEmpty)
        let expires = form.timeIfPresent("expires")
        if let expires, expires <= call.now { form.add("expires", "must be in the future") }
        let isLimited = call.bodyOrEmpty["roles"] != nil || call.bodyOrEmpty["teams"] != nil
        let limits = Grants(&form)
        if isLimited, limits?.isEmpty == true {
            form.add("roles", "leaves nothing to do: name a role, here or for a team")
        }
        for team in limits?.teams.keys.sorted() ?? [] where try transaction.reading.written(Team.self, team.text) == nil
        {
            form.add([FieldProblem(at: "/teams/\(team)", "there is no team \(team)")])
        }
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

    private static func principal(_ call: Call, _ reading: Reading) throws -> Name<Principal> {
        let text = call.parameter("name")
        _ = try reading.standing(.principals, text)
        guard let name = Name<Principal>(text) else { throw Problem.notFound("principal \(text)") }
        return name
    }

    private static func json(_ token: PrincipalToken) throws -> JSON {
        var members: [String: JSON] = [
            "id": .string(token.id.text), "principal": .string(token.principal.text),
            "created": .string(token.created.rfc3339),
            "expires": token.expires.map { .string($0.rfc3339) } ?? .null,
            "revoked": token.revoked.map { .string($0.rfc3339) } ?? .null,
        ]
        if let grants = token.grants { members["atMost"] = try JSON.parse(Array(grants.utf8)) }
        return .object(members)
    }
}
