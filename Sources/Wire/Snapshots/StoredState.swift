package import Domain
import FoundationEssentials
import Schemas

/// The roots as a node keeps them.
package enum StoredRoots {
    package static let sizeMax = 16 << 20

    package static func encode(_ envelopes: [[UInt8]]) -> [UInt8] {
        var message = PBStoredRoots()
        message.roots = envelopes.map { Data($0) }
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> [[UInt8]] {
        let message = try PBStoredRoots(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.roots.count, atMost: RootChain.versionsMax, "roots")
        return message.roots.map { Array($0) }
    }
}

/// What a node has in force, by reference: the bytes lie in its blobs.
package struct StoredSnapshot: Hashable, Sendable {
    package static let sizeMax = 64 << 10

    /// The head's envelope.
    package var head: [UInt8]
    package var active: ManifestRef
    package var previous: ManifestRef?
    package var etag: String

    package init(head: [UInt8], active: ManifestRef, previous: ManifestRef?, etag: String) {
        self.head = head
        self.active = active
        self.previous = previous
        self.etag = etag
    }

    package func encoded() -> [UInt8] {
        var message = PBStoredSnapshot()
        message.head = Data(self.head)
        message.active = self.active.message
        if let previous = self.previous { message.previous = previous.message }
        message.etag = self.etag
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> StoredSnapshot {
        let message = try PBStoredSnapshot(strictly: bytes, atMost: Self.sizeMax)
        return StoredSnapshot(
            head: Array(message.head),
            active: try ManifestRef(message.active, "active"),
            previous: message.hasPrevious ? try ManifestRef(message.previous, "previous") : nil,
            etag: try Check.text(message.etag, atMost: 256, "etag")
        )
    }
}

/// Whether the snapshot in force has proven itself. Two unclean ends within a minute of an activation condemn it.
package struct StoredTrial: Hashable, Sendable {
    package static let sizeMax = 4 << 10

    package var manifest: ManifestRef
    package var activated: Timestamp
    package var uncleanEnds: Int
    package var isSettled: Bool
    /// Not tried again until a newer one comes.
    package var crashed: ManifestRef?

    package init(
        manifest: ManifestRef,
        activated: Timestamp,
        uncleanEnds: Int = 0,
        isSettled: Bool = false,
        crashed: ManifestRef? = nil
    ) {
        self.manifest = manifest
        self.activated = activated
        self.uncleanEnds = uncleanEnds
        self.isSettled = isSettled
        self.crashed = crashed
    }

    package func encoded() -> [UInt8] {
        var message = PBStoredTrial()
        message.manifest = self.manifest.message
        message.activated = self.activated.unixMilliseconds
        message.uncleanEnds = UInt32(clamping: self.uncleanEnds)
        message.settled = self.isSettled
        if let crashed = self.crashed { message.crashed = crashed.message }
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> StoredTrial {
        let message = try PBStoredTrial(strictly: bytes, atMost: Self.sizeMax)
        return StoredTrial(
            manifest: try ManifestRef(message.manifest, "manifest"),
            activated: try Check.timeOrZero(message.activated, "activated"),
            uncleanEnds: Int(message.uncleanEnds),
            isSettled: message.settled,
            crashed: message.hasCrashed ? try ManifestRef(message.crashed, "crashed") : nil
        )
    }
}
