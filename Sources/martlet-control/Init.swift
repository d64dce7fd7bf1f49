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

    func run() async throws {
        try await self.orExit {
            var flags = self.place.flags
            flags["solo"] = .some(Options.on(self.solo))
            let options = try Options(flags: flags, elsewhere: Place.elsewhere, defaultFile: Place.fileDefault)
            let files = KeyFiles(directory: try options.string("keys", default: Place.keysDefault))
            try Founding.requireNoKeys(files)
            let database = try DatabaseFile.open(options, createDirectory: true)
            let founded = try await Founding(database: database, files: files)
                .found(solo: try options.isOn("solo"), random: { RandomBytes.draw($0) })
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
}
