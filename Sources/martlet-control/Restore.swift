import ArgumentParser
import ControlPlane
import Platform

/// Makes a database from a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the database from a backup, fenced by what nodes have seen.",
        discussion: """
            A backup does not know what was revoked after it was made; nodes do. Give the --data of at least one node \
            that was connected until the end (a copy of its snapshot folder will do): what it denies stays denied, and \
            numbers go on above all that it has seen. Without one, --accept-loss says that whatever was revoked, \
            stopped or banned since the backup is allowed again; the audit log keeps that it was said.

            Nothing is overwritten: where there is a database already, move it away first. Nodes follow by themselves \
            once `martlet-control serve` runs.
            """
    )

    @OptionGroup var place: Place

    @Argument(help: "The backup.")
    var file: String

    @Option(help: "A node's --data directory, or a copy of it; may be given several times, the newest counts.")
    var fromNode: [String] = []

    @Flag(help: "Restore without any node's word for what was revoked since. On the command line only.")
    var acceptLoss = false

    @Flag(help: "Revoke every principal's token, and write a new one for an admin into a file in --keys.")
    var revokeTokens = false

    func run() async throws {
        try await self.orExit {
            let options = try self.options()
            let nodes = try options.list("from-node")
            let isLossAccepted = try options.isOnCommandLine("accept-loss")
            guard nodes.isEmpty == isLossAccepted else { throw Self.fenceFault(isLossAccepted) }
            let order = Restoring.Order(
                backup: self.file,
                target: try DatabaseFile.path(options),
                nodes: nodes,
                revokesTokens: try options.isOn("revoke-tokens")
            )
            try DatabaseFile.makeDirectory(of: order.target)
            let files = KeyFiles(directory: try options.string("keys", default: Place.keysDefault))
            let report = try await Restoring(files: files).restore(order, random: { RandomBytes.draw($0) })
            print((["restored     \(order.target)"] + report.lines).joined(separator: "\n"))
            print("Next: martlet-control serve")
        }
    }

    private static func fenceFault(_ isLossAccepted: Bool) -> StartupFault {
        if isLossAccepted {
            return StartupFault(
                .usage,
                "--from-node and --accept-loss exclude each other: with a node's word nothing is lost"
            )
        }
        return StartupFault(
            .usage,
            "a backup does not know what was revoked after it was made: give --from-node DIR, the --data directory of a "
                + "node (what it denies stays denied), or --accept-loss (what was revoked, stopped or banned since is "
                + "allowed again, and the audit log says that you accepted it)"
        )
    }

    private func options() throws -> Options {
        var flags = self.place.flags
        flags["from-node"] = .some(self.fromNode.isEmpty ? nil : self.fromNode.joined(separator: ","))
        flags["accept-loss"] = .some(Options.on(self.acceptLoss))
        flags["revoke-tokens"] = .some(Options.on(self.revokeTokens))
        return try Options(flags: flags, elsewhere: Place.elsewhere, defaultFile: Place.fileDefault)
    }
}
