import ControlPlane
import Domain
import Foundation
import Platform
import Storage
import TestSupport
import Testing
import Wire

extension ControlPlaneUnderTest {
    var path: String { "\(self.folder.path)/control.sqlite" }

    /// A published first catalogue, on a file.
    static func published(timing: Timing = .system) async throws -> ControlPlaneUnderTest {
        let control = try await ControlPlaneUnderTest(.file, timing: timing)
        try await control.writeFirstCatalog()
        try await control.services.publisher.begin()
        return control
    }

    /// Copies the database as `martlet-control backup` does, beside the one writer.
    @discardableResult
    func backUp(to name: String = "backup.sqlite") async throws -> String {
        let path = "\(self.folder.path)/\(name)"
        let database = try ReadOnlyDatabase.open(path: self.path, hash: { .sha256($0) })
        _ = try await BackupCopy(timing: self.timing).make(of: database, at: path)
        try database.close()
        return path
    }

    /// What a node that took all of it has on its disk. Gives its data directory.
    func nodeFolder(_ name: String = "node") async throws -> String {
        let view = try await self.asNodeSees()
        let data = "\(self.folder.path)/\(name)"
        let folder = "\(data)/\(StoredLayout.folder)"
        try DurableFile.makeDirectory("\(folder)/\(StoredLayout.blobs)")
        var floors = Floors(head: view.head.position)
        floors.note(view.head)
        floors.note(denyListOf: view.head)
        floors.note(view.manifest, digest: view.head.stable.blob.digest)
        let stored = StoredSnapshot(head: view.signed.bytes, active: view.head.stable, previous: nil, etag: "")
        let roots = try await self.database.read { try $0.rootEnvelopes() }
        let files = [
            (StoredLayout.roots, StoredRoots.encode(roots)), (StoredLayout.active, stored.encoded()),
            (StoredLayout.floors, floors.encoded()),
        ]
        for (name, bytes) in files { try DurableFile.write(StoredLayout.withDigest(bytes), to: "\(folder)/\(name)") }
        let digests =
            view.manifest.sections.map(\.blob.digest) + [view.head.stable.blob.digest, view.head.denyList.digest]
        for digest in digests {
            let bytes = try #require(try await self.database.read { try $0.blob(digest) })
            try DurableFile.write(bytes, to: "\(folder)/\(StoredLayout.blobs)/\(digest.hex)")
        }
        return data
    }

    /// The machine is lost; what is left are the keys.
    func lose() throws {
        try self.database.close()
        for suffix in ["", "-wal", "-shm"] { try DurableFile.remove(self.path + suffix) }
    }

    /// Restores to where the database was, and opens it without starting anything.
    func restored(
        from backup: String,
        nodes: [String],
        revokesTokens: Bool = false
    ) async throws -> (report: RestoreReport, control: ControlPlaneUnderTest) {
        let order = Restoring.Order(
            backup: backup,
            target: self.path,
            nodes: nodes,
            revokesTokens: revokesTokens
        )
        let report = try await Restoring(files: self.files, timing: self.timing)
            .restore(order, random: { RandomBytes.draw($0) })
        return (report, try await ControlPlaneUnderTest(self.path, like: self))
    }

    /// Where a node stands that has taken all of this.
    func floorsOfNode() async throws -> Floors {
        let view = try await self.asNodeSees()
        var floors = Floors(head: view.head.position)
        floors.note(view.head)
        floors.note(denyListOf: view.head)
        floors.note(view.manifest, digest: view.head.stable.blob.digest)
        return floors
    }

    func entries(_ action: String) async throws -> [AuditEntry] {
        try await self.database.read { try $0.auditEntries(limit: 10_000) }.filter { $0.action == action }
    }
}

func verification(of path: String) async throws -> Verification {
    let database = try ReadOnlyDatabase.open(path: path, hash: { .sha256($0) })
    let verification = await Verification.of(database)
    try database.close()
    return verification
}
