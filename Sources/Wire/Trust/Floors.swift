package import Domain
import FoundationEssentials
import Schemas

/// The highest that a node has seen and enforced: below it, nothing is taken. They only ever rise.
package struct Floors: Hashable, Sendable {
    /// Of the newest head that was verified.
    package var head: HeadPosition
    /// What that head refers to; nil at enrolment, when only the position is known.
    package var references: Digest?
    /// The newest manifest that was activated, and its envelope's digest; nil before the first.
    package var manifest: EpochNumber?
    package var manifestDigest: Digest?
    /// The highest signed floor of any manifest that was activated.
    package var floor: EpochNumber
    package var denyList: EpochNumber
    package var denyListDigest: Digest?
    /// The latest time that a verified head named: the clock may be set back, this not.
    package var latest: Timestamp

    /// Enrolment's floor.
    package init(head: HeadPosition) {
        self.head = head
        self.floor = EpochNumber(epoch: 0, number: 0)
        self.denyList = EpochNumber(epoch: 0, number: 0)
        self.latest = Timestamp(unixMilliseconds: 0)
    }

    package mutating func note(_ head: Head) {
        if head.position >= self.head {
            self.head = head.position
            self.references = head.references
        }
        self.latest = max(self.latest, head.issued)
    }

    /// A deny list came into force.
    package mutating func note(denyListOf head: Head) {
        let position = EpochNumber(epoch: head.position.epoch, number: head.denyListNumber)
        guard position >= self.denyList else { return }
        self.denyList = position
        self.denyListDigest = head.denyList.digest
    }

    /// A manifest came into force; `digest` is its envelope's.
    package mutating func note(_ manifest: Manifest, digest: Digest) {
        self.floor = max(self.floor, manifest.floor)
        guard manifest.position >= self.manifest ?? EpochNumber(epoch: 0, number: 0) else { return }
        self.manifest = manifest.position
        self.manifestDigest = digest
    }
}

extension Floors {
    package func encoded() -> [UInt8] {
        var message = PBFloors()
        message.epoch = self.head.epoch
        message.headVersion = self.head.headVersion
        message.headReferences = Data(self.references?.bytes ?? [])
        message.manifestEpoch = self.manifest?.epoch ?? 0
        message.seq = self.manifest?.number ?? 0
        message.manifest = Data(self.manifestDigest?.bytes ?? [])
        message.floorEpoch = self.floor.epoch
        message.floorSeq = self.floor.number
        message.denyListEpoch = self.denyList.epoch
        message.denyListNumber = self.denyList.number
        message.denyList = Data(self.denyListDigest?.bytes ?? [])
        message.latest = self.latest.unixMilliseconds
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> Floors {
        let message = try PBFloors(strictly: bytes, atMost: 1_024)
        var floors = Floors(
            head: HeadPosition(
                epoch: try Check.numberOrZero(message.epoch, "epoch"),
                headVersion: try Check.numberOrZero(message.headVersion, "head_version")
            )
        )
        floors.references = try Check.digestOrEmpty(message.headReferences, "head_references")
        floors.manifestDigest = try Check.digestOrEmpty(message.manifest, "manifest")
        if floors.manifestDigest != nil {
            floors.manifest = EpochNumber(
                epoch: try Check.number(message.manifestEpoch, "manifest_epoch"),
                number: try Check.number(message.seq, "seq")
            )
        }
        floors.floor = EpochNumber(epoch: message.floorEpoch, number: message.floorSeq)
        floors.denyList = EpochNumber(epoch: message.denyListEpoch, number: message.denyListNumber)
        floors.denyListDigest = try Check.digestOrEmpty(message.denyList, "deny_list")
        floors.latest = try Check.timeOrZero(message.latest, "latest")
        return floors
    }
}
