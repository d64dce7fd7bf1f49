import NIOCore
import NIOPosix
import Synchronization

/// A proxy on a free port of this machine: it notes the heads that it was asked with and, while `answer` is a 200,
/// connects every tunnel to one port, whatever host was asked for.
final class ForwardingProxy: Sendable {
    private let heads = Mutex<[String]>([])
    private let answer: String
    private let target: Int

    private init(answer: String, target: Int) {
        self.answer = answer
        self.target = target
    }

    var asked: [String] { self.heads.withLock { $0 } }

    static func with(
        to target: Int,
        answer: String = "HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n",
        _ body: (ForwardingProxy, Int) async throws -> Void
    ) async throws {
        let proxy = ForwardingProxy(answer: answer, target: target)
        let server = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Front(proxy)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(proxy, server.localAddress?.port ?? 0) } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }

    /// Reads the head, then passes bytes on.
    private final class Front: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let proxy: ForwardingProxy
        private var head = ""
        private var partner: (any Channel)?
        private var waiting: [ByteBuffer] = []
        private var isAnswered = false

        init(_ proxy: ForwardingProxy) { self.proxy = proxy }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Self.unwrapInboundIn(data)
            guard !self.isAnswered else { return self.forward(bytes) }
            self.head += String(buffer: bytes)
            guard self.head.hasSuffix("\r\n\r\n") else { return }
            self.isAnswered = true
            self.proxy.heads.withLock { $0.append(self.head) }
            guard self.proxy.answer.contains(" 200 ") else {
                context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: self.proxy.answer)), promise: nil)
                return
            }
            self.connect(context)
        }

        private func connect(_ context: ChannelHandlerContext) {
            let front = NIOLoopBound(self, eventLoop: context.eventLoop)
            let client = context.channel
            let answer = ByteBuffer(string: self.proxy.answer)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Back(client))
                    }
                }
                .connect(host: "127.0.0.1", port: self.proxy.target)
                .whenComplete { result in
                    guard case .success(let partner) = result else { return client.close(promise: nil) }
                    front.value.partner = partner
                    client.writeAndFlush(answer, promise: nil)
                    for bytes in front.value.waiting { partner.writeAndFlush(bytes, promise: nil) }
                }
        }

        private func forward(_ bytes: ByteBuffer) {
            if let partner = self.partner {
                partner.writeAndFlush(bytes, promise: nil)
            } else {
                self.waiting.append(bytes)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { self.partner?.close(promise: nil) }
    }

    private final class Back: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: any Channel

        init(_ client: any Channel) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.client.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { self.client.close(promise: nil) }
    }
}
