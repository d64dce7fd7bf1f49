import ControlPlane
import Platform
import Storage

/// The database that `--database` names.
enum DatabaseFile {
    static func path(_ options: Options) throws -> String {
        let text = try options.string("database", default: Place.databaseDefault)
        guard text.hasPrefix("sqlite:"), text.count > "sqlite:".count else {
            throw StartupFault(.usage, "--database must be sqlite:PATH")
        }
        return String(text.dropFirst("sqlite:".count))
    }

    static func open(_ options: Options, createDirectory: Bool = false) throws -> Database {
        let path = try self.path(options)
        if createDirectory { try self.makeDirectory(of: path) }
        do {
            return try Database.open(path: path, hash: { .sha256($0) })
        } catch let fault as StorageFault {
            throw StartupFault(.unavailable, "the database: \(fault)")
        } catch {
            throw StartupFault(.unavailable, "the database \(path) cannot be opened: \(error)")
        }
    }

    static func makeDirectory(of path: String) throws {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        try DurableFile.makeDirectory(String(path[..<slash]), audience: .anyone)
    }

    /// Also while a control plane has it open. Nothing is made where there is none.
    static func openReadOnly(_ path: String) throws -> ReadOnlyDatabase {
        guard DurableFile.isTaken(path) else { throw StartupFault(.configuration, "there is no database at \(path)") }
        do {
            return try ReadOnlyDatabase.open(path: path, hash: { .sha256($0) })
        } catch {
            throw StartupFault(.configuration, "\(path) cannot be opened: \(error)")
        }
    }
}
