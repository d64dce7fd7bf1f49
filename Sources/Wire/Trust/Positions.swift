package import Domain

/// Where a head stands. The epoch counts first: it grows when the control plane starts from a backup.
package struct HeadPosition: Hashable, Comparable, Sendable {
    package let epoch: UInt64
    package let headVersion: UInt64

    package init(epoch: UInt64, headVersion: UInt64) {
        self.epoch = epoch
        self.headVersion = headVersion
    }

    package static func < (a: Self, b: Self) -> Bool { (a.epoch, a.headVersion) < (b.epoch, b.headVersion) }
}

extension HeadPosition: CustomStringConvertible {
    package var description: String { "\(self.epoch):\(self.headVersion)" }
}

/// Where a numbered thing of an epoch stands: a manifest by its `seq`, a deny list by its number.
package struct EpochNumber: Hashable, Comparable, Sendable {
    package let epoch: UInt64
    package let number: UInt64

    package init(epoch: UInt64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    package static func < (a: Self, b: Self) -> Bool { (a.epoch, a.number) < (b.epoch, b.number) }
}

extension EpochNumber: CustomStringConvertible {
    package var description: String { "\(self.epoch):\(self.number)" }
}

/// A content-addressed blob.
package struct BlobRef: Hashable, Sendable {
    package let digest: Digest
    package let size: Int

    package init(digest: Digest, size: Int) {
        self.digest = digest
        self.size = size
    }

    package init(of bytes: [UInt8]) { self.init(digest: Digest.sha256(of: bytes), size: bytes.count) }
}

/// A manifest's envelope.
package struct ManifestRef: Hashable, Sendable {
    package let sequence: UInt64
    package let blob: BlobRef

    package init(sequence: UInt64, blob: BlobRef) {
        self.sequence = sequence
        self.blob = blob
    }
}
