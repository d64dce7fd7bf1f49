package import Platform

/// How issuers are asked: by the outgoing client, or by a test's script.
package protocol IssuerFetcher: Sendable {
    /// The body of a 200.
    func fetch(_ url: String) async throws(OutgoingFault) -> [UInt8]
    /// The reply to a form, whatever its status.
    func post(_ request: OutgoingRequest) async throws(OutgoingFault) -> OutgoingResponse
}

extension OutgoingClient: IssuerFetcher {
    private static let timeout: Duration = .seconds(5)
    private static let bytesMax = 256 << 10

    package func fetch(_ url: String) async throws(OutgoingFault) -> [UInt8] {
        let request = OutgoingRequest(
            .get,
            url,
            headers: [OutgoingHeader("accept", "application/json")],
            timeout: Self.timeout,
            replyBytesMax: Self.bytesMax
        )
        let response = try await self.send(request)
        guard response.status == 200 else { throw OutgoingFault(.malformed, "it answered \(response.status)") }
        return response.body
    }

    package func post(_ request: OutgoingRequest) async throws(OutgoingFault) -> OutgoingResponse {
        try await self.send(request)
    }
}
