package import Domain
import FoundationEssentials
import Schemas

/// The small thing that nodes poll: what is in force now, the same bytes for every node.
package struct Head: Hashable, Sendable {
    package static let format: UInt32 = 1
    /// `freshUntil` is at most this far from `issued`, so that no signature keeps a fleet fresh for long.
    package static let lifetimeMax: Int64 = 3_600_000
    package static let denyListSizeMax = 64 << 10

    package var environment: ID<Environment>
    package var position: HeadPosition
    package var issued: Timestamp
    package var freshUntil: Timestamp
    package var rootVersion: UInt64
    package var stable: ManifestRef
    /// What a node without a last good snapshot takes.
    package var boot: ManifestRef
    package var denyList: BlobRef
    package var denyListNumber: UInt64
    package var liveNodes: UInt32
    package var pacing: Pacing

    package init(
        environment: ID<Environment>,
        position: HeadPosition,
        issued: Timestamp,
        freshUntil: Timestamp,
        rootVersion: UInt64,
        stable: ManifestRef,
        boot: ManifestRef,
        denyList: BlobRef,
        denyListNumber: UInt64,
        liveNodes: UInt32,
        pacing: Pacing = Pacing()
    ) {
        self.environment = environment
        self.position = position
        self.issued = issued
        self.freshUntil = freshUntil
        self.rootVersion = rootVersion
        self.stable = stable
        self.boot = boot
        self.denyList = denyList
        self.denyListNumber = denyListNumber
        self.liveNodes = liveNodes
        self.pacing = pacing
    }

    /// How nodes space their calls, in milliseconds.
    package struct Pacing: Hashable, Sendable {
        package var spread: UInt32
        package var reconnectSpread: UInt32
        package var usageFlush: UInt32
        package var statusInterval: UInt32

        package init(
            spread: UInt32 = 0,
            reconnectSpread: UInt32 = 0,
            usageFlush: UInt32 = 1_000,
            statusInterval: UInt32 = 60_000
        ) {
            self.spread = spread
            self.reconnectSpread = reconnectSpread
            self.usageFlush = usageFlush
            self.statusInterval = statusInterval
        }

        fileprivate static let valueMax: UInt32 = 3_600_000
    }

    /// Everything that a head of one version says for good: two heads of the same version that differ in it are
    /// equivocation. Times, pacing and the node count change when a head is merely signed again.
    package var references: Digest {
        let parts: [String] = [
            "\(self.rootVersion)", Self.line(self.stable), Self.line(self.boot),
            "\(self.denyListNumber) \(self.denyList.digest) \(self.denyList.size)",
        ]
        return Digest.sha256(of: Array(parts.joined(separator: "\n").utf8))
    }

    private static func line(_ ref: ManifestRef) -> String {
        "\(ref.sequence) \(ref.blob.digest) \(ref.blob.size)"
    }
}

extension Head {
    package func encoded() -> [UInt8] {
        var message = PBHead()
        message.format = Self.format
        message.environment = self.environment.text
        message.epoch = self.position.epoch
        message.headVersion = self.position.headVersion
        message.issued = self.issued.unixMilliseconds
        message.freshUntil = self.freshUntil.unixMilliseconds
        message.rootVersion = self.rootVersion
        message.stable = self.stable.message
        message.boot = self.boot.message
        message.denyList = self.denyList.message
        message.denyListNumber = self.denyListNumber
        message.liveNodes = self.liveNodes
        message.pacing.spread = self.pacing.spread
        message.pacing.reconnectSpread = self.pacing.reconnectSpread
        message.pacing.usageFlush = self.pacing.usageFlush
        message.pacing.statusInterval = self.pacing.statusInterval
        return message.deterministicBytes
    }

    package static func decode(_ payload: [UInt8]) throws(WireError) -> Head {
        let message = try PBHead(strictly: payload, atMost: PayloadType.head.sizeMax)
        try Check.format(message.format, supported: Self.format, "the head")
        guard message.hasStable, message.hasBoot, message.hasDenyList else {
            throw WireError(.invalid, "stable, boot or deny_list is missing")
        }
        let issued = try Check.time(message.issued, "issued")
        let freshUntil = try Check.time(message.freshUntil, "fresh_until")
        guard (1...Self.lifetimeMax).contains(freshUntil.milliseconds(since: issued)) else {
            throw WireError(.invalid, "fresh_until is not within an hour after issued")
        }
        return Head(
            environment: try Check.id(message.environment, "environment"),
            position: HeadPosition(
                epoch: try Check.number(message.epoch, "epoch"),
                headVersion: try Check.number(message.headVersion, "head_version")
            ),
            issued: issued,
            freshUntil: freshUntil,
            rootVersion: try Check.number(message.rootVersion, "root_version"),
            stable: try ManifestRef(message.stable, "stable"),
            boot: try ManifestRef(message.boot, "boot"),
            denyList: try BlobRef(message.denyList, atMost: Self.denyListSizeMax, "deny_list"),
            denyListNumber: try Check.number(message.denyListNumber, "deny_list_number"),
            liveNodes: message.liveNodes,
            pacing: Pacing(message.pacing)
        )
    }
}

extension Head.Pacing {
    /// Clamped to an hour each: pacing is advice.
    fileprivate init(_ message: PBPacing) {
        self.init(
            spread: min(message.spread, Self.valueMax),
            reconnectSpread: min(message.reconnectSpread, Self.valueMax),
            usageFlush: min(message.usageFlush, Self.valueMax),
            statusInterval: min(message.statusInterval, Self.valueMax)
        )
    }
}

extension BlobRef {
    init(_ message: PBBlobRef, atMost limit: Int, _ field: String) throws(WireError) {
        guard (1...UInt64(limit)).contains(message.size) else {
            throw WireError(
                message.size == 0 ? .invalid : .tooLong,
                "\(field) has a size that is not within 1...\(limit)"
            )
        }
        self.init(digest: try Check.digest(message.sha256, "\(field).sha256"), size: Int(message.size))
    }

    var message: PBBlobRef {
        var message = PBBlobRef()
        message.sha256 = Data(self.digest.bytes)
        message.size = UInt64(self.size)
        return message
    }
}

extension ManifestRef {
    init(_ message: PBManifestRef, _ field: String) throws(WireError) {
        self.init(
            sequence: try Check.number(message.seq, "\(field).seq"),
            blob: try BlobRef(message.blob, atMost: PayloadType.manifest.envelopeSizeMax, "\(field).blob")
        )
    }

    var message: PBManifestRef {
        var message = PBManifestRef()
        message.seq = self.sequence
        message.blob = self.blob.message
        return message
    }
}
