import ArgumentParser
import Platform
import Storage

/// `martlet-control`: the owner of everything; publishes snapshots to nodes and counts what they used.
@main
struct MartletControl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-control",
        abstract: "The control plane of a Martlet installation.",
        discussion: Options.discussion,
        subcommands: [Init.self, Serve.self, Backup.self, Verify.self, Restore.self]
    )
}

/// Where an installation lies; the same for every subcommand.
struct Place: ParsableArguments {
    static let databaseDefault = "sqlite:./.martlet/control.sqlite"
    static let keysDefault = "./.martlet/keys"
    static let fileDefault = "./.martlet/control.yaml"

    /// Options of the other subcommands, which the file may hold too.
    static let elsewhere = Serve.ownOptions.union(["solo", "approvals", "to", "from-node", "revoke-tokens"])

    @Option(help: "A YAML file of options. Default: \(Place.fileDefault), if it exists.")
    var config: String?

    @Option(help: "sqlite:PATH. Default: \(Place.databaseDefault)")
    var database: String?

    @Option(help: "The directory of root.key, master.key and admin.token. Default: \(Place.keysDefault)")
    var keys: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info.")
    var logLevel: String?

    @Option(help: "json or text. Default: text.")
    var logFormat: String?

    var flags: [String: String?] {
        [
            "config": self.config, "database": self.database, "keys": self.keys, "log-level": self.logLevel,
            "log-format": self.logFormat,
        ]
    }
}

extension AsyncParsableCommand {
    /// Runs `body`; what keeps the program from its work is told on standard error, with its exit code.
    func orExit(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let fault as StartupFault {
            StandardError.write("martlet-control: \(fault)\n")
            throw ExitCode(fault.exit.rawValue)
        } catch let fault as FileFault {
            StandardError.write("martlet-control: \(fault)\n")
            throw ExitCode(ExitStatus.configuration.rawValue)
        } catch let fault as StorageFault {
            StandardError.write("martlet-control: the database: \(fault)\n")
            throw ExitCode(ExitStatus.unavailable.rawValue)
        }
    }
}
