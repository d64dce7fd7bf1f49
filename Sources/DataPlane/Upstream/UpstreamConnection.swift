internal import NIOCore
internal import NIOTLS

/// Whom a connection tells what came from the provider. Every call is on the connection's event loop.
protocol UpstreamListener: AnyObject {
    func upstreamOpened(_ connection: UpstreamConnection)
    func upstreamFailed(_ failure: ConnectFailure)
    func upstreamReplied(_ part: ReplyPart)
    func upstreamPaused()
    /// `isSilent`: not a byte has come since the request went out.
    func upstreamBroke(isSilent: Bool)
}

/// One connection to a provider, lent to one exchange at a time.
///
/// It reads only when asked: `upstreamPaused` says that what was read has been delivered, and the exchange asks
/// for more while its client can take it. That is the whole of the relay's back-pressure.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let id: ConnectionPool.ConnectionID
    let endpoint: Endpoint
    /// Whether an exchange has used it before: only then can a closed connection mean that it had gone stale.
    private(set) var isUsed = false
    private var pool: UpstreamPool?
    private var listener: (any UpstreamListener)?
    private var context: ChannelHandlerContext?
    private var reader = ReplyReader()
    private var isOpen = false
    /// It was asked for, and nothing has come yet.
    private var isReading = false
    private var mayPersist = true
    private var isReplyOver = true
    /// Not a byte has come since the last request went out.
    private var isSilent = true
    /// A reply can overtake its request's body; such a connection is in the middle of a message.
    private var hasSentAll = true
    /// Bytes seen behind a whole answer, while HTTP's end of it is awaited; nil otherwise.
    private var tailBytes: Int?

    /// So much a socket that lay idle takes in one go. Should it ever not, the rest still goes out before whatever is
    /// sent next.
    private static let takenAtOnceMax = 4 * 1_024
    private static let tailMilliseconds: Int64 = 5_000
    private static let tailBytesMax = 64 * 1_024

    init(
        id: ConnectionPool.ConnectionID,
        to endpoint: Endpoint,
        in pool: UpstreamPool,
        for listener: any UpstreamListener
    ) {
        self.id = id
        self.endpoint = endpoint
        self.pool = pool
        self.listener = listener
    }

    // MARK: - What the exchange asks

    func lend(to listener: any UpstreamListener) { self.listener = listener }

    /// Whether somebody still waits for it. False once it has failed.
    var isWanted: Bool { self.listener != nil }

    func send(_ head: RequestHead, body: [ByteBuffer]) {
        guard let context = self.context, let pool = self.pool else { return }
        self.isReplyOver = false
        self.isSilent = true
        var gathered = pool.scratch.take()
        MessageWriter.write(head, into: &gathered)
        let length = body.reduce(0) { $0 + $1.readableBytes }
        if length <= MessageWriter.copiedMax {
            for piece in body { gathered.writeImmutableBuffer(piece) }
            let isTakenAtOnce = gathered.readableBytes <= Self.takenAtOnceMax
            context.write(Self.wrapOutboundOut(gathered), promise: isTakenAtOnce ? nil : self.whenSent(context))
        } else {
            context.write(Self.wrapOutboundOut(gathered), promise: nil)
            for piece in body.dropLast() { context.write(Self.wrapOutboundOut(piece), promise: nil) }
            if let last = body.last { context.write(Self.wrapOutboundOut(last), promise: self.whenSent(context)) }
        }
        pool.scratch.giveBack(gathered)
        context.flush()
    }

    private func whenSent(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        self.hasSentAll = false
        let sent = context.eventLoop.makePromise(of: Void.self)
        // Where it fails the channel closes and says so itself.
        sent.futureResult.assumeIsolated().whenSuccess { self.hasSentAll = true }
        return sent
    }

    /// Reads once more. Asking twice would only cost.
    func read() {
        guard !self.isReading else { return }
        self.isReading = true
        self.context?.read()
    }

    /// The exchange needs it no more. It goes back to the pool once it is between messages, else it is closed.
    func giveBack() {
        self.listener = nil
        guard self.isOpen, self.mayPersist else { return self.close() }
        if self.isReplyOver {
            self.backToPool()
        } else {
            self.readTail()
        }
    }

    /// The answer is whole, but HTTP's own end of it is still to come, mostly in the same packet.
    private func readTail() {
        guard let context = self.context else { return }
        self.tailBytes = 0
        self.read()
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.tailMilliseconds)) { [weak self] in
            guard let self, self.tailBytes != nil else { return }
            self.close()
        }
    }

    private func readTail(_ part: ReplyPart) {
        switch part {
        case .body(let bytes):
            self.tailBytes = (self.tailBytes ?? 0) + bytes.readableBytes
            if self.tailBytes ?? 0 > Self.tailBytesMax { self.close() }
        case .end:
            self.tailBytes = nil
            self.backToPool()
        case .head: self.close()
        }
    }

    private func backToPool() {
        guard let pool = self.pool else { return }
        self.isUsed = true
        if pool.takeBack(self, isReusable: self.hasSentAll && self.reader.pendingBytes == 0) == .close { self.close() }
    }

    func close() {
        self.listener = nil
        self.tailBytes = nil
        self.context?.close(promise: nil)
    }

    // MARK: - What the channel says

    /// Added last, once the channel is connected: a host with several addresses has several channels on trial, and
    /// only the one that won may speak for this connection.
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        guard context.channel.isActive else { return self.gone(.unreachable) }
        guard self.endpoint.isTLS else { return self.opened() }
        // Whoever wanted it has gone, and nobody would notice a handshake that never ends.
        guard self.isWanted else { return self.drop(context) }
        self.read()  // the handshake needs it; the exchange is not told before its end
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { self.opened() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.isSilent = false
        // Nobody asked: whatever this is, even a part of a head, the next exchange would take it for its answer.
        guard self.isWanted || self.tailBytes != nil else { return self.drop(context) }
        self.reader.feed(Self.unwrapInboundIn(data))
        do throws(HTTP1Flaw) {
            while let part = try self.reader.next() { self.take(part) }
        } catch {
            self.break(context)
        }
    }

    private func take(_ part: ReplyPart) {
        switch part {
        case .head(let head): self.mayPersist = self.mayPersist && head.keepsAlive
        case .end: self.isReplyOver = true
        case .body: break
        }
        guard let listener = self.listener else {
            if self.tailBytes != nil { self.readTail(part) } else { self.close() }
            return
        }
        listener.upstreamReplied(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        guard self.isOpen else { return }
        // While it lies idle it is read too, so that its end is seen; to stop and begin again costs system calls.
        guard let listener = self.listener else { return self.read() }
        listener.upstreamPaused()
    }

    func channelInactive(context: ChannelHandlerContext) {
        do throws(HTTP1Flaw) {
            if try self.reader.finish() { self.take(.end) }
        } catch {
            // Told below as what it is to the exchange: a connection that broke.
        }
        self.gone(.unreachable)
    }

    /// What came is no HTTP, or the channel failed.
    private func `break`(_ context: ChannelHandlerContext) {
        self.gone(self.endpoint.isTLS ? .untrusted : .unreachable)
        context.close(promise: nil)
    }

    /// Nobody has it, and nobody may have it again: at once, as closing can take its time.
    private func drop(_ context: ChannelHandlerContext) {
        self.gone(nil)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.break(context) }

    /// No channel could be connected.
    func connectFailed(_ failure: ConnectFailure) { self.gone(failure) }

    private func opened() {
        self.isOpen = true
        if let listener = self.listener {
            listener.upstreamOpened(self)
        } else {
            self.giveBack()  // whoever wanted it has gone; the next exchange may have it
        }
    }

    /// `failure` is nil where nobody is left to be told.
    private func gone(_ failure: ConnectFailure?) {
        let pool = self.pool
        self.pool = nil
        pool?.forget(self, because: self.isOpen ? nil : failure)
        let listener = self.listener
        self.listener = nil
        if self.isOpen {
            listener?.upstreamBroke(isSilent: self.isSilent)
        } else if let failure {
            listener?.upstreamFailed(failure)
        }
        self.isOpen = false
    }
}
