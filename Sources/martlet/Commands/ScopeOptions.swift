import ArgumentParser
import Platform

/// Whom a budget or a limit is about, as options. All that is named must match; whoever names anything names all of it.
struct ScopeOptions: ParsableArguments {
    @Option(help: "About one team's calls.")
    var team: String?
    @Option(help: "About one key's calls, by its id; issuer:subject for whoever comes with a token.")
    var key: String?
    @Option(help: "About one route.")
    var route: String?
    @Option(help: "About one model, such as openai/gpt-4o.")
    var model: String?
    @Option(help: "About one provider.")
    var provider: String?
    @Option(help: "About calls of one task.")
    var task: String?
    @Option(help: "About calls whose metadata has this, such as data_class=internal; may be repeated.")
    var metadata: [String] = []
    @Option(help: "What is counted apart: none, team, key, user, route, model, provider, task.")
    var per: String?

    func members() throws -> [String: JSONValue] {
        let named = [
            ("team", self.team), ("key", self.key), ("route", self.route), ("model", self.model),
            ("provider", self.provider), ("task", self.task),
        ]
        var scope: [String: JSONValue] = [:]
        for (field, name) in named { scope[field] = name.map(JSONValue.string) }
        if !self.metadata.isEmpty { scope["metadata"] = .object(try self.pairs()) }
        var members: [String: JSONValue] = [:]
        if !scope.isEmpty { members["scope"] = .object(scope) }
        members["per"] = self.per.map(JSONValue.string)
        return members
    }

    private func pairs() throws -> [String: JSONValue] {
        var pairs: [String: JSONValue] = [:]
        for text in self.metadata {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Refusal(
                    exit: .usage,
                    lines: ["--metadata takes a name and a value, such as class=legal: \(text)"]
                )
            }
            pairs[String(parts[0])] = .string(String(parts[1]))
        }
        return pairs
    }
}

extension ServerCommand {
    /// Lays what is said over what is there, from the revision that was seen, or makes it; says whether it waits.
    func write(
        _ members: [String: JSONValue],
        to collection: String,
        named name: String,
        on server: Server
    ) async throws {
        let path = "\(collection)/\(Server.escaped(name))"
        let reply: Server.Reply
        if case .object(let there)? = try await server.found(path) {
            let body = JSONValue.object(there.merging(members) { $1 })
            let tag = "\"\(there["revision"]?.cell ?? "")\""
            reply = try await server.call(.put, path, try .json(body), ifMatch: tag)
        } else {
            let body = JSONValue.object(members.merging(["name": .string(name)]) { $1 })
            reply = try await server.call(.post, collection, try .json(body))
        }
        let proposal = reply.value["proposal"].string
        try self.confirm(
            reply,
            proposal.map { "\(name): waits for approval, martlet proposals approve \($0)" }
                ?? "\(name): revision \(reply.value["revision"].cell) is in force"
        )
    }
}
