package import Domain
package import Wire

/// One reading of both clocks, taken by the shell when an event comes: the wall clock says what is fresh, the steady
/// one (milliseconds, counts suspend) says how long to wait.
package struct Moment: Hashable, Sendable {
    package let wall: Timestamp
    package let steady: Int64

    package init(wall: Timestamp, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }
}

/// What the shell does next for `SnapshotClient`. Each is answered by exactly one event.
package enum SnapshotAction: Sendable {
    /// `GET head` with `If-None-Match` and `Prefer: wait`; answered by `received`.
    case poll(source: Int, etag: String?)
    /// `GET roots/{version}`; answered by `received`.
    case fetchRoot(source: Int, version: UInt64)
    /// `GET blobs/{sha256}`, at most so many bytes; answered by `received`.
    case fetchBlob(source: Int, BlobRef)
    /// Answered by `stored`.
    case storeRoots([[UInt8]])
    /// Read and compile the sections, these and those on disk; answered by `compiled`.
    case compile(SnapshotVerifier, Verified<Manifest>, fetched: [Digest: [UInt8]])
    /// Answered by `stored`.
    case store(SnapshotRecord)
    /// Serve this from now on; answered by `next`.
    case activate(Snapshot)
    /// Answered by `next`.
    case sleep(milliseconds: Int64)
    /// This node is banned: serve nothing, wipe the snapshot and the keys, drain. Nothing comes after it.
    case ban
}

/// What a call brought.
package enum FetchOutcome: Sendable {
    /// 200; `etag` of a head.
    case bytes([UInt8], etag: String?)
    /// 304.
    case notModified
    /// 404.
    case missing
    /// 403 with the code `banned`.
    case banned
    case failed(SnapshotRefusal, retryAfterMilliseconds: Int64?)
}

/// What operators and the control plane are told of the client.
package struct SnapshotStatus: Hashable, Sendable {
    package var version: SnapshotVersion?
    /// Of the manifest in force.
    package var manifest: Digest?
    /// Of the newest head that was verified; nil before the first of this installation.
    package var freshUntil: Timestamp?
    package var isStale: Bool
    /// Traffic is refused because the policy on staleness says so.
    package var isWithdrawn: Bool
    package var isBanned: Bool
    package var refused: [ReportedRefusal]
    package var rootVersion: UInt64
    /// How the control plane wants calls spaced.
    package var pacing: Head.Pacing
}
