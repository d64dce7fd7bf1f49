import Platform
package import Storage

/// `martlet-control backup`: one consistent copy of the database, while it is served and written to.
package struct BackupCopy: Sendable {
    private let timing: Timing

    package init(timing: Timing = .system) { self.timing = timing }

    /// Puts a verified copy at `path`, or nothing. Refused where something has that name already.
    package func make(of database: ReadOnlyDatabase, at path: String) async throws -> DatabaseSummary {
        guard !DurableFile.isTaken(path) else {
            throw StartupFault(.configuration, "\(path) exists already and is not overwritten: give --to another name")
        }
        try await Self.requireThisBuild(database)
        let copy = try UnfinishedFile(of: path)
        do {
            try database.copy(to: copy.path)
            try Database.seal(copy: copy.path, made: self.timing.now(), hash: { .sha256($0) })
            let summary = try await Self.verified(copy.path)
            try copy.finish()
            return summary
        } catch {
            try copy.discard()
            throw error
        }
    }

    /// A copy that does not verify is none; so what is in the database is wrong, and the operator learns it now.
    private static func verified(_ path: String) async throws -> DatabaseSummary {
        let copy = try ReadOnlyDatabase.open(path: path, hash: { .sha256($0) })
        let verification = await Verification.of(copy)
        try copy.close()
        guard let summary = verification.summary, verification.isGood else {
            throw StartupFault(
                .configuration,
                "no backup was made, because the database does not verify:\n"
                    + verification.problems.map { "  \($0)" }.joined(separator: "\n")
            )
        }
        return summary
    }

    private static func requireThisBuild(_ database: ReadOnlyDatabase) async throws {
        guard case .known(let behind) = try await database.read({ try $0.schemaState() }), behind > 0 else { return }
        throw StartupFault(
            .configuration,
            "the database is an older build's: back it up with that build, or start `serve` of this one on it first"
        )
    }
}
