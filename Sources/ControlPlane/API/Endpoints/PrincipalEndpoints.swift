import Domain
import Storage

extension AdminAPI {
    /// Who may administer: our own principals, and those for whom an issuer speaks.
    var principalEndpoints: [Endpoint] {
        let ours = self.endpoints(
            of: PrincipalContent.self,
            write: .administer,
            read: .administer,
            owned: .kept,
            isCreated: false
        )
        return self.endpoints(of: IssuerContent.self, write: .administer, read: .administer, owned: .kept)
            + ours.map { $0.method == .put ? self.guardingAdmins($0) : $0 } + [
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
            ]
    }

    /// The same endpoint, refusing to leave nobody who can administer.
    private func guardingAdmins(_ endpoint: Endpoint) -> Endpoint {
        guard case .write(let body) = endpoint.action else { return endpoint }
        return endpoint.with(
            .write { call, transaction, effects in
                let reply = try body(call, transaction, &effects)
                try transaction.reading.requireAdmin(at: call.now)
                return reply
            }
        )
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
}
