package import Domain
package import Storage
package import Wire

/// Turns what a head version refers to into the signed bytes that every node gets.
package struct HeadSigner: Sendable {
    /// A head is fresh for so long; it is signed again well before.
    package static let freshMilliseconds: Int64 = 90_000
    package static let resignInterval = Duration.seconds(30)
    /// A node that was heard this long ago counts as alive.
    package static let aliveMilliseconds: Int64 = 180_000

    private let environment: ID<Domain.Environment>
    private let keys: [SigningKey]

    package init(environment: ID<Domain.Environment>, keys: [SigningKey]) {
        self.environment = environment
        self.keys = keys
    }

    /// Nil while nothing was published: there is nothing to tell.
    package func sign(_ references: HeadReferences, liveNodes: Int, at now: Timestamp) -> SignedHead? {
        guard let stable = references.stable else { return nil }
        let manifest = ManifestRef(sequence: stable.seq, blob: BlobRef(stable.envelope))
        let head = Head(
            environment: self.environment,
            position: HeadPosition(epoch: references.epoch, headVersion: references.version),
            issued: now,
            freshUntil: now.advanced(byMilliseconds: Self.freshMilliseconds),
            rootVersion: references.rootVersion,
            stable: manifest,
            boot: manifest,
            denyList: BlobRef(references.deny.blob),
            denyListNumber: references.deny.number,
            liveNodes: UInt32(clamping: liveNodes),
            pacing: Self.pacing(liveNodes: liveNodes)
        )
        return SignedHead(
            epoch: references.epoch,
            version: references.version,
            issued: now,
            bytes: Envelope.signed(head.encoded(), type: .head, by: self.keys).encoded()
        )
    }

    /// So that a whole fleet asks for no more than about 2,000 things a second.
    package static func pacing(liveNodes: Int) -> Head.Pacing {
        let spread = UInt32(clamping: liveNodes * 1_000 / HeadBoard.wakesPerSecondMax)
        return Head.Pacing(spread: spread, reconnectSpread: max(1_000, spread * 2))
    }
}

extension BlobRef {
    init(_ reference: BlobReference) {
        self.init(digest: reference.digest, size: Int(clamping: reference.size))
    }
}

extension BlobReference {
    init(_ reference: BlobRef) {
        self.init(digest: reference.digest, size: UInt64(reference.size))
    }
}
