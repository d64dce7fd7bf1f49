import Domain
package import Platform
package import Wire

/// Where snapshots are asked for, in order of preference: the control plane, then relays. The control channel signs the
/// calls; this room only knows what it asks.
package protocol SnapshotSources: Sendable {
    /// At least 1.
    var count: Int { get }

    /// `GET path` of source `source`, as this node. Redirects are replies like any other.
    func get(
        _ path: String,
        from source: Int,
        headers: [OutgoingHeader],
        timeout: Duration,
        replyBytesMax: Int
    ) async throws(OutgoingFault) -> OutgoingResponse
}

/// The calls of `SnapshotClient`, and what their replies mean.
package struct SnapshotCalls: Sendable {
    /// In bytes; also what the stored snapshot may hold.
    private static let etagMax = 256
    /// Seconds that a head is waited for.
    static let wait = 25
    /// The control plane may park a little longer than asked, so that nodes do not come back all at once.
    private static let headTimeout = Duration.seconds(wait + 2 + 10)
    /// From the first byte asked to the last one got: an idle bound alone would let a slow sender hold a call for ever.
    private static let blobTimeout = Duration.seconds(60)

    private let sources: any SnapshotSources

    package init(sources: any SnapshotSources) { self.sources = sources }

    package func head(_ source: Int, etag: String?) async -> FetchOutcome {
        var headers = [OutgoingHeader("prefer", "wait=\(Self.wait)")]
        if let etag { headers.append(OutgoingHeader("if-none-match", etag)) }
        return await self.get(
            "/node/v1/head",
            source,
            headers,
            Self.headTimeout,
            PayloadType.head.envelopeSizeMax
        )
    }

    package func root(_ source: Int, version: UInt64) async -> FetchOutcome {
        await self.get("/node/v1/roots/\(version)", source, [], Self.blobTimeout, PayloadType.root.envelopeSizeMax)
    }

    package func blob(_ source: Int, _ reference: BlobRef) async -> FetchOutcome {
        await self.get("/node/v1/blobs/\(reference.digest.hex)", source, [], Self.blobTimeout, reference.size)
    }

    private func get(
        _ path: String,
        _ source: Int,
        _ headers: [OutgoingHeader],
        _ timeout: Duration,
        _ bytesMax: Int
    ) async -> FetchOutcome {
        do {
            let reply = try await self.sources.get(
                path,
                from: source,
                headers: headers,
                timeout: timeout,
                // A refusal may be longer than the smallest blob.
                replyBytesMax: max(bytesMax, NodeRefusal.sizeMax)
            )
            return Self.outcome(reply, bytesMax: bytesMax)
        } catch {
            return .failed(SnapshotRefusal(error), retryAfterMilliseconds: nil)
        }
    }

    static func outcome(_ reply: OutgoingResponse, bytesMax: Int) -> FetchOutcome {
        switch reply.status {
        case 200:
            guard reply.body.count <= bytesMax else {
                let refusal = SnapshotRefusal(.fetch, .oversized, "the source sent more than \(bytesMax) bytes")
                return .failed(refusal, retryAfterMilliseconds: nil)
            }
            return .bytes(reply.body, etag: reply["etag"].flatMap(Self.usable))
        case 304: return .notModified
        case 404: return .missing
        default: return Self.refused(reply)
        }
    }

    /// An ETag that could not be stored or sent back is none: it only saves a fetch, so the snapshot must not hang on it.
    private static func usable(_ etag: String) -> String? {
        let isPlain = etag.utf8.count <= Self.etagMax && etag.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        return isPlain ? etag : nil
    }

    private static func refused(_ reply: OutgoingResponse) -> FetchOutcome {
        var detail = "the source answered with status \(reply.status)"
        do {
            let refusal = try NodeRefusal.decode(reply.body)
            if reply.status == 403, refusal.code == .banned { return .banned }
            detail += ": \(refusal.code.rawValue), \(refusal.detail)"
        } catch {
            // Not one of ours, such as a proxy's own page: its status says what can be said.
        }
        let retryAfter = reply["retry-after"].flatMap(Int64.init).map { min(max(0, $0), 86_400) * 1_000 }
        return .failed(SnapshotRefusal(.fetch, .transport, detail), retryAfterMilliseconds: retryAfter)
    }
}

extension SnapshotRefusal {
    init(_ fault: OutgoingFault) {
        let code: Code =
            switch fault.kind {
            case .timeout: .timeout
            case .tooLarge: .oversized
            case .truncated: .truncated
            case .invalid, .resolve, .connect, .tls, .malformed, .cancelled, .overloaded, .closed: .transport
            }
        self.init(.fetch, code, fault.detail)
    }
}
