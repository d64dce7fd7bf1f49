package import Domain
import FoundationEssentials
import Schemas

/// What a node says of itself, on change and every minute.
package struct NodeStatus: Hashable, Sendable {
    /// In the reply to a status: what the node is to do. Only `drain` is known; nodes ignore any other.
    package static let orderHeader = "martlet-order"
    /// Finish what is in flight, take no more and end with exit code 0, as on SIGTERM. Said again until the node has
    /// ended; a later boot of the node serves.
    package static let drainOrder = "drain"
    package static let sizeMax = 256 << 10
    package static let refusalsMax = 32
    package static let warningsMax = 64
    /// The newest snapshot format that this build reads.
    package static let readerFormat: UInt32 = 1

    package var version: String
    /// The snapshot in force; nil while there is none.
    package var snapshot: SnapshotVersion?
    /// Of the manifest in force.
    package var manifest: Digest?
    /// Of the newest head that was verified.
    package var freshUntil: Timestamp?
    package var refused: [ReportedRefusal]
    package var spooled: UInt64
    package var openExchanges: UInt64
    package var isDraining: Bool
    /// As `name@version`.
    package var secrets: [String]
    package var readerFormat: UInt32
    package var warnings: [String]

    package init(
        version: String,
        snapshot: SnapshotVersion? = nil,
        manifest: Digest? = nil,
        freshUntil: Timestamp? = nil,
        refused: [ReportedRefusal] = [],
        spooled: UInt64 = 0,
        openExchanges: UInt64 = 0,
        isDraining: Bool = false,
        secrets: [String] = [],
        readerFormat: UInt32 = NodeStatus.readerFormat,
        warnings: [String] = []
    ) {
        self.version = version
        self.snapshot = snapshot
        self.manifest = manifest
        self.freshUntil = freshUntil
        self.refused = refused
        self.spooled = spooled
        self.openExchanges = openExchanges
        self.isDraining = isDraining
        self.secrets = secrets
        self.readerFormat = readerFormat
        self.warnings = warnings
    }
}

/// A refusal as it is told to the control plane. Its labels are text here: a newer node may know more of them.
package struct ReportedRefusal: Hashable, Sendable {
    package let stage: String
    package let code: String
    package let detail: String
    /// 0 where it is not known of which manifest or head.
    package let sequence: UInt64
    package let headVersion: UInt64
    /// Of what was refused.
    package let digest: Digest?
    package let at: Timestamp

    package init(
        stage: String,
        code: String,
        detail: String,
        sequence: UInt64,
        headVersion: UInt64,
        digest: Digest?,
        at: Timestamp
    ) {
        self.stage = stage
        self.code = code
        self.detail = detail
        self.sequence = sequence
        self.headVersion = headVersion
        self.digest = digest
        self.at = at
    }

    package init(
        _ refusal: SnapshotRefusal,
        sequence: UInt64 = 0,
        headVersion: UInt64 = 0,
        digest: Digest? = nil,
        at: Timestamp
    ) {
        self.init(
            stage: refusal.stage.rawValue,
            code: refusal.code.rawValue,
            detail: refusal.detail,
            sequence: sequence,
            headVersion: headVersion,
            digest: digest,
            at: at
        )
    }
}

extension NodeStatus {
    package func encoded() -> [UInt8] {
        var message = PBNodeStatus()
        message.version = self.version
        message.epoch = self.snapshot?.epoch ?? 0
        message.seq = self.snapshot?.sequence ?? 0
        message.headVersion = self.snapshot?.headVersion ?? 0
        message.manifestSha256 = Data(self.manifest?.bytes ?? [])
        message.freshUntil = self.freshUntil?.unixMilliseconds ?? 0
        message.refused = self.refused.suffix(Self.refusalsMax).map(\.message)
        message.spooled = self.spooled
        message.openExchanges = self.openExchanges
        message.draining = self.isDraining
        message.secrets = self.secrets
        message.readerFormat = self.readerFormat
        message.warnings = Array(self.warnings.prefix(Self.warningsMax))
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> NodeStatus {
        let message = try PBNodeStatus(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.refused.count, atMost: Self.refusalsMax, "refusals")
        try Check.count(message.warnings.count, atMost: Self.warningsMax, "warnings")
        try Check.count(message.secrets.count, atMost: SealedSecrets.countMax, "secrets")
        for text in message.secrets { _ = try Check.text(text, atMost: 128, "secrets") }
        for text in message.warnings { _ = try Check.text(text, atMost: 1_024, "warnings") }
        var refused: [ReportedRefusal] = []
        for entry in message.refused { refused.append(try ReportedRefusal(entry)) }
        let version = SnapshotVersion(
            epoch: try Check.numberOrZero(message.epoch, "epoch"),
            sequence: try Check.numberOrZero(message.seq, "seq"),
            headVersion: try Check.numberOrZero(message.headVersion, "head_version")
        )
        return NodeStatus(
            version: try Check.text(message.version, atMost: 64, "version"),
            snapshot: version.sequence == 0 ? nil : version,
            manifest: try Check.digestOrEmpty(message.manifestSha256, "manifest_sha256"),
            freshUntil: message.freshUntil == 0 ? nil : try Check.time(message.freshUntil, "fresh_until"),
            refused: refused,
            spooled: try Check.numberOrZero(message.spooled, "spooled"),
            openExchanges: try Check.numberOrZero(message.openExchanges, "open_exchanges"),
            isDraining: message.draining,
            secrets: message.secrets,
            readerFormat: message.readerFormat,
            warnings: message.warnings
        )
    }
}

extension ReportedRefusal {
    var message: PBRefusal {
        var message = PBRefusal()
        message.stage = self.stage
        message.code = self.code
        message.detail = self.detail
        message.seq = self.sequence
        message.headVersion = self.headVersion
        message.sha256 = Data(self.digest?.bytes ?? [])
        message.at = self.at.unixMilliseconds
        return message
    }

    init(_ message: PBRefusal) throws(WireError) {
        self.init(
            stage: try Check.nonEmptyText(message.stage, atMost: 64, "stage"),
            code: try Check.nonEmptyText(message.code, atMost: 64, "code"),
            detail: try Check.text(message.detail, atMost: SnapshotRefusal.detailLengthMax, "detail"),
            sequence: try Check.numberOrZero(message.seq, "seq"),
            headVersion: try Check.numberOrZero(message.headVersion, "head_version"),
            digest: try Check.digestOrEmpty(message.sha256, "sha256"),
            at: try Check.timeOrZero(message.at, "at")
        )
    }
}
