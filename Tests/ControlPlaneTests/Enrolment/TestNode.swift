import ControlPlane
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Platform
import Testing
import Wire

/// A node as far as its calls go: two keys, an id once it is enrolled, a boot.
struct TestNode {
    let key = SigningKey.generate()
    let sealing = SealingKey.generate()
    var id: ID<Node>?
    var boot: ID<Boot>

    init(boot: String = "boot-1") throws { self.boot = try #require(ID<Boot>(boot)) }

    func enrolment(_ token: JoinToken) -> EnrollRequest {
        EnrollRequest(
            tokenID: token.id,
            tokenSecret: token.secret,
            signingKey: self.key.verifyingKey,
            sealingKey: self.sealing.publicKey,
            name: "machine",
            version: "1.0"
        )
    }

    /// Sends a signed call.
    func call(
        _ client: some TestClientProtocol,
        _ method: HTTPRequest.Method = .get,
        _ path: String,
        body: [UInt8] = [],
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        let caller = CallSignature.Caller(node: try #require(self.id), boot: self.boot)
        let signed = CallSignature.headers(
            method: method.rawValue,
            path: path,
            body: body,
            caller: caller,
            key: self.key
        )
        var headers = headers
        headers[try #require(HTTPField.Name(CallSignature.callerHeader))] = signed.caller
        headers[try #require(HTTPField.Name(CallSignature.signatureHeader))] = signed.signature
        return try await client.execute(
            uri: path,
            method: method,
            headers: headers,
            body: body.isEmpty ? nil : ByteBuffer(bytes: body)
        )
    }
}

extension ControlPlaneUnderTest {
    /// Runs `body` against the node API, without sockets.
    func withNodeAPI<Value>(
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let application = Application(router: self.services.nodeRouter(Readiness()))
        return try await application.test(.router) { client in try await body(client) }
    }

    func mint(uses: Int = 1, ttlMilliseconds: Int64 = 600_000) async throws -> JoinToken {
        let grant = try await self.services.fleet.mintToken(
            uses: uses,
            ttlMilliseconds: ttlMilliseconds,
            pool: "default",
            by: self.deed
        )
        return try #require(JoinToken(grant.text))
    }

    /// A node that has joined.
    func enrolled() async throws -> TestNode {
        var node = try TestNode()
        node.id = try await self.services.fleet.enrol(node.enrolment(try await self.mint())).node
        return node
    }
}

extension TestResponse {
    var bytes: [UInt8] { Array(buffer: self.body) }

    func refusal() throws -> NodeRefusal.Code { try NodeRefusal.decode(self.bytes).code }
}
