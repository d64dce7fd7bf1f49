import DataPlane
import Domain
import Foundation
import Platform
import TestSupport
import Testing
import Wire

/// G: what can happen to the copy on disk.
let diskCases: [AttackCase] = [
    AttackCase("G01") {
        let whole = try await SnapshotBench()
        // A bit in the middle of every file that the snapshot stands on.
        for path in try whole.disk().keys where !["floors", "trial", "roots"].contains(path) {
            let bench = try await SnapshotBench(house: whole.house)
            try bench.flip(path, of: whole)
            try bench.restart()
            #expect(bench.served == nil, "\(path)")
            #expect(bench.codes == ["disk_tampered"], "\(path): \(bench.refused)")
            bench.origin.set { $0.etag = "\"again\"" }
            try bench.offer(Recipe(42))
            await bench.deliver()
            #expect(bench.served?.version.sequence == 42, "until a fresh one arrives: \(path)")
        }
    },
    AttackCase("G02") {
        let bench = try await SnapshotBench()
        let floors = try Data(contentsOf: bench.file("floors"))
        try await bench.accepts(Recipe(42))
        let blob = bench.file("blobs/\(must(try bench.files.active()).active.blob.digest.hex)")
        let bytes = Array(try Data(contentsOf: blob))
        try bench.write(Array(bytes.prefix(bytes.count / 2)), "blobs/\(blob.lastPathComponent)")
        // With the mark at 42 the one before is older than what was enforced.
        try bench.restart()
        #expect(bench.served == nil)
        #expect(bench.codes == ["disk_tampered", "rollback"])
        // The mark was not yet advanced.
        try bench.write(Array(floors), "floors")
        try bench.restart()
        #expect(bench.served?.version.sequence == 41)
    },
    AttackCase("G03") {
        let bench = try await SnapshotBench(serving: 39)
        let old = try bench.disk()
        try await bench.accepts(Recipe(40))
        try await bench.accepts(Recipe(41))
        for (path, bytes) in old where path != "floors" { try bytes.write(to: bench.file(path)) }
        try bench.restart()
        #expect(bench.served == nil)
        #expect(bench.codes == ["rollback"])
    },
    AttackCase(
        "G04",
        argued:
            "there is no marker of having been verified: everything is verified at every start, whatever the names and times of files say"
    ) {
        let bench = try await SnapshotBench()
        let stored = must(try bench.files.active())
        let forged = try Recipe(41) { $0.sections = House.sections(tag: "forged") }.publication(
            of: House(),
            at: bench.now.wall
        )
        try Data(forged.manifest).write(to: bench.file("blobs/\(stored.active.blob.digest.hex)"))
        try bench.restart()
        #expect(bench.served == nil)
        #expect(bench.codes == ["disk_tampered"])
        // The reference changed with it, consistently: then it is the signature that is wrong.
        var record = stored
        record.active = ManifestRef(sequence: 41, blob: BlobRef(of: forged.manifest))
        try bench.write(StoredLayout.withDigest(record.encoded()), "active")
        try bench.write(forged.manifest, "blobs/\(record.active.blob.digest.hex)")
        try bench.restart()
        #expect(bench.served == nil)
    },
    AttackCase("G05") {
        let bench = try await SnapshotBench()
        let pin = must(bench.client).trust.pin
        try bench.restart(pin: pin)
        #expect(bench.served != nil)
        let attacker = House()
        try bench.files.store(roots: [attacker.signed(attacker.root())])
        #expect(throws: SnapshotRefusal.self) { try bench.restart(pin: pin) }
        do {
            try bench.restart(pin: pin)
        } catch let refusal as SnapshotRefusal {
            #expect(refusal.code == .keySetInvalid)
        }
    },
    AttackCase("G06") {
        let bench = try await SnapshotBench()
        for name in ["active", "blobs/\(must(try bench.files.active()).active.blob.digest.hex)"] {
            let target = bench.folder.file("elsewhere")
            let bytes = try Data(contentsOf: bench.file(name))
            try bytes.write(to: target)
            try FileManager.default.removeItem(at: bench.file(name))
            try FileManager.default.createSymbolicLink(at: bench.file(name), withDestinationURL: target)
            try bench.restart()
            #expect(bench.served == nil)
            #expect(bench.codes == ["disk_tampered"])
            try FileManager.default.removeItem(at: bench.file(name))
            try bench.write(Array(bytes), name)
            try bench.restart()
            #expect(bench.served?.version.sequence == 41)
        }
    },
    AttackCase("G07") {
        let bench = try await SnapshotBench()
        let active = try Data(contentsOf: bench.file("active"))
        let floors = try Data(contentsOf: bench.file("floors"))
        // Nothing can take the place of a folder that is not empty: the rename fails as on a disk that is full.
        try FileManager.default.removeItem(at: bench.file("active"))
        try FileManager.default.createDirectory(at: bench.file("active/in-the-way"), withIntermediateDirectories: true)
        try bench.offer(Recipe(42))
        for _ in 0..<3 { await bench.deliver() }
        #expect(bench.codes == ["not_durable"])
        #expect(bench.served?.version.sequence == 41)
        #expect(try Data(contentsOf: bench.file("floors")) == floors, "the mark does not advance")
        // What takes away needs no disk.
        try bench.offer(
            Recipe(42) {
                $0.headVersion = 43
                $0.denied = DenyList(number: 2, revokedKeys: [must(ID("key-1"))])
            }
        )
        await bench.deliver()
        #expect(bench.served?.version.sequence == 41)
        #expect(bench.served?.denyList.revokedKeys.count == 1)
        try FileManager.default.removeItem(at: bench.file("active"))
        try bench.write(Array(active), "active")
        await bench.deliver()
        #expect(bench.served?.version.sequence == 42)
    },
    AttackCase("G08") {
        let bench = try await SnapshotBench()
        let before = try bench.disk()
        try await bench.accepts(Recipe(42) { $0.denied = DenyList(number: 2) })
        let after = try bench.disk()
        let order = after.keys.filter { $0.hasPrefix("blobs/") }.sorted() + ["active", "trial", "floors"]
        for steps in 0...order.count {
            let killed = try await SnapshotBench(serving: nil, house: bench.house)
            for (path, bytes) in before { try killed.write(Array(bytes), path) }
            for path in order.prefix(steps) { try killed.write(Array(must(after[path])), path) }
            try killed.write([1, 2, 3], "blobs/.half-written.martlet-tmp")
            try killed.restart()
            let served = must(killed.served?.version.sequence)
            #expect(served == (steps > order.count - 3 ? 42 : 41), "killed after \(steps) steps")
            #expect(must(killed.client).floors.manifest?.number == served, "never a mark above what can be served")
        }
    },
    AttackCase("G09") {
        let bench = try await SnapshotBench()
        for path in try bench.disk().keys {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: bench.file(path).path(percentEncoded: false)
            )
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(path)")
        }
        let active = bench.file("active").path(percentEncoded: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: active)
        try bench.restart()
        #expect(bench.served == nil)
        #expect(bench.codes == ["disk_tampered"])
    },
]

extension SnapshotBench {
    func write(_ bytes: [UInt8], _ name: String) throws {
        try DurableFile.write(bytes, to: self.file(name).path(percentEncoded: false))
    }

    /// Takes over the disk of `other`, one bit of one file changed.
    func flip(_ path: String, of other: SnapshotBench) throws {
        for (name, data) in try other.disk() {
            var bytes = Array(data)
            if name == path { bytes[bytes.count / 2] ^= 4 }
            try self.write(bytes, name)
        }
    }
}
