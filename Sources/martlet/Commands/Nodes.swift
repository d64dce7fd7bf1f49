import ArgumentParser
import Platform

struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The fleet.",
        subcommands: [List.self, Token.self, Drain.self, Ban.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List nodes and the snapshot each enforces.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/nodes",
                on: server,
                as: Table([
                    .init("ID", "id"), .init("NAME", "name"), .init("STATE", "state"), .init("SNAPSHOT", "snapshot"),
                    .init("CURRENT", "isCurrent"), .init("SPOOLED", "spooled"), .init("LAST SEEN", "lastSeen"),
                    .init("VERSION", "version"),
                ])
            )
        }
    }

    struct Token: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mint a join token; it is shown once.",
            aliases: ["tokens"]
        )
        @Option(help: "How many nodes it may enrol.")
        var uses: Int?
        @Option(help: "Seconds for which it is good.")
        var ttlSeconds: Int?
        @Option(help: "The pool that its nodes belong to.")
        var pool: String?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            var body: [String: JSONValue] = [:]
            if let uses = self.uses { body["uses"] = .integer(Int64(uses)) }
            if let ttl = self.ttlSeconds { body["ttlSeconds"] = .integer(Int64(ttl)) }
            if let pool = self.pool { body["pool"] = .string(pool) }
            let reply = try await server.call(.post, "/nodes/tokens", try .json(.object(body)))
            try self.confirm(reply, reply.value["token"].cell)
        }
    }

    struct Drain: NodeVerb {
        static let configuration = CommandConfiguration(abstract: "Ask a node to drain.")
        static let verb = "drain"
        @Argument(help: "The node's id.")
        var id: String
        @OptionGroup var why: Reason
        @OptionGroup var options: ServerOptions
    }

    struct Ban: NodeVerb {
        static let configuration = CommandConfiguration(
            abstract: "Shut a node out for good: it wipes its keys and drains."
        )
        static let verb = "ban"
        @Argument(help: "The node's id.")
        var id: String
        @OptionGroup var why: Reason
        @OptionGroup var options: ServerOptions
    }
}

/// `nodes/{id}/{verb}`
protocol NodeVerb: ServerCommand {
    static var verb: String { get }
    var id: String { get }
    var why: Reason { get }
}

extension NodeVerb {
    func perform(on server: Server) async throws {
        let path = "/nodes/\(Server.escaped(self.id))/\(Self.verb)"
        let reply = try await server.call(.post, path, try self.why.body)
        try self.confirm(reply, "\(self.id): \(Self.verb)")
    }
}
