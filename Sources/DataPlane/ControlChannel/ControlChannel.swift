package import Domain
package import Platform
import Synchronization
import Wire

/// The signed calls of one node to its control plane. Its sources are tried in order; the one that answered last is
/// asked first the next time.
package final class ControlChannel: Sendable {
    package let identity: NodeIdentity
    package let boot: ID<Boot>
    let sources: [BaseURL]
    private let client: OutgoingClient
    private let preferred = Mutex(0)
    /// Called when the control plane says that this node is banned.
    private let onBan: @Sendable () -> Void

    package init(
        _ identity: NodeIdentity,
        boot: ID<Boot>,
        sources: [BaseURL],
        client: OutgoingClient,
        onBan: @escaping @Sendable () -> Void
    ) {
        precondition(!sources.isEmpty, "a node has at least one control plane")
        self.identity = identity
        self.boot = boot
        self.sources = sources
        self.client = client
        self.onBan = onBan
    }

    package struct Call: Sendable {
        package var method: OutgoingRequest.Method
        /// With its query: `/node/v1/head`.
        package var path: String
        package var body: [UInt8]
        package var headers: [OutgoingHeader]
        package var timeout: Duration
        package var replyBytesMax: Int

        package init(
            _ method: OutgoingRequest.Method,
            _ path: String,
            body: [UInt8] = [],
            headers: [OutgoingHeader] = [],
            timeout: Duration = .seconds(15),
            replyBytesMax: Int
        ) {
            self.method = method
            self.path = path
            self.body = body
            self.headers = headers
            self.timeout = timeout
            self.replyBytesMax = replyBytesMax
        }
    }

    /// The first source that answers at all. Every message is idempotent, so asking a second one is harmless.
    package func send(_ call: Call) async throws(OutgoingFault) -> OutgoingResponse {
        let first = self.preferred.withLock { $0 }
        var last = OutgoingFault(.connect, "no control plane was asked")
        for offset in self.sources.indices {
            let index = (first + offset) % self.sources.count
            do {
                let response = try await self.send(call, to: self.sources[index])
                self.preferred.withLock { $0 = index }
                return response
            } catch {
                if error.kind == .cancelled || error.kind == .closed { throw error }
                last = error
            }
        }
        throw last
    }

    /// One source, and no other.
    func send(_ call: Call, to source: BaseURL) async throws(OutgoingFault) -> OutgoingResponse {
        let response = try await self.client.send(self.request(call, to: source))
        self.notice(response)
        return response
    }

    private func request(_ call: Call, to source: BaseURL) -> OutgoingRequest {
        let path = source.pathPrefix + call.path
        let (caller, signature) = CallSignature.headers(
            method: call.method.rawValue,
            path: path,
            body: call.body,
            caller: CallSignature.Caller(node: self.identity.node, boot: self.boot),
            key: self.identity.keys.signing
        )
        let signed = [
            OutgoingHeader(CallSignature.callerHeader, caller),
            OutgoingHeader(CallSignature.signatureHeader, signature),
        ]
        return OutgoingRequest(
            call.method,
            "\(source)\(call.path)",
            headers: call.headers + signed,
            body: call.body,
            timeout: call.timeout,
            replyBytesMax: call.replyBytesMax,
            trust: Self.trust(self.identity.serverKeyPin)
        )
    }

    /// The pin came with the join token, over a way that the operator trusts.
    static func trust(_ pin: Digest?) -> ServerTrust? {
        pin.map { .key(pin: "sha256//\(Base64.encode($0.bytes))") }
    }

    private func notice(_ response: OutgoingResponse) {
        guard response.status == NodeRefusal.Code.banned.status else { return }
        do {
            if try NodeRefusal.decode(response.body).code == .banned { self.onBan() }
        } catch {
            // A 403 of something in between, which the caller sees for itself.
        }
    }
}
