import NIOCore

/// One connection of the light mode: prepared answers, no books, no faults.
final class LightHandler: ChannelInboundHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let provider: LightProvider
    private var reader = LightRequestReader()
    private var context: ChannelHandlerContext?
    private var stream: OpenStream?

    private struct OpenStream {
        let reply: LightReply
        var sent = 0
        var due: NIODeadline
        let isClosing: Bool
    }

    init(_ provider: LightProvider) { self.provider = provider }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.stream = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        do {
            // Pipelined requests do not occur: our load and gateways wait for the answer.
            guard let request = try self.reader.read(&bytes), bytes.readableBytes == 0, self.stream == nil else {
                if bytes.readableBytes > 0 { context.close(promise: nil) }
                return
            }
            try self.answer(request, context)
        } catch {
            context.close(promise: nil)
        }
    }

    private func answer(_ request: LightRequest, _ context: ChannelHandlerContext) throws {
        let reply = try self.provider.reply(to: request.model)
        guard request.isStream else {
            context.writeAndFlush(self.wrapOutboundOut(reply.whole), promise: nil)
            if request.isClosing { context.close(promise: nil) }
            return
        }
        context.write(self.wrapOutboundOut(reply.streamHead), promise: nil)
        self.stream = OpenStream(reply: reply, due: .now(), isClosing: request.isClosing)
        self.sendNext(pause: self.provider.phase())
    }

    /// What is due, in one write; `pause` of the usual pause comes after it.
    private func sendNext(pause: Double = 1) {
        guard var stream = self.stream, let context = self.context else { return }
        let delay = stream.reply.delayMilliseconds
        repeat {
            guard stream.sent < stream.reply.events.count else { return self.finish(stream, context) }
            context.write(self.wrapOutboundOut(stream.reply.events[stream.sent]), promise: nil)
            stream.sent += 1
        } while delay == 0
        context.flush()
        // From when it was due, so that the pace does not drift.
        stream.due = stream.due + .microseconds(Int64(Double(delay) * 1_000 * pause))
        self.stream = stream
        do {
            _ = try context.eventLoop.assumeIsolated().scheduleCallback(at: stream.due, handler: self)
        } catch {
            context.close(promise: nil)
        }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) { self.sendNext() }

    private func finish(_ stream: OpenStream, _ context: ChannelHandlerContext) {
        self.stream = nil
        context.writeAndFlush(self.wrapOutboundOut(stream.reply.streamEnd), promise: nil)
        if stream.isClosing { context.close(promise: nil) }
    }
}
