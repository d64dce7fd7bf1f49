internal import Dialects
internal import Domain
import Glibc
internal import NIOCore
internal import NIOSSL
internal import Platform

/// One caller's connection. Requests on it are answered in their order: what comes before its predecessor has its
/// reply waits in the reader, and the socket is not read meanwhile.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let lookup: ApplicationLookup
    private let home: TrafficLoop
    private var context: ChannelHandlerContext?
    /// The exchange whose request is being read or whose reply is being written.
    private var driver: ExchangeDriver?
    private var reader = RequestReader()
    private var output: ReplyOutput
    private var isRequestRead = true
    /// It was asked for, and nothing has come yet.
    private var isReading = false
    private var closesAfterReply = false
    private var phase: Phase
    /// A reply to `HEAD` has none, whatever its head says.
    private var repliesHaveBodies = true
    private var repliesHaveChunks = true
    /// The last reply is out, but the socket has not taken all of it: its reader has longer than an idle one.
    private var isUntaken = false
    /// Requests are being taken; a reply that ends meanwhile need not see to the next one.
    private var isTaking = false

    private enum Phase: Hashable {
        case idle(since: Tick)
        case busy
        /// The last reply is out; what still comes is read and dropped.
        case lingering(since: Tick)
        case closed
    }

    init(on home: TrafficLoop) {
        self.home = home
        self.lookup = ApplicationLookup(home.tokens)
        self.output = ReplyOutput(home.scratch)
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
        self.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.phase {
        case .lingering, .closed: return
        case .idle, .busy: break
        }
        self.reader.feed(Self.unwrapInboundIn(data))
        self.takeRequests()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        self.readOn()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.driver?.clientBecame(isWritable: context.channel.isWritable)
        if context.channel.isWritable {
            self.takeRequests()
            self.readOn()
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { self.gone() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: - What the exchange asks

    func begin(_ head: ReplyHead) {
        if !self.isRequestRead || self.home.isDraining { self.closesAfterReply = true }
        var head = head
        head.fields.add("date", self.home.date(at: self.home.node.wallClock()))
        let delimiter = MessageWriter.delimiter(
            of: head,
            hasBody: self.repliesHaveBodies,
            takesChunks: self.repliesHaveChunks
        )
        if delimiter == .close { self.closesAfterReply = true }
        if self.closesAfterReply { head.fields.add("connection", "close") }
        self.home.node.metrics.replied(head.status)
        self.output.begin(head, delimiter, hasBody: self.repliesHaveBodies)
    }

    func proceed() {
        self.output.proceed()
        self.flush()
    }

    func write(_ bytes: ByteBuffer) {
        guard let context = self.context else { return }
        self.output.add(bytes, to: context)
    }

    func flush() {
        guard let context = self.context else { return }
        self.output.flush(to: context)
    }

    func endReply(isWholeRequestRead: Bool) {
        guard let context = self.context else { return }
        self.driver = nil
        self.phase = .idle(since: self.home.now)
        guard self.closesAfterReply else {
            self.output.end(to: context, promise: nil)
            self.takeRequests()
            self.readOn()
            return
        }
        // Closing with unread bytes would reset the connection and could take the reply with it.
        self.closeOnceWritten(isWholeRequestRead ? .all : .output)
    }

    /// Closes when the socket has taken all that was written: a slow reader is not an idle one.
    private func closeOnceWritten(_ mode: CloseMode) {
        guard let context = self.context else { return }
        self.phase = .lingering(since: self.home.now)
        self.isUntaken = true
        let written = context.eventLoop.makePromise(of: Void.self)
        self.output.end(to: context, promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.isUntaken = false
            guard case .lingering = self.phase else { return }
            self.phase = .lingering(since: self.home.now)
            self.context?.close(mode: mode, promise: nil)
        }
        self.readOn()
    }

    /// Closes without another byte.
    func cut() {
        self.phase = .closed
        guard let context = self.context else { return }
        guard self.output.endsWithConnection else { return context.close(promise: nil) }
        self.reset(context)
    }

    /// A clean end would make a reply whole that is not: neither TCP's nor TLS's is sent.
    private func reset(_ context: ChannelHandlerContext) {
        self.resetOnClose()
        do {
            try context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self).close(promise: nil)
        } catch {
            context.close(promise: nil)  // there is no TLS here
        }
    }

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
        if case .idle = self.phase { self.closeOnceWritten(.all) }
    }

    func closeIfOverdue(at now: Tick) {
        switch self.phase {
        case .idle(let since):
            if now >= since.advanced(milliseconds: TrafficLoop.idleMilliseconds) { self.closeOnceWritten(.all) }
        case .lingering(let since):
            let patience = self.isUntaken ? TrafficLoop.untakenMilliseconds : TrafficLoop.lingerMilliseconds
            if now >= since.advanced(milliseconds: patience) { self.cut() }
        case .busy, .closed: break
        }
    }

    // MARK: - Requests

    /// Takes what has been read, up to the end of a request whose reply is still to come.
    private func takeRequests() {
        guard !self.isTaking else { return }
        self.isTaking = true
        defer { self.isTaking = false }
        while self.mayTake {
            do throws(HTTP1Flaw) {
                guard let part = try self.reader.next() else { return }
                self.take(part)
            } catch {
                self.refuse(error)
            }
        }
    }

    private var mayTake: Bool {
        switch self.phase {
        // A caller that sends requests and reads no replies must not fill the memory with them.
        case .idle: self.context?.channel.isWritable ?? false
        case .busy: !self.isRequestRead
        case .lingering, .closed: false
        }
    }

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
        if !head.keepsAlive { self.closesAfterReply = true }
        if let channel = self.context?.channel, !channel.isWritable { driver.clientBecame(isWritable: false) }
        driver.arrive(head)
    }

    /// Asks for more where it can be used. While a reply is awaited the socket is read on until something comes: to
    /// stop and begin again would cost two system calls a request.
    private func readOn() {
        switch self.phase {
        case .idle: if self.context?.channel.isWritable == true { self.read() }
        case .busy: if !self.isRequestRead || self.reader.pendingBytes == 0 { self.read() }
        case .lingering: self.read()
        case .closed: break
        }
    }

    private func read() {
        guard !self.isReading else { return }
        self.isReading = true
        self.context?.read()
    }

    private func gone() {
        self.phase = .closed
        let driver = self.driver
        self.driver = nil
        driver?.clientLeft()
        self.home.closed(self)
    }

    /// Bytes that are no request: told so once, and then the connection ends, because nobody knows where the next
    /// request would begin.
    private func refuse(_ flaw: HTTP1Flaw) {
        let driver = self.driver
        self.driver = nil
        driver?.clientLeft()
        let error = ErrorBody(flaw.fault)
        var head = ReplyHead(status: error.status)
        if let id = self.home.makeID(at: self.home.node.wallClock()) { head.fields.add(id) }
        for header in error.headers { head.fields.add(header.name, header.value) }
        head.fields.add("content-length", String(error.body.readableBytes))
        self.closesAfterReply = true
        self.repliesHaveBodies = true
        self.begin(head)
        self.write(error.body)
        self.endReply(isWholeRequestRead: false)
    }
}
