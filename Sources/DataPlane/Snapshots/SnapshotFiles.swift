package import Domain
import Platform
package import Wire

/// The node's last good snapshot on disk: `roots`, `floors`, `active`, `trial` and `blobs/`, all 0600 under a 0700
/// folder. It stores and reads bytes; whether they are genuine is `SnapshotRestart`'s to find out at every start.
///
/// The order of writing is what survives a kill at any moment: blobs, then `active`, then `floors`. So there is never
/// a floor above what can be served.
package struct SnapshotFiles: Sendable {
    private let folder: String

    /// Makes the folder if it is missing.
    package init(in data: String) throws(SnapshotRefusal) {
        self.folder = "\(data)/\(StoredLayout.folder)"
        try Self.durably { () throws(FileFault) in
            try DurableFile.makeDirectory("\(data)/\(StoredLayout.folder)/\(StoredLayout.blobs)")
        }
    }

    // MARK: Reading

    package func roots() throws(SnapshotRefusal) -> [[UInt8]]? {
        try self.read(StoredLayout.roots, atMost: StoredRoots.sizeMax, StoredRoots.decode)
    }

    package func floors() throws(SnapshotRefusal) -> Floors? {
        try self.read(StoredLayout.floors, atMost: StoredLayout.floorsSizeMax, Floors.decode)
    }

    package func active() throws(SnapshotRefusal) -> StoredSnapshot? {
        try self.read(StoredLayout.active, atMost: StoredSnapshot.sizeMax, StoredSnapshot.decode)
    }

    package func trial() throws(SnapshotRefusal) -> StoredTrial? {
        try self.read(StoredLayout.trial, atMost: StoredTrial.sizeMax, StoredTrial.decode)
    }

    /// Nil where it is missing, longer than stated, a link, or open to others. The caller compares its digest.
    package func blob(_ reference: BlobRef) -> [UInt8]? { self.blob(reference.digest, atMost: reference.size) }

    package func blob(_ digest: Digest, atMost size: Int = Manifest.sectionSizeMax) -> [UInt8]? {
        do {
            return try DurableFile.readIfPresent(self.path(of: digest), bytesMax: size, audience: .owner)
        } catch {
            return nil  // Unusable is as good as missing: a fresh one is fetched, and nothing of this is served.
        }
    }

    // MARK: Writing

    package func store(roots: [[UInt8]]) throws(SnapshotRefusal) {
        try self.write(StoredRoots.encode(roots), StoredLayout.roots)
    }

    package func store(floors: Floors) throws(SnapshotRefusal) {
        try self.write(floors.encoded(), StoredLayout.floors)
    }

    package func store(trial: StoredTrial) throws(SnapshotRefusal) {
        try self.write(trial.encoded(), StoredLayout.trial)
    }

    /// Blobs, then what is in force, then the marks.
    package func store(_ record: SnapshotRecord) throws(SnapshotRefusal) {
        for (digest, bytes) in record.blobs {
            try Self.durably { () throws(FileFault) in try DurableFile.write(bytes, to: self.path(of: digest)) }
        }
        try self.write(record.snapshot.encoded(), StoredLayout.active)
        if let trial = record.trial { try self.store(trial: trial) }
        try self.store(floors: record.floors)
        if let wanted = record.wanted { self.forget(except: wanted) }
    }

    /// A ban: nothing that was learned stays.
    package func wipe() throws(SnapshotRefusal) {
        self.forget(except: [])
        for name in [StoredLayout.active, StoredLayout.trial, StoredLayout.floors, StoredLayout.roots] {
            try Self.durably { () throws(FileFault) in try DurableFile.remove("\(self.folder)/\(name)") }
        }
    }

    /// Deletes blobs that nothing in force refers to. A blob that cannot be deleted only takes up room.
    private func forget(except wanted: Set<Digest>) {
        let names: [String]
        do {
            names = try FolderListing.names(in: "\(self.folder)/\(StoredLayout.blobs)", atMost: 100_000)
        } catch {
            return
        }
        for name in names {
            guard let digest = Digest(hex: name), !wanted.contains(digest) else { continue }
            do {
                try DurableFile.remove(self.path(of: digest))
            } catch {
                continue
            }
        }
    }

    private func path(of digest: Digest) -> String { "\(self.folder)/\(StoredLayout.blobs)/\(digest.hex)" }

    private func write(_ bytes: [UInt8], _ name: String) throws(SnapshotRefusal) {
        let bytes = StoredLayout.withDigest(bytes)
        try Self.durably { () throws(FileFault) in try DurableFile.write(bytes, to: "\(self.folder)/\(name)") }
    }

    private func read<Value>(
        _ name: String,
        atMost limit: Int,
        _ decode: ([UInt8]) throws(WireError) -> Value
    ) throws(SnapshotRefusal) -> Value? {
        let bytes: [UInt8]?
        do {
            bytes = try DurableFile.readIfPresent(
                "\(self.folder)/\(name)",
                bytesMax: limit + Digest.byteCount,
                audience: .owner
            )
        } catch {
            throw SnapshotRefusal(.disk, .diskTampered, "\(error)")
        }
        guard let bytes else { return nil }
        guard let content = StoredLayout.content(of: bytes) else {
            throw SnapshotRefusal(.disk, .diskTampered, "the file \(name) is not what was written")
        }
        do {
            return try decode(content)
        } catch {
            throw SnapshotRefusal(.disk, .diskTampered, "the file \(name) is damaged: \(error)")
        }
    }

    private static func durably(_ work: () throws(FileFault) -> Void) throws(SnapshotRefusal) {
        do {
            try work()
        } catch {
            throw SnapshotRefusal(.disk, .notDurable, "\(error)")
        }
    }
}

/// What one step of the client leaves on disk.
package struct SnapshotRecord: Sendable {
    package let snapshot: StoredSnapshot
    package let floors: Floors
    /// Nil leaves the trial as it is.
    package let trial: StoredTrial?
    /// What is not there yet.
    package let blobs: [Digest: [UInt8]]
    /// All that is referred to, the rest may go; nil where that is not known.
    package let wanted: Set<Digest>?
}
