package import Domain
package import Logging
package import Platform
package import Wire

/// Joining: a join token and two fresh keys become an identity. Asking again with the same token and keys is harmless,
/// so it is asked until somebody answers.
package struct Enrolment: Sendable {
    private let file: IdentityFile
    private let sources: [BaseURL]
    private let client: OutgoingClient
    private let name: String
    private let version: String
    private let logger: Logger

    package init(
        file: IdentityFile,
        sources: [BaseURL],
        client: OutgoingClient,
        name: String,
        version: String,
        logger: Logger
    ) {
        self.file = file
        self.sources = sources
        self.client = client
        self.name = name
        self.version = version
        self.logger = logger
    }

    /// Returns when the identity is on disk. Throws a `StartupFault` where asking again cannot help, and
    /// `CancellationError`.
    package func join(with token: JoinToken) async throws -> NodeIdentity {
        let keys = try self.keys()
        var backoff = Backoff()
        while true {
            for source in self.sources {
                do {
                    let identity = try await self.ask(source, token, keys)
                    try self.file.save(identity)
                    self.logger.info("joined", metadata: ["node.id": "\(identity.node)", "source": "\(source)"])
                    return identity
                } catch let fault as OutgoingFault {
                    if fault.kind == .cancelled { throw CancellationError() }
                    self.logger.warning("cannot join yet", metadata: ["source": "\(source)", "reason": "\(fault)"])
                }
            }
            try await Task.sleep(for: .milliseconds(backoff.next { Int64.random(in: 0...$0) }))
        }
    }

    private func keys() throws -> NodeKeys {
        if case .keys(let keys) = try self.file.load() { return keys }
        let keys = NodeKeys.generate()
        try self.file.save(keys)
        return keys
    }

    private func ask(_ source: BaseURL, _ token: JoinToken, _ keys: NodeKeys) async throws -> NodeIdentity {
        let request = EnrollRequest(
            tokenID: token.id,
            tokenSecret: token.secret,
            signingKey: keys.signing.verifyingKey,
            sealingKey: keys.sealing.publicKey,
            name: self.name,
            version: self.version
        )
        let response = try await self.client.send(
            OutgoingRequest(
                .post,
                "\(source)/node/v1/enroll",
                headers: [OutgoingHeader("content-type", "application/x-protobuf")],
                body: request.encoded(),
                timeout: .seconds(15),
                replyBytesMax: EnrollReply.sizeMax,
                trust: ControlChannel.trust(token.serverKeyPin)
            )
        )
        guard response.status == 200 else { throw Self.refusal(response) }
        return try Self.identity(from: response.body, token, keys)
    }

    /// A reply that is not by the pinned root is a stranger's: asking on would only hide it.
    private static func identity(from body: [UInt8], _ token: JoinToken, _ keys: NodeKeys) throws -> NodeIdentity {
        do {
            let reply = try EnrollReply.decode(body)
            let chain = try RootChain(reply.roots, pin: token.rootDigest)
            guard chain.newest.environment == reply.environment else {
                throw StartupFault(.configuration, "the control plane's roots are of another environment than it says")
            }
            return NodeIdentity(
                keys: keys,
                node: reply.node,
                environment: reply.environment,
                rootPin: token.rootDigest,
                serverKeyPin: token.serverKeyPin,
                roots: reply.roots,
                floor: max(token.floor, reply.floor)
            )
        } catch let error as WireError {
            throw OutgoingFault(.malformed, "the reply is not that of a control plane: \(error)")
        } catch let refusal as SnapshotRefusal {
            throw StartupFault(.configuration, "the control plane is not the one of the join token: \(refusal.detail)")
        }
    }

    /// Final is what a control plane itself refuses with a 4xx. A proxy's own page says nothing of the token, and the
    /// next source may be a better one.
    static func refusal(_ response: OutgoingResponse) -> any Error {
        do {
            let refusal = try NodeRefusal.decode(response.body)
            guard (400..<500).contains(response.status) else { return OutgoingFault(.connect, refusal.detail) }
            return StartupFault(.configuration, "the join token was refused: \(refusal.detail)")
        } catch {
            return OutgoingFault(.connect, "it answered with status \(response.status), which is not a control plane's")
        }
    }
}
