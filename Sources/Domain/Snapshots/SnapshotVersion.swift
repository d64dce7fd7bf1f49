/// Which configuration an exchange ran under, as in the header `martlet-snapshot: 42.57`.
package struct SnapshotVersion: Hashable, Sendable {
    package let epoch: UInt64
    /// The manifest's number.
    package let sequence: UInt64
    /// The head's number: it also grows when only the deny list changes.
    package let headVersion: UInt64

    package init(epoch: UInt64, sequence: UInt64, headVersion: UInt64) {
        self.epoch = epoch
        self.sequence = sequence
        self.headVersion = headVersion
    }
}

extension SnapshotVersion: CustomStringConvertible {
    package var description: String { "\(self.sequence).\(self.headVersion)" }
}
