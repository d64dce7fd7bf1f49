import ArgumentParser
import Platform

struct Proposals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Changes that wait for approval.",
        subcommands: [List.self, Show.self, Approve.self, Reject.self, Withdraw.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List proposals, newest last.")
        @Option(help: "Only those in this state: open, approved, rejected, withdrawn.")
        var state: String?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let items = try await server.items("/proposals")
            let wanted = items.filter { self.state == nil || $0["state"].string == self.state }
            try self.show(
                wanted,
                as: Table([
                    .init("ID", "id"), .init("KIND", "kind"), .init("NAME", "name"), .init("STATE", "state"),
                    .init("AUTHOR", "author"), .init("APPROVALS", "approvals"), .init("NEEDED", "approvalsRequired"),
                    .init("CREATED", "created"),
                ])
            )
        }
    }

    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one proposal: what would be different, and the texts that it would bring."
        )
        @Argument(help: "The proposal's id.")
        var id: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.get, "/proposals/\(Server.escaped(self.id))")
            guard !self.options.json else { return try self.showJSON(reply.value) }
            Terminal.say(ProposalReport(reply.value).lines.map(Terminal.plain).joined(separator: "\n"))
        }
    }

    struct Approve: ProposalVerb {
        static let configuration = CommandConfiguration(abstract: "Approve a proposal of somebody else.")
        static let verb = "approve"
        @OptionGroup var subject: ProposalSubject
        @OptionGroup var options: ServerOptions
    }

    struct Reject: ProposalVerb {
        static let configuration = CommandConfiguration(abstract: "Reject a proposal.")
        static let verb = "reject"
        @OptionGroup var subject: ProposalSubject
        @OptionGroup var options: ServerOptions
    }

    struct Withdraw: ProposalVerb {
        static let configuration = CommandConfiguration(abstract: "Take a proposal of your own back.")
        static let verb = "withdraw"
        @OptionGroup var subject: ProposalSubject
        @OptionGroup var options: ServerOptions
    }
}

struct ProposalSubject: ParsableArguments {
    @Argument(help: "The proposals' ids.")
    var ids: [String]
    @Option(help: "Why; it stands in the audit.")
    var reason: String?
}

/// `proposals/{id}/{verb}`, one after the other; the first refusal ends it.
protocol ProposalVerb: ServerCommand {
    static var verb: String { get }
    var subject: ProposalSubject { get }
}

extension ProposalVerb {
    func perform(on server: Server) async throws {
        let body = self.subject.reason.map { ["reason": JSONValue.string($0)] } ?? [:]
        for id in self.subject.ids {
            let path = "/proposals/\(Server.escaped(id))/\(Self.verb)"
            let reply = try await server.call(.post, path, try .json(.object(body)))
            try self.confirm(reply, "\(id): \(reply.value["state"].cell)")
        }
    }
}
