import ArgumentParser
import ControlPlane
import Platform
import Storage

/// Makes an installation: keys, database, the first admin token. Only ever once.
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new installation. Refused, with nothing changed, where there is one already."
    )

    @OptionGroup var place: Place

    @Flag(help: "Proposals are approved at once, and the audit log says so: for one person alone.")
    var solo = false

    @Option(help: "How many principals other than the proposer must approve what needs approval. Default: 1")
    var approvals: String?

    func run() async throws {
        try await self.orExit {
            var flags = self.place.flags
            flags["solo"] = .some(Options.on(self.solo))
            flags["approvals"] = .some(self.approvals)
            let options = try Options(flags: flags, elsewhere: Place.elsewhere, defaultFile: Place.fileDefault)
            let approvals = try Self.approvalsRequired(options)
            let files = KeyFiles(directory: try options.string("keys", default: Place.keysDefault))
            try Founding.requireNoKeys(files)
            let database = try DatabaseFile.open(options, createDirectory: true)
            let founded = try await Founding(database: database, files: files)
                .found(approvalsRequired: approvals, random: { RandomBytes.draw($0) })
            try database.close()
            print(
                """
                environment  \(founded.environment)
                root digest  \(founded.rootDigest)    (what nodes trust; `--trust` pins it)
                admin token  \(files.tokenPath)
                root key     \(files.rootPath)    move it off this machine; it is only needed to change who may sign
                master key   \(files.masterPath)    keep it out of the database's backup
                Next: martlet-control serve
                """
            )
        }
    }

    private static func approvalsRequired(_ options: Options) throws -> Int {
        let isSolo = try options.isOn("solo")
        guard let text = try options.string("approvals") else { return isSolo ? 0 : 1 }
        guard !isSolo else { throw StartupFault(.usage, "--solo and --approvals do not go together") }
        guard let count = Int(text), (1...Founding.approvalsMax).contains(count) else {
            throw StartupFault(.usage, "--approvals must be a whole number from 1 to \(Founding.approvalsMax)")
        }
        return count
    }
}
