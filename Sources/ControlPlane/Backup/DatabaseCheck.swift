import Domain
import Storage
import Wire

/// Goes through everything in a database that can be checked without its keys. One thing that does not hold keeps
/// nothing else from being looked at.
struct DatabaseCheck {
    /// More are not told: who has so many needs another backup, not a longer list.
    private static let problemsMax = 100

    let reading: Reading
    private(set) var problems: [String] = []
    /// Sections that were looked at.
    var sound: Set<Domain.Digest> = []

    init(_ reading: Reading) { self.reading = reading }

    /// Nil where there is no installation, or the file itself is not whole.
    mutating func run() -> DatabaseSummary? {
        self.attempt("file") { check in
            for fault in try check.reading.fileFaults() { check.report("file", fault) }
        }
        self.attempt("schema") { try $0.checkSchema() }
        // What these two have found may make a row's columns other than they are read.
        guard self.problems.isEmpty else { return nil }
        self.attempt("rows") { try $0.checkSeal() }
        self.attempt("audit log") { try $0.checkAudit() }
        self.attempt("catalogue") { try $0.checkCatalogue() }
        self.attempt("snapshots") { try $0.checkSnapshots() }
        var summary: DatabaseSummary?
        self.attempt("installation") { summary = try $0.summarise() }
        return summary
    }

    mutating func report(_ where: String, _ what: String) {
        guard self.problems.count < Self.problemsMax else { return }
        self.problems.append("\(`where`): \(what)")
    }

    mutating func attempt(_ what: String, _ body: (inout DatabaseCheck) throws -> Void) {
        do { try body(&self) } catch { self.report(what, "\(error)") }
    }

    private mutating func checkSchema() throws {
        switch try self.reading.schemaState() {
        case .known: break
        case .newer(let step): self.report("schema", "it was written by a newer build (\(step)): use that build")
        case .altered(let what): self.report("schema", "it is not what its steps make: \(what)")
        }
    }

    /// Only a copy is sealed; the rows of a database that is served change all the time.
    private mutating func checkSeal() throws {
        guard let seal = try self.reading.backupSeal(), try self.reading.contentDigest() != seal.digest else { return }
        self.report("rows", "they are not those that were backed up")
    }

    private mutating func checkAudit() throws {
        let witnesses = try self.reading.publications(limit: .max).map(\.audit).filter { $0.number > 0 }
        guard case .broken(let number, let flaw) = try self.reading.verifyAudit(witnesses: witnesses) else { return }
        self.report("audit log", "entry \(number) is \(flaw.rawValue)")
    }

    private mutating func checkCatalogue() throws {
        for item in try self.reading.danglingItems() {
            self.report("catalogue", "\(item) does not stand at its newest revision")
        }
        var unreadable: [String] = []
        try self.reading.forEachRevision { revision in
            do {
                _ = try revision.kind.content.read(revision)
            } catch {
                unreadable.append("\(revision.kind.singular)/\(revision.name), revision \(revision.revision): \(error)")
            }
        }
        for revision in unreadable { self.report("catalogue", revision) }
    }

    private func summarise() throws -> DatabaseSummary {
        guard let installation = try self.reading.installation() else {
            throw StorageFault.wrongState("there is none in this database")
        }
        return DatabaseSummary(
            environment: installation.environment,
            epoch: installation.epoch,
            seq: try self.reading.publications(limit: 1).first?.seq,
            audit: try self.reading.auditHead(),
            byteCount: try self.reading.byteCount(),
            backedUp: try self.reading.backupSeal()?.made
        )
    }
}
