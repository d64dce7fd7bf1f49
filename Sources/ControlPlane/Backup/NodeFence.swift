package import Domain
import Platform
package import Wire

/// What a node has seen of this installation, read from its data directory: a restored control plane must not fall
/// behind it. What is signed says what it knows; its own marks, which are not, only raise the numbers to go on from.
package struct NodeFence: Sendable {
    package let directory: String
    /// The highest numbers that it has seen, as far as that is signed.
    let signed: RestorePlan.Marks
    /// The same with the node's own marks.
    let marks: RestorePlan.Marks
    package let manifest: Manifest
    /// The manifest's envelope.
    package let manifestBytes: [UInt8]
    package let denyList: DenyList
    package let content: SnapshotContent

    /// `directory` is a node's `--data`, or a copy of it or of its `snapshot` folder. Verifies by the roots of the
    /// backup: a stranger's snapshot must not revoke keys here.
    package init(_ directory: String, trust: RootChain) throws {
        let folder = StoredFolder(data: directory)
        try Self.requireSameRoots(try folder.roots(), trust, directory)
        let stored = try folder.active()
        // After crashes a node stands on the manifest before the newest; that is no reason to doubt what it holds.
        let start = Floors(head: HeadPosition(epoch: 0, headVersion: 0))
        let verifier = SnapshotVerifier(trust: trust, floors: start, purpose: .stepBack)
        do {
            let head = try verifier.head(stored.head)
            self.manifestBytes = try folder.blob(stored.active.blob)
            let manifest = try verifier.manifest(self.manifestBytes, reference: stored.active, under: head)
            self.denyList = try verifier.denyList(try folder.blob(head.value.denyList), under: head)
            self.content = try verifier.content(of: manifest) { folder.blobIfPresent($0) }
            self.manifest = manifest.value
            let signed = RestorePlan.Marks(head.value, manifest.value)
            self.signed = signed
            self.marks = try folder.floors().map { try signed.raised(by: $0, of: directory) } ?? signed
        } catch let refusal as SnapshotRefusal {
            throw StartupFault(.configuration, "the snapshot in \(directory) does not verify: \(refusal)")
        }
        self.directory = directory
    }

    var position: HeadPosition { HeadPosition(epoch: self.signed.epoch, headVersion: self.signed.headVersion) }

    private static func requireSameRoots(_ roots: [[UInt8]], _ trust: RootChain, _ directory: String) throws {
        guard zip(roots, trust.envelopes).allSatisfy({ $0 == $1 }), !roots.isEmpty else {
            throw StartupFault(
                .configuration,
                "the node of \(directory) trusts another root: it is of another installation than the backup"
            )
        }
        guard roots.count <= trust.envelopes.count else {
            throw StartupFault(
                .configuration,
                "the node of \(directory) is under root \(roots.count), the backup only knows root "
                    + "\(trust.envelopes.count): take a backup that was made after the newer root was signed"
            )
        }
    }
}

extension RestorePlan.Marks {
    /// What a head and its manifest say, signed.
    fileprivate init(_ head: Head, _ manifest: Manifest) {
        self.init(
            epoch: head.position.epoch,
            seq: max(head.stable.sequence, head.boot.sequence, manifest.sequence),
            headVersion: head.position.headVersion,
            denyListNumber: head.denyListNumber
        )
    }

    /// A node's own marks are not signed: believed as far as they can be true, so that no file on its disk uses up the
    /// numbers that a control plane has left.
    fileprivate func raised(by floors: Floors, of directory: String) throws -> RestorePlan.Marks {
        let all = RestorePlan.Marks(
            epoch: max(self.epoch, floors.head.epoch),
            seq: max(self.seq, floors.manifest?.number ?? 0),
            headVersion: max(self.headVersion, floors.head.headVersion),
            denyListNumber: max(self.denyListNumber, floors.denyList.number)
        )
        let rises = [
            all.seq - self.seq, all.headVersion - self.headVersion, all.denyListNumber - self.denyListNumber,
        ]
        guard all.epoch - self.epoch <= RestorePlan.epochLeap, rises.allSatisfy({ $0 <= RestorePlan.markRiseMax })
        else {
            throw StartupFault(
                .configuration,
                "the marks in \(directory) are far above what was signed: its disk was changed; give another node's"
            )
        }
        return all
    }
}

/// A node's snapshot folder as it lies on disk.
private struct StoredFolder {
    let path: String

    init(data: String) {
        let inside = "\(data)/\(StoredLayout.folder)"
        self.path = DurableFile.isTaken(inside) ? inside : data
    }

    func roots() throws -> [[UInt8]] {
        try self.required(StoredLayout.roots, atMost: StoredRoots.sizeMax) { bytes throws(WireError) in
            try StoredRoots.decode(bytes)
        }
    }

    func active() throws -> StoredSnapshot {
        try self.required(StoredLayout.active, atMost: StoredSnapshot.sizeMax) { bytes throws(WireError) in
            try StoredSnapshot.decode(bytes)
        }
    }

    /// Nil where a node has none yet.
    func floors() throws -> Floors? {
        try self.read(StoredLayout.floors, atMost: StoredLayout.floorsSizeMax) { bytes throws(WireError) in
            try Floors.decode(bytes)
        }
    }

    func blob(_ reference: BlobRef) throws -> [UInt8] {
        try DurableFile.read(self.path(of: reference.digest), bytesMax: reference.size)
    }

    func blobIfPresent(_ digest: Digest) -> [UInt8]? {
        do {
            return try DurableFile.readIfPresent(self.path(of: digest), bytesMax: Manifest.sectionSizeMax)
        } catch {
            return nil  // The verifier says which section is missing.
        }
    }

    private func path(of digest: Digest) -> String { "\(self.path)/\(StoredLayout.blobs)/\(digest.hex)" }

    private func required<Value>(
        _ name: String,
        atMost limit: Int,
        _ decode: ([UInt8]) throws(WireError) -> Value
    ) throws -> Value {
        guard let value = try self.read(name, atMost: limit, decode) else {
            throw StartupFault(
                .configuration,
                "\(self.path) holds no snapshot of a node (no file \(name)): give the directory of its --data"
            )
        }
        return value
    }

    private func read<Value>(
        _ name: String,
        atMost limit: Int,
        _ decode: ([UInt8]) throws(WireError) -> Value
    ) throws -> Value? {
        let path = "\(self.path)/\(name)"
        guard let bytes = try DurableFile.readIfPresent(path, bytesMax: limit + Digest.byteCount) else { return nil }
        guard let content = StoredLayout.content(of: bytes) else {
            throw StartupFault(.configuration, "\(path) is damaged: give another node's directory")
        }
        do {
            return try decode(content)
        } catch {
            throw StartupFault(.configuration, "\(path) is damaged (\(error)): give another node's directory")
        }
    }
}
