import NIOCore
import NIOPosix

/// One hostile request on its connection: sends it as it says, and follows what comes back until it has ended.
final class AttackConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let request: HostileRequest
    private let share: AttackShare
    private var context: ChannelHandlerContext?
    private var reader = ReplyReader()
    private var statuses: [Int] = []
    private var sent = 0
    private var isOver = false
    /// When its bytes had all been handed over: from then on the server's time runs.
    private(set) var waitsSince: NIODeadline?

    init(_ request: HostileRequest, _ share: AttackShare) {
        self.request = request
        self.share = share
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        self.share.connected(self)
        guard self.request.pace == nil else { return self.sendByte() }
        self.sent = self.request.bytes.count
        // The server may answer, and stop reading, before it has all of a long request.
        self.waitsSince = .now()
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: self.request.bytes)), promise: written)
        written.futureResult.assumeIsolated().whenSuccess { self.allSent() }
    }

    private func sendByte() {
        guard !self.isOver, let context = self.context, let pace = self.request.pace else { return }
        guard self.sent < self.request.bytes.count else {
            self.waitsSince = .now()
            return self.allSent()
        }
        let byte = ByteBuffer(bytes: self.request.bytes[self.sent...self.sent])
        self.sent += 1
        context.writeAndFlush(self.wrapOutboundOut(byte), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(pace)) { self.sendByte() }
    }

    private func allSent() {
        guard !self.isOver else { return }
        switch self.request.ending {
        case .replies, .closed: return
        case .halfClosed: self.context?.close(mode: .output, promise: nil)
        case .dropped(let withReset):
            if withReset { self.resetOnClose() }
            self.end(.dropped)
        }
    }

    private func resetOnClose() {
        guard let socket = self.context?.channel as? any SocketOptionProvider else { return }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in
            // Then it is dropped like the others.
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        do {
            while bytes.readableBytes > 0, !self.isOver {
                guard let reply = try self.reader.read(&bytes) else { return }
                self.take(reply)
            }
        } catch {
            self.end(.unreadable)
        }
    }

    private func take(_ reply: ReplyReader.Reply) {
        self.statuses.append(reply.head.status)
        if case .replies(let count) = self.request.ending, self.statuses.count >= count { self.end(.answered) }
    }

    /// The server has had its time.
    func timedOut() { self.end(.hung) }

    private func end(_ end: HostileRequest.End) {
        guard !self.isOver else { return }
        self.isOver = true
        self.share.ended(self, self.request.verdict(self.statuses, end))
        self.context?.close(promise: nil)
    }

    /// A reset is an end like any other: the server may refuse to read on.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.end(.closed) }

    func channelInactive(context: ChannelHandlerContext) {
        if let reply = self.reader.close() { self.statuses.append(reply.head.status) }
        self.end(.closed)
    }
}
