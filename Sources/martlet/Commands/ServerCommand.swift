import ArgumentParser
import Foundation
import Platform

/// A command that talks to the control plane. Its faults end the process with the contract's exit codes.
protocol ServerCommand: AsyncParsableCommand {
    var options: ServerOptions { get }
    func perform(on server: Server) async throws
}

extension ServerCommand {
    func run() async throws {
        do {
            try await self.perform(on: try self.options.server())
        } catch let refusal as Refusal {
            Terminal.complain(refusal.description)
            throw ExitCode(refusal.exit.rawValue)
        } catch let fault as StartupFault {
            Terminal.complain(fault.description)
            throw ExitCode(fault.exit.rawValue)
        }
    }

    /// A collection as a table, or its items as JSON.
    func list(_ path: String, on server: Server, as table: Table) async throws {
        let items = try await server.items(path)
        try self.show(items, as: table)
    }

    func show(_ rows: [JSONValue], as table: Table) throws {
        if self.options.json {
            try self.showJSON(.array(rows))
        } else {
            Terminal.say(table.lines(rows).joined(separator: "\n"))
        }
    }

    func showJSON(_ value: JSONValue) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// JSON in one line.
    func showLine(_ value: JSONValue) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        Terminal.say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// The reply as JSON, or `line` about it.
    func confirm(_ reply: Server.Reply, _ line: String) throws {
        if self.options.json { try self.showJSON(reply.value) } else { Terminal.say(line) }
    }
}

/// `--reason`: what the audit says of a deed.
struct Reason: ParsableArguments {
    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    var body: Server.Body {
        get throws { try .json(.object(self.reason.map { ["reason": .string($0)] } ?? [:])) }
    }
}

enum Terminal {
    static func say(_ text: String) { print(text) }

    /// Lines of a text that came from a server: nothing in them moves the cursor.
    static func plain(_ text: String) -> String { self.replacingControls(in: text) { $0 == "\n" || $0 == "\t" } }

    static func oneLine(_ text: String) -> String { self.replacingControls(in: text) { _ in false } }

    /// C0, DEL and C1: U+009B begins a command as ESC [ does.
    private static func replacingControls(in text: String, but isKept: (Unicode.Scalar) -> Bool) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control && !isKept(scalar) ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("martlet: \(text)\n".utf8))
    }
}
