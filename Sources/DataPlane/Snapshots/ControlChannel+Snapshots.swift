package import Platform

/// Snapshots are asked for source by source: which one to ask is their client's decision.
extension ControlChannel: SnapshotSources {
    package var count: Int { self.sources.count }

    package func get(
        _ path: String,
        from source: Int,
        headers: [OutgoingHeader],
        timeout: Duration,
        replyBytesMax: Int
    ) async throws(OutgoingFault) -> OutgoingResponse {
        let call = Call(.get, path, headers: headers, timeout: timeout, replyBytesMax: replyBytesMax)
        return try await self.send(call, to: self.sources[source % self.sources.count])
    }
}
