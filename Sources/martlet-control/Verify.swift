import ArgumentParser
import ControlPlane
import Platform
import Storage

/// Checks a database or a backup.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a backup, or the database while it is served; changes nothing.",
        discussion: """
            Pages and references, the schema, the audit chain against the heads that signed snapshots carry, every \
            signature from the first root on, every section's digest, every revision that was ever written; in a \
            backup also every row. Ends with 0 and what it holds, or with 78 and each problem on a line.
            """
    )

    @OptionGroup var place: Place

    @Argument(help: "The backup. Default: the database that --database names.")
    var file: String?

    func run() async throws {
        try await self.orExit {
            let options = try Options(
                flags: self.place.flags,
                elsewhere: Place.elsewhere,
                defaultFile: Place.fileDefault
            )
            let path = try self.file ?? DatabaseFile.path(options)
            let database = try DatabaseFile.openReadOnly(path)
            let verification = await Verification.of(database)
            try database.close()
            guard let summary = verification.summary, verification.isGood else {
                let problems = verification.problems.map { "\n  \($0)" }.joined()
                throw StartupFault(.configuration, "\(path) does not verify:\(problems)")
            }
            print((["verified     \(path)"] + summary.lines).joined(separator: "\n"))
        }
    }
}
