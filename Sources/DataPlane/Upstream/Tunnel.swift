internal import NIOCore

/// Asks a proxy for a tunnel, first thing on a new connection; then it makes way for what goes through.
///
/// `whenOver` hears once: nothing where the tunnel stands (then it adds its handlers behind this one), else why not, and
/// the connection is closed.
final class Tunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let endpoint: Endpoint
    private let authorization: String?
    private let timeoutMilliseconds: Int64
    private var whenOver: ((ConnectFailure?) throws -> Void)?
    private var reply = TunnelReply()
    private var timer: Scheduled<Void>?

    init(
        to endpoint: Endpoint,
        authorization: String?,
        timeoutMilliseconds: Int64,
        whenOver: @escaping (ConnectFailure?) throws -> Void
    ) {
        self.endpoint = endpoint
        self.authorization = authorization
        self.timeoutMilliseconds = timeoutMilliseconds
        self.whenOver = whenOver
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return self.fail(.proxyUnreachable, context) }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        let loop = context.value.eventLoop.assumeIsolated()
        self.timer = loop.scheduleTask(in: .milliseconds(self.timeoutMilliseconds)) {
            self.fail(.proxyUnreachable, context.value)
        }
        context.value.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: self.request)), promise: nil)
        context.value.read()
    }

    private var request: String {
        let target = self.endpoint.authority
        let credentials = self.authorization.map { "proxy-authorization: \($0)\r\n" } ?? ""
        return "CONNECT \(target) HTTP/1.1\r\nhost: \(target)\r\n\(credentials)\r\n"
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.whenOver != nil else { return context.fireChannelRead(data) }
        switch self.reply.take(Self.unwrapInboundIn(data)) {
        case .more: break
        case .failed(let failure): self.fail(failure, context)
        case .open(let rest): self.open(rest, context)
        }
    }

    private func open(_ rest: ByteBuffer, _ context: ChannelHandlerContext) {
        // A provider with TLS may speak first, one without never does: then these bytes are the proxy's own answer.
        guard self.endpoint.isTLS || rest.readableBytes == 0 else {
            return self.fail(.proxyRefused(status: nil), context)
        }
        guard let whenOver = self.takeEnd() else { return }
        do { try whenOver(nil) } catch { return context.close(promise: nil) }
        if rest.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.whenOver != nil { context.read() } else { context.fireChannelReadComplete() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.fail(.proxyRefused(status: nil), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.fail(.proxyRefused(status: nil), context)
    }

    private func fail(_ failure: ConnectFailure, _ context: ChannelHandlerContext) {
        guard let whenOver = self.takeEnd() else { return }
        context.close(promise: nil)
        do { try whenOver(failure) } catch {
            // It has nothing to add to a connection that is closed.
        }
    }

    private func takeEnd() -> ((ConnectFailure?) throws -> Void)? {
        self.timer?.cancel()
        self.timer = nil
        defer { self.whenOver = nil }
        return self.whenOver
    }
}
