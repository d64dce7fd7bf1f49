import ControlPlane
import Domain
import Foundation
import Platform
import Storage
import TestSupport
import Testing
import Wire

@Suite struct RestoreRefusalTests {
    /// A lost installation: its backup, and what a node of it holds.
    private func lost() async throws -> (control: ControlPlaneUnderTest, backup: String, node: String) {
        let control = try await ControlPlaneUnderTest.published()
        let (backup, node) = (try await control.backUp(), try await control.nodeFolder())
        try control.lose()
        return (control, backup, node)
    }

    /// Nothing is left behind by a restore that was refused.
    private func expectRefused(
        _ control: ControlPlaneUnderTest,
        _ backup: String,
        nodes: [String],
        saying words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try FileManager.default.contentsOfDirectory(atPath: control.folder.path).sorted()
        let fault = await #expect(throws: StartupFault.self, sourceLocation: sourceLocation) {
            _ = try await control.restored(from: backup, nodes: nodes)
        }
        let said = fault?.description ?? ""
        #expect(said.contains(words), "\(said)", sourceLocation: sourceLocation)
        let after = try FileManager.default.contentsOfDirectory(atPath: control.folder.path).sorted()
        #expect(after.filter { $0 != "control.sqlite.lock" } == before.filter { $0 != "control.sqlite.lock" })
    }

    @Test func `a database that is there is not overwritten, nor a log of one joined to another`() async throws {
        let (control, backup, node) = try await self.lost()
        for suffix in ["", "-wal", "-shm"] {
            try DurableFile.write([], to: control.path + suffix)
            try await self.expectRefused(control, backup, nodes: [node], saying: "move its database away")
            try DurableFile.remove(control.path + suffix)
        }
        _ = try await control.restored(from: backup, nodes: [node])
    }

    @Test func `a control plane that still runs on a database which was taken away is in the way`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let (backup, node) = (try await control.backUp(), try await control.nodeFolder())
        for suffix in ["", "-wal", "-shm"] { try DurableFile.remove(control.path + suffix) }
        try await self.expectRefused(control, backup, nodes: [node], saying: "in use by another process")
    }

    @Test func `another master key opens no backup`() async throws {
        let (control, backup, node) = try await self.lost()
        let other = try await ControlPlaneUnderTest()
        let order = Restoring.Order(backup: backup, target: control.path, nodes: [node])
        let fault = await #expect(throws: StartupFault.self) {
            _ = try await Restoring(files: other.files).restore(order, random: { RandomBytes.draw($0) })
        }
        #expect(fault?.description.contains("master.key") == true)
        #expect(!DurableFile.isTaken(control.path))
    }

    @Test func `a backup that does not verify is not restored`() async throws {
        let (control, backup, node) = try await self.lost()
        var bytes = try DurableFile.read(backup, bytesMax: 1 << 24)
        bytes.removeLast(4_096)
        try DurableFile.write(bytes, to: backup)
        try await self.expectRefused(control, backup, nodes: [node], saying: "does not verify")
    }

    @Test func `the word of another installation's node, of a damaged one or of none is not taken`() async throws {
        let (control, backup, node) = try await self.lost()
        let stranger = try await ControlPlaneUnderTest.published()
        try await self.expectRefused(
            control,
            backup,
            nodes: [node, try await stranger.nodeFolder()],
            saying: "another installation"
        )
        try await self.expectRefused(control, backup, nodes: ["/nowhere"], saying: "holds no snapshot of a node")
        let blobs = "\(node)/\(StoredLayout.folder)/\(StoredLayout.blobs)"
        for name in try FileManager.default.contentsOfDirectory(atPath: blobs) {
            let good = try DurableFile.read("\(blobs)/\(name)", bytesMax: 1 << 24)
            try DurableFile.write(good.dropLast() + [good.last.map { $0 ^ 1 } ?? 0], to: "\(blobs)/\(name)")
            try await self.expectRefused(control, backup, nodes: [node], saying: "does not verify")
            try DurableFile.write(good, to: "\(blobs)/\(name)")
        }
        let active = "\(node)/\(StoredLayout.folder)/\(StoredLayout.active)"
        try DurableFile.write([1, 2, 3], to: active)
        try await self.expectRefused(control, backup, nodes: [node], saying: "is damaged")
    }

    @Test func `a node that saw less than the backup cannot say what came after it`() async throws {
        let control = try await ControlPlaneUnderTest.published()
        let node = try await control.nodeFolder()
        try await control.writeKey("key-2", digest: ControlPlaneUnderTest.digest(2))
        try await control.services.publisher.begin()
        let backup = try await control.backUp()
        try control.lose()
        try await self.expectRefused(control, backup, nodes: [node], saying: "is older than the backup")
    }

    @Test func `marks on a node's disk cannot use up the numbers that are left`() async throws {
        let (control, backup, node) = try await self.lost()
        let path = "\(node)/\(StoredLayout.folder)/\(StoredLayout.floors)"
        var floors = try Floors.decode(
            try #require(StoredLayout.content(of: try DurableFile.read(path, bytesMax: 4_096)))
        )
        floors.head = HeadPosition(epoch: 900, headVersion: UInt64(Int64.max))
        try DurableFile.write(StoredLayout.withDigest(floors.encoded()), to: path)
        try await self.expectRefused(control, backup, nodes: [node], saying: "far above what was signed")
    }
}
