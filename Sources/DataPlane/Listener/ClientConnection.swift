internal import Dialects
internal import Domain
import Glibc
internal import NIOCore
internal import Platform

/// One caller's connection. Requests on it are answered in their order: a request that comes before its predecessor
/// has its reply waits here, and the socket is not read meanwhile.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = RequestPart
    typealias OutboundOut = ReplyPart

    private let home: TrafficLoop
    private var context: ChannelHandlerContext?
    /// The exchange whose request is being read or whose reply is being written.
    private var driver: ExchangeDriver?
    private var isRequestRead = true
    private var closesAfterReply = false
    /// Parts of later requests: never more than one read of the socket gave, because reading stops until they are due.
    private var held = CircularBuffer<RequestPart>()
    private var phase: Phase
    /// A reply to `HEAD` has none, whatever its head says.
    private var repliesHaveBodies = true
    private var repliesHaveChunks = true
    /// The reply has neither length nor chunks: the connection's clean end is its own.
    private var isReplyOpenEnded = false
    /// Replies whose last byte the socket has not taken yet. Until then no patience runs out: a slow reader is not
    /// an idle one.
    private var unwritten = 0
    /// What came behind the requests so far is none. They are answered first, then this is told.
    private var flaw: CodecFlaw?
    private var isBroken = false

    private enum Phase: Hashable {
        case idle(since: Tick)
        case busy
        /// The last reply is out; what still comes is read and dropped.
        case lingering(since: Tick)
        case closed
    }

    init(on home: TrafficLoop) {
        self.home = home
        self.phase = .idle(since: home.now)
    }

    // MARK: - What the channel says

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.channelActive(context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard self.home.opened(self) else { return self.cut() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.phase {
        case .lingering, .closed: return
        case .idle, .busy: break
        }
        let part = Self.unwrapInboundIn(data)
        if self.held.isEmpty, self.driver == nil || !self.isRequestRead {
            self.take(part)
        } else {
            self.held.append(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { self.readOn() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.driver?.clientBecame(isWritable: context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { self.gone() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let flaw = CodecFlaw(error) else { return context.close(promise: nil) }
        guard !self.isBroken else { return }
        self.isBroken = true
        switch self.phase {
        case .idle, .busy:
            self.flaw = flaw
            self.refuseIfDue()
        case .lingering, .closed: break  // its last reply is out, and whatever comes is dropped
        }
    }

    // MARK: - What the exchange asks

    func begin(_ head: ReplyHead) {
        guard let context = self.context else { return }
        if !self.isRequestRead || self.home.isDraining { self.closesAfterReply = true }
        var head = head
        head.fields.add("date", self.home.date(at: self.home.node.wallClock()))
        if self.closesAfterReply { head.fields.add("connection", "close") }
        self.isReplyOpenEnded = !self.repliesHaveChunks && head.fields["content-length"] == nil
        if self.isReplyOpenEnded { head.isDelimited = false }
        self.home.node.metrics.replied(head.status)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
    }

    func write(_ part: ReplyPart, thenFlush: Bool) {
        guard let context = self.context else { return }
        if case .body = part, !self.repliesHaveBodies { return }
        context.write(Self.wrapOutboundOut(part), promise: nil)
        if thenFlush { context.flush() }
    }

    func flush() { self.context?.flush() }

    func endReply(isWholeRequestRead: Bool) {
        guard let context = self.context else { return }
        self.driver = nil
        self.isReplyOpenEnded = false
        self.unwritten += 1
        let written = context.eventLoop.makePromise(of: Void.self)
        guard self.closesAfterReply else {
            self.phase = .idle(since: self.home.now)
            context.writeAndFlush(Self.wrapOutboundOut(.end), promise: written)
            written.futureResult.assumeIsolated().whenComplete { _ in self.wrote() }
            self.takeHeld()
            self.refuseIfDue()
            self.readOn()
            return
        }
        self.held.removeAll()
        self.phase = .lingering(since: self.home.now)
        context.writeAndFlush(Self.wrapOutboundOut(.end), promise: written)
        // Closing with unread bytes would reset the connection and could take the reply with it.
        let mode: CloseMode = isWholeRequestRead ? .all : .output
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.wrote()
            self.context?.close(mode: mode, promise: nil)
        }
        self.readOn()
    }

    /// The socket has taken a whole reply: from here on its caller is waited for.
    private func wrote() {
        self.unwritten -= 1
        guard self.unwritten == 0 else { return }
        switch self.phase {
        case .idle:
            self.phase = .idle(since: self.home.now)
            if self.closesAfterReply { self.cut() }
        case .lingering: self.phase = .lingering(since: self.home.now)
        case .busy, .closed: break
        }
    }

    /// Closes without another byte.
    func cut() {
        self.phase = .closed
        if self.isReplyOpenEnded { self.resetOnClose() }
        self.context?.close(promise: nil)
    }

    /// A clean end would make a reply whole that is not.
    private func resetOnClose() {
        guard let socket = self.context?.channel as? any SocketOptionProvider else { return }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in
            // Then the end is clean, as it would be at any HTTP/1.0 server; nothing else can be said.
        }
    }

    // MARK: - What the loop asks

    /// The node is on its way out: a connection between requests ends now, another one with its reply.
    func closeIfIdle() {
        self.closesAfterReply = true
        if case .idle = self.phase, self.unwritten == 0 { self.cut() }
    }

    func closeIfOverdue(at now: Tick) {
        let isUntaken = self.unwritten > 0
        switch self.phase {
        case .idle(let since):
            let patience = isUntaken ? TrafficLoop.untakenMilliseconds : TrafficLoop.idleMilliseconds
            if now >= since.advanced(milliseconds: patience) { self.cut() }
        case .lingering(let since):
            let patience = isUntaken ? TrafficLoop.untakenMilliseconds : TrafficLoop.lingerMilliseconds
            if now >= since.advanced(milliseconds: patience) { self.cut() }
        case .busy, .closed: break
        }
    }

    // MARK: - Requests

    private func take(_ part: RequestPart) {
        switch part {
        case .head(let head): self.begin(head)
        case .body(let bytes): self.driver?.receive(bytes)
        case .end:
            self.isRequestRead = true
            self.driver?.receivedAll()
        }
    }

    private func begin(_ head: RequestHead) {
        guard let driver = self.home.begin(for: self) else { return self.cut() }
        self.phase = .busy
        self.driver = driver
        self.isRequestRead = false
        self.repliesHaveBodies = head.method != "HEAD"
        self.repliesHaveChunks = head.takesChunks
        // The codec reads no further than a request that wants another protocol.
        let wantsOther = head.method == "CONNECT" || head.fields["upgrade"] != nil
        if head.fields.asksClose || wantsOther { self.closesAfterReply = true }
        if let channel = self.context?.channel, !channel.isWritable { driver.clientBecame(isWritable: false) }
        driver.arrive(head)
    }

    /// Gives the parts that waited to the next exchange, as far as it may have them.
    private func takeHeld() {
        while self.driver == nil || !self.isRequestRead, let part = self.held.popFirst() { self.take(part) }
    }

    private func readOn() {
        switch self.phase {
        case .idle, .lingering: self.context?.read()
        case .busy: if !self.isRequestRead { self.context?.read() }
        case .closed: break
        }
    }

    private func gone() {
        self.phase = .closed
        self.held.removeAll()
        self.flaw = nil
        let driver = self.driver
        self.driver = nil
        driver?.clientLeft()
        self.home.closed(self)
    }

    /// Once everything before the flaw has its reply, or the flaw is in the very request that is being read.
    private func refuseIfDue() {
        guard self.held.isEmpty, self.driver == nil || !self.isRequestRead, let flaw = self.flaw else { return }
        self.flaw = nil
        switch self.phase {
        case .idle, .busy: self.refuse(flaw)
        case .lingering, .closed: break
        }
    }

    /// Bytes that are no request: told so once, and then the connection ends, because nobody knows where the next
    /// request would begin.
    private func refuse(_ flaw: CodecFlaw) {
        let driver = self.driver
        self.driver = nil
        driver?.clientLeft()
        let fault: Fault
        switch flaw {
        case .headTooLarge:
            let kibibytes = HTTP1Bounds.headBytesMax / 1_024
            fault = Fault(.requestTooLarge, "The request's header is longer than \(kibibytes) KiB. Send less.")
        case .malformed, .afterFlaw:
            fault = Fault(.invalidRequest, "The bytes sent are not an HTTP/1.1 request.")
        case .badHost:
            fault = Fault(.invalidRequest, parameter: "host", "A request has one 'host' header. Send it once.")
        }
        let error = ErrorBody(fault)
        var head = ReplyHead(status: error.status)
        if let id = self.home.makeID(at: self.home.node.wallClock()) { head.fields.add(id) }
        for header in error.headers { head.fields.add(header.name, header.value) }
        head.fields.add("content-length", String(error.body.readableBytes))
        self.closesAfterReply = true
        self.repliesHaveBodies = true
        self.begin(head)
        self.write(.body(error.body), thenFlush: false)
        self.endReply(isWholeRequestRead: false)
    }
}
