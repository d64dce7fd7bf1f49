import ArgumentParser
import Foundation
import Platform

struct Secrets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Provider credentials; their values are never shown.",
        subcommands: [List.self, Set.self],
        defaultSubcommand: List.self
    )

    struct List: ServerCommand {
        static let configuration = CommandConfiguration(abstract: "List secrets by name.")
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            try await self.list(
                "/secrets",
                on: server,
                as: Table([.init("NAME", "name"), .init("VERSION", "version"), .init("HOSTS", "hosts")])
            )
        }
    }

    struct Set: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a secret's value, read from standard input or a variable."
        )
        @Argument(help: "The secret's name.")
        var name: String
        @Option(help: "Take the value from this environment variable.")
        var fromEnv: String?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let body: [String: JSONValue] = ["value": .string(try self.value())]
            let path = "/secrets/\(Server.escaped(self.name))/value"
            let reply = try await server.call(.put, path, try .json(.object(body)))
            try self.confirm(reply, "set \(self.name)")
        }

        private static let valueBytesMax = 64 << 10

        /// Never an argument: other users can read a process's arguments.
        private func value() throws -> String {
            if let variable = self.fromEnv {
                guard let value = ProcessInfo.processInfo.environment[variable], !value.isEmpty else {
                    throw Refusal(exit: .usage, lines: ["the variable \(variable) is not set"])
                }
                return value
            }
            return try Input.secret(named: self.name, bytesMax: Self.valueBytesMax)
        }
    }
}
