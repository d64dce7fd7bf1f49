import Domain

/// Where a node's last good snapshot lies under its data directory, for the node that writes it and for whoever restores
/// a control plane from what nodes have seen.
package enum StoredLayout {
    package static let folder = "snapshot"
    package static let roots = "roots"
    package static let floors = "floors"
    package static let active = "active"
    package static let trial = "trial"
    package static let blobs = "blobs"
    package static let floorsSizeMax = 1_024

    /// The node's own files end with the digest of what is before it. That finds a disk that decays, such as a mark that
    /// would have become too high to pass; against an attacker stand the signatures.
    package static func withDigest(_ bytes: [UInt8]) -> [UInt8] { bytes + Digest.sha256(of: bytes).bytes }

    /// What stands before the digest; nil where the file is not what was written.
    package static func content(of bytes: [UInt8]) -> [UInt8]? {
        let content = Array(bytes.dropLast(Digest.byteCount))
        return bytes == self.withDigest(content) ? content : nil
    }
}
