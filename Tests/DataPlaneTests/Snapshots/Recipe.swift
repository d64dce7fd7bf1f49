import Domain
import Wire

/// How one publication is made, and where it is spoilt. By default it is genuine.
struct Recipe {
    /// The two signed things of a publication; most attacks are tried on both.
    enum Layer: CaseIterable { case head, manifest }

    var sequence: UInt64
    /// The sequence's number, unless said otherwise.
    var headVersion: UInt64?
    var epoch: UInt64 = 1
    var headEpoch: UInt64?
    var floor: UInt64 = 1
    var rootVersion: UInt64 = 1
    var issued: Timestamp?
    var sections: SnapshotSections?
    var denied = DenyList(number: 1)
    var editParts: ([SnapshotSection]) -> [SnapshotSection] = { $0 }
    var editManifest: (inout Manifest) -> Void = { _ in }
    var editHead: (inout Head) -> Void = { _ in }
    /// Before signing.
    var payload: [Layer: ([UInt8]) -> [UInt8]] = [:]
    var signers: [Layer: [SigningKey]] = [:]
    /// After signing.
    var envelope: [Layer: (Envelope) -> Envelope] = [:]
    var bytes: [Layer: ([UInt8]) -> [UInt8]] = [:]

    init(_ sequence: UInt64, _ edit: (inout Recipe) -> Void = { _ in }) {
        self.sequence = sequence
        edit(&self)
    }

    struct Publication {
        let head: [UInt8]
        let manifest: [UInt8]
        let denyList: [UInt8]
        let sections: [SnapshotSection]

        var blobs: [Digest: [UInt8]] {
            var blobs: [Digest: [UInt8]] = [:]
            for bytes in [self.manifest, self.denyList] + self.sections.map(\.bytes) {
                blobs[Digest.sha256(of: bytes)] = bytes
            }
            return blobs
        }
    }

    func publication(of house: House, at now: Timestamp) throws -> Publication {
        let parts = self.editParts(
            try SectionCodec.encode(self.sections ?? House.sections(tag: "seq-\(self.sequence)"))
        )
        var manifest = Manifest(
            environment: house.environment,
            epoch: self.epoch,
            sequence: self.sequence,
            floorSequence: self.floor,
            author: "ann",
            previous: nil,
            sections: parts.map(\.reference),
            published: House.start
        )
        self.editManifest(&manifest)
        let manifestBytes = self.sealed(manifest.encoded(), .manifest, [house.releaseKeys[0]])
        let denyList = SignedDenyList(environment: house.environment, list: self.denied).encoded()
        let reference = ManifestRef(sequence: self.sequence, blob: BlobRef(of: manifestBytes))
        let issued = self.issued ?? now
        var head = Head(
            environment: house.environment,
            position: HeadPosition(
                epoch: self.headEpoch ?? self.epoch,
                headVersion: self.headVersion ?? self.sequence
            ),
            issued: issued,
            freshUntil: issued.advanced(byMilliseconds: 90_000),
            rootVersion: self.rootVersion,
            stable: reference,
            boot: reference,
            denyList: BlobRef(of: denyList),
            denyListNumber: self.denied.number,
            liveNodes: 2
        )
        self.editHead(&head)
        let headBytes = self.sealed(head.encoded(), .head, [house.freshnessKey])
        return Publication(head: headBytes, manifest: manifestBytes, denyList: denyList, sections: parts)
    }

    private func sealed(_ payload: [UInt8], _ layer: Layer, _ keys: [SigningKey]) -> [UInt8] {
        let payload = self.payload[layer]?(payload) ?? payload
        let type: PayloadType = layer == .head ? .head : .manifest
        let envelope = Envelope.signed(payload, type: type, by: self.signers[layer] ?? keys)
        let bytes = (self.envelope[layer]?(envelope) ?? envelope).encoded()
        return self.bytes[layer]?(bytes) ?? bytes
    }
}
