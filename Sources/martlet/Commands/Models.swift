import ArgumentParser
import Platform

struct Models: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Models and their approval.",
        subcommands: [
            List.self, Propose.self, Approve.self, Reject.self, Deprecate.self, Stop.self, ImportPrices.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List models.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/models",
                on: server,
                as: Table([
                    .init("NAME", "name"), .init("STATE", "state"), .init("UPSTREAM", "upstream"),
                    .init("INPUT", "price.input"), .init("CACHED", "price.cachedInput"),
                    .init("OUTPUT", "price.output"), .init("CONTEXT", "context"), .init("MAX OUTPUT", "maxOutput"),
                ])
            )
        }
    }

    struct Propose: ModelVerb {
        static let configuration = CommandConfiguration(abstract: "Propose a model for approval.")
        static let verb = "propose"
        @OptionGroup var subject: ModelSubject
        @OptionGroup var options: ServerOptions
    }

    struct Approve: ModelVerb {
        static let configuration = CommandConfiguration(abstract: "Approve a proposed model.")
        static let verb = "approve"
        @OptionGroup var subject: ModelSubject
        @OptionGroup var options: ServerOptions
    }

    struct Reject: ModelVerb {
        static let configuration = CommandConfiguration(abstract: "Reject a proposed model.")
        static let verb = "reject"
        @OptionGroup var subject: ModelSubject
        @OptionGroup var options: ServerOptions
    }

    struct Deprecate: ModelVerb {
        static let configuration = CommandConfiguration(abstract: "Mark a model as on its way out.")
        static let verb = "deprecate"
        @OptionGroup var subject: ModelSubject
        @OptionGroup var options: ServerOptions
    }

    struct Stop: ModelVerb {
        static let configuration = CommandConfiguration(abstract: "Stop a model on every node at once.")
        static let verb = "stop"
        @OptionGroup var subject: ModelSubject
        @OptionGroup var options: ServerOptions
    }
}

struct ModelSubject: ParsableArguments {
    @Argument(help: "The model's name, e.g. openai/gpt-4o.")
    var name: String
    @Option(help: "Why; it stands in the audit.")
    var reason: String?
}

/// `models/{name}/{verb}`
protocol ModelVerb: ServerCommand {
    static var verb: String { get }
    var subject: ModelSubject { get }
}

extension ModelVerb {
    func perform(on server: Server) async throws {
        let body = self.subject.reason.map { ["reason": JSONValue.string($0)] } ?? [:]
        let path = "/models/\(Server.escaped(self.subject.name))/\(Self.verb)"
        let reply = try await server.call(.post, path, try .json(.object(body)))
        try self.confirm(reply, "\(self.subject.name): \(reply.value["state"].cell)")
    }
}
