import ArgumentParser
import ControlPlane
import Platform
import Storage

/// Copies the database while it is served.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the database into one file, while it is served.",
        discussion: """
            The copy is one consistent state, for its owner alone (0600), and is verified before it gets its name; a \
            file that is there is never overwritten. Keep the directory of --keys elsewhere: without master.key the \
            copy's secrets and signing keys cannot be opened, and whoever has both has everything.
            """
    )

    @OptionGroup var place: Place

    @Option(help: "The file to make.")
    var to: String?

    func run() async throws {
        try await self.orExit {
            var flags = self.place.flags
            flags["to"] = .some(self.to)
            let options = try Options(flags: flags, elsewhere: Place.elsewhere, defaultFile: Place.fileDefault)
            let path = try options.required("to", hint: "the file to make, such as backups/control.sqlite")
            let database = try DatabaseFile.openReadOnly(try DatabaseFile.path(options))
            try DatabaseFile.makeDirectory(of: path)
            let summary = try await BackupCopy().make(of: database, at: path)
            try database.close()
            let keys = KeyFiles(directory: try options.string("keys", default: Place.keysDefault))
            print((["backup       \(path)"] + summary.lines).joined(separator: "\n"))
            print("It is of no use without \(keys.masterPath): keep that elsewhere, never beside it.")
        }
    }
}
