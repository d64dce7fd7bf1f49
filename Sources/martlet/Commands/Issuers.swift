import ArgumentParser
import Platform

struct Issuers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            OpenID Connect issuers: their tokens open the admin API and stand in for keys on nodes, and their people sign in \
            to the console.
            """,
        discussion: """
            Whoever comes to the admin API with such a token (MARTLET_TOKEN or --token) has what the rules of a file like this \
            give to its claims. An application that sends one to a node is of the team, and has the roles, of the first of \
            `applications` that fits:

              name: corp
              issuer: https://login.example.com/realms/corp    # as its tokens say it (iss), byte for byte
              audiences: [martlet]                             # whom its tokens are for (aud): one of these
              subject: email                                   # the claim that names them in the audit; default: sub
              rules:
                - {claim: groups, value: platform, roles: [author, approver]}
                - {claim: groups, value: legal-devs, teams: {legal: [author]}}
              applications:                                    # whose tokens nodes take in place of keys
                - {claim: azp, value: ci-runner, team: demo, roles: [everyone]}
              console:                                         # people sign in to the console there
                clientId: martlet-console
                secret: corp-client                            # a secret's name; without: a public client
                scopes: [openid, email, groups]

            Its keys are found by its discovery document, or at keysUrl. At the issuer, let the client be sent back to
            https://…/console/sign-in/oidc/NAME of the console's own address (martlet-control --console-url).
            """,
        subcommands: [List.self, Show.self, Add.self, Change.self, Remove.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List issuers.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/issuers",
                on: server,
                as: Table([
                    .init("NAME", "name"), .init("ISSUER", "issuer"), .init("AUDIENCES", "audiences"),
                    .init("SUBJECT", "subject"), .init("CREATED", "created"),
                ])
            )
        }
    }

    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Show an issuer with what its claims grant.")
        @Argument(help: "The issuer's name here.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try self.showJSON(try await server.call(.get, "/issuers/\(Server.escaped(self.name))").value)
        }
    }

    struct Add: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Trust an issuer.")
        @OptionGroup var file: IssuerFile
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.post, "/issuers", try self.file.body())
            try self.confirm(reply, "\(reply.value["name"].cell): trusted")
        }
    }

    struct Change: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Write an issuer anew, as a whole.")
        @Argument(help: "The issuer's name here.")
        var name: String
        @Option(help: "Change it only if it is at this revision still, as `show` says. Default: whatever it is.")
        var revision: Int64?
        @OptionGroup var file: IssuerFile
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let path = "/issuers/\(Server.escaped(self.name))"
            let reply = try await server.call(
                .put,
                path,
                try self.file.body(),
                ifMatch: self.revision.map { "\"\($0)\"" } ?? "*"
            )
            try self.confirm(reply, "\(self.name): revision \(reply.value["revision"].cell)")
        }
    }

    struct Remove: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trust an issuer no more; its tokens open nothing at once."
        )
        @Argument(help: "The issuer's name here.")
        var name: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.delete, "/issuers/\(Server.escaped(self.name))")
            try self.confirm(reply, "\(self.name): \(reply.value["state"].cell)")
        }
    }
}

struct IssuerFile: ParsableArguments {
    @Option(name: [.short, .long], help: "A YAML or JSON file of the issuer; - reads standard input.")
    var file: String

    private static let bytesMax = 1 << 20

    func body() throws -> Server.Body {
        let isJSON = self.file.lowercased().hasSuffix(".json")
        let bytes = try Input.bytes(of: self.file, bytesMax: Self.bytesMax)
        return Server.Body(bytes: bytes, contentType: isJSON ? "application/json" : "application/yaml")
    }
}
