import Domain
import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import Platform
import Storage
import Wire

/// What nodes call, under `/node/v1` on port 8401: protobuf bodies, every call but `enroll` signed.
///
/// Every message may be sent twice and in any order: a repeated one changes nothing.
package struct NodeAPI: Sendable {
    /// No caller waits longer than this for news, whatever it asks for.
    package static let waitSecondsMax: Int64 = 60
    static let protobuf = "application/x-protobuf"

    let fleet: Fleet
    let board: HeadBoard
    let metering: Metering
    let lending: Lending
    let rates: RateShares
    let secrets: SecretDelivery
    let logger: Logger

    package init(
        fleet: Fleet,
        board: HeadBoard,
        metering: Metering,
        lending: Lending,
        rates: RateShares,
        secrets: SecretDelivery,
        logger: Logger
    ) {
        self.fleet = fleet
        self.board = board
        self.metering = metering
        self.lending = lending
        self.rates = rates
        self.secrets = secrets
        self.logger = logger
    }

    package func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let node = router.group("node/v1")
        node.post("enroll") { request, _ in
            await self.answering { try await self.enroll(request) }
        }
        node.get("head") { request, _ in
            await self.signed(request) { _, _, call in await self.head(call.request) }
        }
        node.get("blobs/:digest") { request, context in
            await self.signed(request) { _, _, _ in try await self.blob(context.parameters.get("digest")) }
        }
        node.get("roots/:number") { request, context in
            await self.signed(request) { _, _, _ in try await self.root(context.parameters.get("number")) }
        }
        node.get("secrets") { request, _ in
            await self.signed(request) { node, _, _ in
                Self.reply(.ok, try await self.secrets.sealed(to: node).encoded(), [.cacheControl: "no-store"])
            }
        }
        node.post("usage") { request, _ in
            await self.signed(request, bodyMax: UsageBatch.sizeMax) { node, _, call in
                try await self.usage(call.body, from: node)
            }
        }
        node.post("leases") { request, _ in
            await self.signed(request, bodyMax: LeaseCodec.sizeMax) { node, boot, call in
                let asked = try Self.read { () throws(WireError) in try LeaseCodec.call(call.body) }
                let grants = try await self.lending.answer(asked, of: node.id, boot: boot)
                let limits = try await self.rates.answer(asked.limits, of: boot)
                return Self.reply(.ok, LeaseCodec.encode(grants, limits: limits), [.cacheControl: "no-store"])
            }
        }
        node.post("status") { request, _ in
            await self.signed(request, bodyMax: NodeStatus.sizeMax) { node, boot, call in
                let status = try Self.read { () throws(WireError) in try NodeStatus.decode(call.body) }
                let state = try await self.fleet.record(status, of: node.id, boot: boot)
                return Response(status: .noContent, headers: Self.orders(state))
            }
        }
    }

    /// What a node is to do beside its work.
    private static func orders(_ state: EnrolledNode.State) -> HTTPFields {
        guard state == .draining, let name = HTTPField.Name(NodeStatus.orderHeader) else { return [:] }
        return [name: NodeStatus.drainOrder]
    }

    private func enroll(_ request: Request) async throws -> Response {
        let body = try await Self.body(of: request, atMost: EnrollRequest.sizeMax)
        let enrolment = try Self.read { () throws(WireError) in try EnrollRequest.decode(body) }
        return Self.reply(.ok, try await self.fleet.enrol(enrolment).encoded(), [.cacheControl: "no-store"])
    }

    private func blob(_ text: String?) async throws -> Response {
        guard let digest = text.flatMap(Digest.init(hex:)) else {
            throw NodeRefusal(.malformed, "a blob is named by 64 lower-case hexadecimal digits")
        }
        guard let bytes = try await self.fleet.database.read({ try $0.blob(digest) }) else {
            throw NodeRefusal(.notFound, "there is no such blob, or it is not kept any more")
        }
        return Self.reply(
            .ok,
            bytes,
            [.cacheControl: "public, max-age=31536000, immutable", .eTag: "\"\(digest)\""],
            type: "application/octet-stream"
        )
    }

    private func root(_ text: String?) async throws -> Response {
        guard let number = text.flatMap(Int.init), number > 0 else {
            throw NodeRefusal(.malformed, "roots are numbered 1, 2, 3 …")
        }
        let roots = try await self.fleet.database.read { try $0.rootEnvelopes() }
        guard number <= roots.count else { throw NodeRefusal(.notFound, "the newest root is \(roots.count)") }
        return Self.reply(.ok, roots[number - 1], [.cacheControl: "public, max-age=31536000, immutable"])
    }

    private func usage(_ body: [UInt8], from node: EnrolledNode) async throws -> Response {
        let batch = try Self.read { () throws(WireError) in try UsageBatch.decode(body) }
        switch try await self.metering.take(batch, from: node.id) {
        case .taken(let through, _): return Self.reply(.ok, UsageAck(ackedThrough: through).encoded())
        case .rewind(let expected): return Self.reply(.conflict, UsageRewind(expectedSequence: expected).encoded())
        case .fenced(let expected):
            return Self.reply(.conflict, UsageRewind(expectedSequence: expected, isFenced: true).encoded())
        }
    }
}

// MARK: - Calls

extension NodeAPI {
    /// A call whose signature has been checked.
    struct Call {
        let request: Request
        let body: [UInt8]
    }

    private func signed(
        _ request: Request,
        bodyMax: Int = 0,
        _ handle: (EnrolledNode, ID<Boot>, Call) async throws -> Response
    ) async -> Response {
        await self.answering {
            let body = try await Self.body(of: request, atMost: bodyMax)
            let call = SignedCall(
                method: request.method.rawValue,
                path: request.head.path ?? "",
                caller: request.headers[Self.callerField] ?? "",
                signature: request.headers[Self.signatureField] ?? "",
                body: body
            )
            let (node, boot) = try await self.fleet.caller(of: call)
            return try await handle(node, boot, Call(request: request, body: body))
        }
    }

    private static let callerField = HTTPField.Name(CallSignature.callerHeader) ?? .authorization
    private static let signatureField = HTTPField.Name(CallSignature.signatureHeader) ?? .authorization

    /// The one place where errors become replies.
    private func answering(_ handle: () async throws -> Response) async -> Response {
        do {
            return try await handle()
        } catch let refusal as NodeRefusal {
            return Self.reply(refusal)
        } catch StorageFault.overloaded {
            return Self.reply(NodeRefusal(.busy, "too many writes wait: come back later"))
        } catch {
            self.logger.error("node call failed", metadata: ["error": "\(error)"])
            return Self.reply(NodeRefusal(.busy, "the control plane could not do this now: come back later"))
        }
    }

    private static func body(of request: Request, atMost limit: Int) async throws -> [UInt8] {
        do {
            return Array(buffer: try await request.body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw NodeRefusal(.malformed, "the body is longer than \(limit) bytes")
        }
    }

    private static func read<Value>(_ decode: () throws(WireError) -> Value) throws(NodeRefusal) -> Value {
        do {
            return try decode()
        } catch {
            throw NodeRefusal(.malformed, error.detail)
        }
    }

    private static func reply(_ refusal: NodeRefusal) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if refusal.code == .busy { headers[.retryAfter] = "2" }
        return self.reply(HTTPResponse.Status(code: refusal.code.status), refusal.encoded(), headers)
    }

    static func reply(
        _ status: HTTPResponse.Status,
        _ bytes: [UInt8],
        _ headers: HTTPFields = [:],
        type: String = NodeAPI.protobuf
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
