import ArgumentParser
import Platform

/// Files of configuration, as one atomic change.
struct BundleFile: ParsableArguments {
    @Option(name: [.short, .long], help: "A YAML or JSON bundle; - reads standard input.")
    var file: String

    /// As much as the control plane takes.
    static let bytesMax = 8 << 20

    func body() throws -> Server.Body {
        Server.Body(
            bytes: try Input.bytes(of: self.file, bytesMax: Self.bytesMax),
            contentType: self.file.lowercased().hasSuffix(".json") ? "application/json" : "application/yaml"
        )
    }
}

struct Apply: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Apply a bundle; what needs approval is proposed.",
        discussion: "All of it is taken or none. Applying the same bundle twice changes nothing."
    )

    @OptionGroup var bundle: BundleFile
    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false
    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws {
        let path = self.dryRun ? "/apply?dryRun=true" : "/apply"
        let reply = try await server.call(.post, path, try self.bundle.body())
        if self.options.json { try self.showJSON(reply.value) } else { Terminal.say(ChangeReport(reply.value).text) }
    }
}

struct Diff: ServerCommand {
    static let configuration = CommandConfiguration(abstract: "Show what a bundle would change.")

    @OptionGroup var bundle: BundleFile
    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws {
        let reply = try await server.call(.post, "/apply?dryRun=true", try self.bundle.body())
        if self.options.json { try self.showJSON(reply.value) } else { Terminal.say(ChangeReport(reply.value).text) }
    }
}

struct Export: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show everything that stands in bundles as one bundle.",
        discussion: """
            Applied again it changes nothing, so it can be kept in a repository: `martlet export > martlet.json`, and \
            `martlet diff -f martlet.json` shows what has drifted since. Without keys, principals and the values of secrets.
            """
    )

    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws { try self.showJSON(try await server.call(.get, "/export").value) }
}
