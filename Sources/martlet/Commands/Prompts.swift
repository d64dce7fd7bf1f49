import ArgumentParser
import Platform

struct Prompts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prompts, their versions and labels.",
        subcommands: [
            List.self, Versions.self, Show.self, Add.self, Label.self, Unlabel.self, Rollback.self, Difference.self,
            Test.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List prompts and what their labels stand for.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let prompts = try await server.items("/prompts")
            guard !self.options.json else { return try self.showJSON(.array(prompts)) }
            let table = Table([
                .init("NAME", "name"), .init("STATE", "state"), .init("LABELS", "labels"),
                .init("PROPOSAL", "proposal"),
            ])
            try self.show(prompts.map(Self.row), as: table)
        }

        /// With what its labels stand for now, in words: `production: 1, staging: 1=90 2=10 by user`.
        private static func row(_ prompt: JSONValue) -> JSONValue {
            guard case .object(var members) = prompt, case .object(let labels) = prompt["labelsInForce"] else {
                return prompt
            }
            members["labels"] = .array(
                labels.sorted { $0.key < $1.key }.map { label, target in
                    let isSplit = target["weights"] != .null
                    let words = isSplit ? "\(target["weights"].cell) by \(target["by"].cell)" : target.cell
                    return .string("\(label): \(words)")
                }
            )
            return .object(members)
        }
    }

    struct Versions: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List a prompt's versions, newest first.")
        @OptionGroup var subject: PromptSubject
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "\(self.subject.path)/versions",
                on: server,
                as: Table([
                    .init("VERSION", "number"), .init("LABELS", "labels"), .init("AUTHOR", "author"),
                    .init("CREATED", "created"), .init("NOTES", "notes"), .init("DIGEST", "digest"),
                ])
            )
        }
    }

    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Show one version of a prompt.")
        @OptionGroup var subject: PromptSubject
        @Argument(help: "The version's number.")
        var version: Int
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try self.showJSON(try await server.call(.get, "\(self.subject.path)/versions/\(self.version)").value)
        }
    }

    struct Add: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a version to a prompt, or make the prompt.",
            discussion: """
                The file holds a version as JSON or YAML, e.g.
                  messages: [{role: system, content: "You help customers of {{company}}."}]
                """
        )
        @OptionGroup var subject: PromptSubject
        @OptionGroup var version: BundleFile
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.post, "\(self.subject.path)/versions", try self.version.body())
            let number = reply.location?.split(separator: "/").last ?? "?"
            try self.confirm(reply, "\(self.subject.name): version \(number)\(reply.waiting)")
        }
    }

    struct Label: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a label stand for a version, or split it between several.",
            discussion:
                "martlet prompts label greeting production 2\nmartlet prompts label greeting production 1=90 2=10"
        )
        @OptionGroup var subject: PromptSubject
        @Argument(help: "The label, e.g. production.")
        var label: String
        @Argument(help: "A version's number, or shares such as 1=90 2=10.")
        var target: [String]
        @Option(help: "Who always gets the same version of a split: user or key.")
        var by: String?
        @OptionGroup var options: ServerOptions

        func validate() throws {
            _ = try self.body
        }

        private var body: JSONValue {
            get throws {
                if self.target.count == 1, let version = Int(self.target[0]) {
                    return .object(["version": .integer(Int64(version))])
                }
                var weights: [String: JSONValue] = [:]
                for share in self.target {
                    let parts = share.split(separator: "=").map(String.init)
                    guard parts.count == 2, Int(parts[0]) != nil, let weight = Int(parts[1]) else {
                        throw ValidationError("'\(share)' is neither a version's number nor a share such as 1=90")
                    }
                    weights[parts[0]] = .integer(Int64(weight))
                }
                var members: [String: JSONValue] = ["weights": .object(weights)]
                if let by = self.by { members["by"] = .string(by) }
                return .object(members)
            }
        }

        func perform(on server: Server) async throws {
            let path = "\(self.subject.path)/labels/\(Server.escaped(self.label))"
            let reply = try await server.call(.put, path, try .json(try self.body))
            try self.confirm(reply, "\(self.subject.name): \(self.label)\(reply.waiting)")
        }
    }

    struct Unlabel: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Take a label away.")
        @OptionGroup var subject: PromptSubject
        @Argument(help: "The label.")
        var label: String
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let reply = try await server.call(.delete, "\(self.subject.path)/labels/\(Server.escaped(self.label))")
            try self.confirm(reply, "\(self.subject.name): \(self.label) taken away\(reply.waiting)")
        }
    }

    struct Rollback: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "Let a label stand for what it stood for before.")
        @OptionGroup var subject: PromptSubject
        @Option(help: "The label; production if it is left out.")
        var label: String?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let body = try Server.Body.json(.object(self.label.map { ["label": .string($0)] } ?? [:]))
            let reply = try await server.call(.post, "\(self.subject.path)/rollback", body)
            try self.confirm(reply, "\(self.subject.name): \(self.label ?? "its label") rolled back\(reply.waiting)")
        }
    }

    struct Difference: ServerCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff",
            abstract: "What differs between two versions; without numbers, the newest two."
        )
        @OptionGroup var subject: PromptSubject
        @Argument(help: "The older version.")
        var from: Int?
        @Argument(help: "The newer version.")
        var to: Int?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let query = [("from", self.from), ("to", self.to)].compactMap { name, number in
                number.map { "\(name)=\($0)" }
            }
            let path = "\(self.subject.path)/diff?\(query.joined(separator: "&"))"
            let reply = try await server.call(.get, path)
            try self.confirm(
                reply,
                Terminal.plain(reply.value["lines"].array.map { $0.string ?? "" }.joined(separator: "\n"))
            )
        }
    }

    struct Test: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Render a prompt as a node would. Nothing is sent anywhere."
        )
        @OptionGroup var subject: PromptSubject
        @Option(help: "The version's number; without it, the label's.")
        var version: Int?
        @Option(help: "The label; production if neither is given.")
        var label: String?
        @Option(help: "The user, where a label is split by users.")
        var user: String?
        @Option(name: .customLong("var"), help: "A variable, as NAME=TEXT; may be repeated.")
        var variables: [String] = []
        @OptionGroup var options: ServerOptions

        func validate() throws {
            if let wrong = self.variables.first(where: { !$0.contains("=") }) {
                throw ValidationError("'\(wrong)' is not NAME=TEXT")
            }
        }

        func perform(on server: Server) async throws {
            var members: [String: JSONValue] = [:]
            if let version = self.version { members["version"] = .integer(Int64(version)) }
            if let label = self.label { members["label"] = .string(label) }
            if let user = self.user { members["user"] = .string(user) }
            members["variables"] = .object(
                self.variables.reduce(into: [:]) { values, text in
                    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    values[String(parts[0])] = .string(String(parts[1]))
                }
            )
            let reply = try await server.call(.post, "\(self.subject.path)/test", try .json(.object(members)))
            let messages = reply.value["messages"].array.map { "[\($0["role"].cell)]\n\($0["content"].string ?? "")" }
            try self.confirm(reply, Terminal.plain(messages.joined(separator: "\n")))
        }
    }
}

struct PromptSubject: ParsableArguments {
    @Argument(help: "The prompt's name.")
    var name: String

    var path: String { "/prompts/\(Server.escaped(self.name))" }
}

extension Server.Reply {
    /// What a write that waits for somebody else adds to its line.
    fileprivate var waiting: String {
        self.status == 202 ? ", once proposal \(self.value["proposal"].cell) is approved" : ""
    }
}
