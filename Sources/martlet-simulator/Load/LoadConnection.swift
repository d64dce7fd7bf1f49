import NIOCore

/// One connection of a load: sends the request when its share says so, and reads the reply to its end.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let share: LoadShare
    private var context: ChannelHandlerContext?
    private var reader = ReplyReader()
    /// When the request in flight was due; nil while there is none.
    private(set) var due: NIODeadline?
    /// The stream in flight has brought an event.
    private var isFlowing = false

    init(_ share: LoadShare) { self.share = share }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) { self.share.connected(self) }

    func send(_ request: ByteBuffer, due: NIODeadline) {
        self.due = due
        self.isFlowing = false
        self.context?.writeAndFlush(self.wrapOutboundOut(request), promise: nil)
    }

    func close() { self.context?.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        do {
            guard let reply = try self.reader.read(&bytes) else { return self.noteFlow() }
            guard bytes.readableBytes == 0 else { return self.fail("bytes after the reply") }
            self.end(reply)
        } catch {
            self.fail("not HTTP")
        }
    }

    private func noteFlow() {
        guard self.reader.eventsSoFar > 0 else { return }
        if !self.isFlowing {
            self.isFlowing = true
            self.share.flows()
        }
        guard let events = self.share.hangUpAfter, self.reader.eventsSoFar >= events, self.due != nil else { return }
        self.due = nil
        self.share.hungUp()
        self.close()
    }

    private func end(_ reply: ReplyReader.Reply) {
        guard let due = self.due else { return self.close() }
        self.due = nil
        self.share.ended(self, reply, due: due)
    }

    /// The request in flight has failed, and the connection is of no more use.
    func fail(_ kind: String) {
        if self.due != nil {
            self.due = nil
            self.share.failed(kind)
        }
        self.close()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.fail("broken connection") }

    func channelInactive(context: ChannelHandlerContext) {
        if let reply = self.reader.close() { self.end(reply) } else { self.fail("closed early") }
        self.share.lost(self)
    }
}
