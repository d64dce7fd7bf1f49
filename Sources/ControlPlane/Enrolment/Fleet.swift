package import Domain
import Foundation
package import Logging
package import Storage
package import Wire

/// Who is enrolled: join tokens, the nodes that used them, what they say of themselves.
package struct Fleet: Sendable {
    /// What a new node pins.
    package struct Anchor: Sendable {
        /// SHA-256 of root 1's payload.
        package let rootDigest: Digest
        /// SHA-256 of the server's public key, where it has TLS.
        package let serverKeyPin: Digest?

        package init(rootDigest: Digest, serverKeyPin: Digest?) {
            self.rootDigest = rootDigest
            self.serverKeyPin = serverKeyPin
        }
    }

    package static let usesMax = 10_000
    package static let ttlMillisecondsMax: Int64 = 30 * 86_400_000

    let database: Database
    let environment: ID<Domain.Environment>
    let anchor: Anchor
    let changes: any ChangeListener
    let timing: Timing
    let logger: Logger

    package init(
        database: Database,
        environment: ID<Domain.Environment>,
        anchor: Anchor,
        changes: any ChangeListener,
        timing: Timing = .system,
        logger: Logger
    ) {
        self.database = database
        self.environment = environment
        self.anchor = anchor
        self.changes = changes
        self.timing = timing
        self.logger = logger
    }

    /// Enrols a node, or answers again what the same token and node key were answered before.
    package func enrol(_ request: EnrollRequest) async throws -> EnrollReply {
        let now = self.timing.now()
        let enrolment = Enrolment(
            token: request.tokenID.text,
            tokenDigest: JoinToken.digest(ofSecret: request.tokenSecret),
            ed25519: request.signingKey.bytes,
            x25519: request.sealingKey.bytes,
            name: request.name
        )
        let id = Self.newID()
        do {
            // In a read first: whoever has no good token gets no turn at the single writer.
            try await self.database.read { _ = try $0.admit(enrolment, at: now) }
            let (node, roots, head) = try await self.database.write { transaction in
                let node = try transaction.enrol(enrolment, as: id, at: now)
                return (node, try transaction.reading.rootEnvelopes(), try transaction.reading.head())
            }
            if node.id == id {
                self.logger.info("node enrolled", metadata: ["node.id": "\(id)", "node.name": "\(node.name)"])
            }
            let floor = HeadPosition(epoch: head?.epoch ?? 0, headVersion: head?.version ?? 0)
            return EnrollReply(node: node.id, environment: self.environment, roots: roots, floor: floor)
        } catch let fault as EnrolmentFault {
            throw NodeRefusal(fault)
        }
    }

    /// The node that made a signed call. Throws `NodeRefusal`: unknown, banned, or not signed by its key.
    package func caller(of call: SignedCall) async throws -> (node: EnrolledNode, boot: ID<Boot>) {
        guard let caller = CallSignature.Caller(call.caller) else {
            throw NodeRefusal(.malformed, "the header \(CallSignature.callerHeader) must be <node id>;<boot id>")
        }
        guard let node = try await self.database.read({ try $0.node(caller.node) }) else {
            throw NodeRefusal(.unknownNode, "this node is not enrolled here: enrol it with a join token")
        }
        guard let key = VerifyingKey(node.ed25519), call.isSigned(by: key) else {
            throw NodeRefusal(.badSignature, "the call is not signed by the key that this node enrolled with")
        }
        // After the signature: only the node itself learns that it is banned.
        guard node.state != .banned else { throw NodeRefusal(.banned, "this node is banned: enrol it anew") }
        return (node, caller.boot)
    }

    package func record(
        _ status: NodeStatus,
        of node: ID<Node>,
        boot: ID<Boot>
    ) async throws -> EnrolledNode.State {
        let text = try StoredStatus(status).json()
        let now = self.timing.now()
        let state = try await self.database.write { try $0.record(status: text, of: node, boot: boot, at: now) }
        for refusal in status.refused {
            self.logger.warning(
                "node refused a snapshot",
                metadata: [
                    "node.id": "\(node)", "refusal.stage": "\(refusal.stage)", "refusal.code": "\(refusal.code)",
                    "snapshot.seq": "\(refusal.sequence)",
                ]
            )
        }
        return state
    }

    private static func newID() -> ID<Node> {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<10).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard let id = ID<Node>("node-\(Hex.encode(bytes))") else { preconditionFailure("hexadecimal is an id") }
        return id
    }
}

/// A call as it came, with what its signature covers.
package struct SignedCall: Sendable {
    package let method: String
    /// With the query.
    package let path: String
    package let caller: String
    package let signature: String
    package let body: [UInt8]

    package init(method: String, path: String, caller: String, signature: String, body: [UInt8]) {
        self.method = method
        self.path = path
        self.caller = caller
        self.signature = signature
        self.body = body
    }

    func isSigned(by key: VerifyingKey) -> Bool {
        CallSignature.verify(
            method: self.method,
            path: self.path,
            body: self.body,
            caller: self.caller,
            signature: self.signature,
            key: key
        )
    }
}

extension NodeRefusal {
    fileprivate init(_ fault: EnrolmentFault) {
        switch fault {
        case .unknownToken: self.init(.unknownToken, "this join token is not known here")
        case .tokenExpired: self.init(.tokenExpired, "this join token has expired: make a new one")
        case .tokenUsed: self.init(.tokenUsed, "this join token has been used as often as it may: make a new one")
        case .keyKnown: self.init(.malformed, "this node's key was enrolled otherwise: make a new key")
        case .banned: self.init(.banned, "this node is banned: remove its data directory and enrol it anew")
        }
    }
}
