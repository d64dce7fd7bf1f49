internal import Domain
internal import Logging
internal import NIOCore
internal import Platform

/// Runs one exchange: what channels say becomes the machine's events, and its actions become calls. No policy is here.
///
/// Lives on one event loop. It outlives its client where an answer is read on for its token count.
final class ExchangeDriver: UpstreamListener {
    private var exchange: LiveExchange
    private var actions: ExchangeActions = []
    private var isRunning = false
    private let home: TrafficLoop
    private var client: ClientConnection?
    private var upstream: UpstreamConnection?
    private var mark: AttemptMark?
    /// Its place in the line of those who wait for money.
    private var ticket: UInt64?
    /// Whose place it has.
    private var application: ApplicationID?
    private var isAbandoned = false
    /// What is held of the request and of the reply, in the node's memory for both.
    private var requestBytes = 0
    private var replyBytes = 0
    /// When the machine wants to be woken; the loop looks.
    private var due: Tick?

    init(_ exchange: consuming LiveExchange, on home: TrafficLoop, for client: ClientConnection) {
        self.exchange = exchange
        self.home = home
        self.client = client
    }

    // MARK: - From the client

    func arrive(_ head: RequestHead) {
        let now = self.home.now
        self.handle { exchange, out in exchange.arrive(head, at: now, &out) }
    }

    func receive(_ bytes: ByteBuffer) {
        let now = self.home.now
        guard self.exchange.phase == .collecting else {
            return self.handle { exchange, out in exchange.received(bytes, at: now, &out) }
        }
        if let lack = self.hold(bytes.readableBytes) {
            return self.handle { exchange, out in exchange.foundNo(lack, at: now, &out) }
        }
        self.handle { exchange, out in exchange.received(bytes, at: now, &out) }
    }

    /// Nil where the node has room for so much more of the request.
    private func hold(_ bytes: Int) -> Lack? {
        guard let application = self.application else { return .places }  // a request that is collected has one
        if let lack = self.home.places.hold(bytes, of: application) { return lack }
        guard self.home.node.bodies.take(bytes) else {
            self.home.places.letGo(bytes, of: application)
            return .memory
        }
        self.requestBytes += bytes
        return nil
    }

    func receivedAll() {
        let now = self.home.now
        self.handle { exchange, out in exchange.receivedAll(at: now, &out) }
    }

    func clientBecame(isWritable: Bool) {
        let now = self.home.now
        self.handle { exchange, out in exchange.clientBecame(isWritable: isWritable, at: now, &out) }
    }

    func clientLeft() {
        self.client = nil
        let now = self.home.now
        let mayDrain = self.application.map { self.home.places.abandon($0) } ?? true
        self.isAbandoned = mayDrain
        self.handle { exchange, out in exchange.clientLeft(mayDrain: mayDrain, at: now, &out) }
    }

    // MARK: - From the provider

    func upstreamOpened(_ connection: UpstreamConnection) { self.opened(connection) }

    func upstreamFailed(_ failure: ConnectFailure) {
        self.upstream = nil
        let now = self.home.now
        self.handle { exchange, out in exchange.upstreamFailed(failure, at: now, &out) }
    }

    func upstreamReplied(_ part: ReplyPart) {
        let now = self.home.now
        switch part {
        case .head(let head): self.handle { exchange, out in exchange.replied(head, at: now, &out) }
        case .body(let bytes):
            self.handle { exchange, out in exchange.replied(bytes, at: now, &out) }
            if !self.accountForReply() { self.handle { exchange, out in exchange.foundNo(.memory, at: now, &out) } }
        case .end: self.handle { exchange, out in exchange.repliedAll(at: now, &out) }
        }
    }

    /// False where what is held of the reply has no room in the node's memory. It was held all the same until here: no
    /// more than one read too much.
    private func accountForReply() -> Bool {
        let held = self.exchange.replyBytesHeld
        guard held > self.replyBytes else {
            self.home.node.bodies.give(back: self.replyBytes - held)
            self.replyBytes = held
            return true
        }
        guard self.home.node.bodies.take(held - self.replyBytes) else {
            self.dropReply()
            return false
        }
        self.replyBytes = held
        return true
    }

    func upstreamPaused() { self.handle { exchange, out in exchange.upstreamPaused(&out) } }

    func upstreamBroke(isSilent: Bool) {
        self.upstream = nil
        let now = self.home.now
        self.handle { exchange, out in exchange.upstreamBroke(isSilent: isSilent, at: now, &out) }
    }

    // MARK: - From the clock and the node

    func wakeIfDue(at now: Tick) {
        guard let due = self.due, due <= now else { return }
        self.due = nil
        self.handle { exchange, out in exchange.woke(at: now, &out) }
    }

    func stop() {
        let now = self.home.now
        self.handle { exchange, out in exchange.stop(at: now, &out) }
    }

    // MARK: - Actions

    /// An action may lead to an event at once: what follows from that is queued behind what is already to be done.
    private func handle(_ event: (inout LiveExchange, inout ExchangeActions) -> Void) {
        event(&self.exchange, &self.actions)
        guard !self.isRunning else { return }
        self.isRunning = true
        var next = 0
        while next < self.actions.count {
            // Taken out, not copied: a head or an event in it is counted no further.
            let action = Swift.exchange(&self.actions[next], with: .flush)
            next += 1
            self.run(action)
        }
        self.actions.removeAll(keepingCapacity: true)
        self.isRunning = false
    }

    private func run(_ action: ExchangeAction) {
        switch action {
        case .replyHead(let head): self.client?.begin(head)
        case .replyBody(let bytes): self.client?.write(bytes)
        case .replyEnd(let isWholeRequestRead):
            let client = self.client
            self.client = nil
            client?.endReply(isWholeRequestRead: isWholeRequestRead)
        case .flush: self.client?.flush()
        case .cutReply: self.client?.cut()
        case .reserve(let claims): self.reserve(claims)
        case .reserveMore(let claims): self.reserveMore(claims)
        case .connect(let endpoint, let wanted, let milliseconds): self.connect(endpoint, wanted, milliseconds)
        case .send(let head, let body): self.upstream?.send(head, body: body)
        case .readUpstream: self.upstream?.read()
        case .giveBackUpstream:
            let upstream = self.upstream
            self.upstream = nil
            upstream?.giveBack()
        case .closeUpstream:
            let upstream = self.upstream
            self.upstream = nil
            upstream?.close()
        case .begin(let event):
            self.mark = self.home.node.recorder.begin(event, onLoop: self.home.index)
            self.home.node.metrics.began(event)
        case .end(let event): self.end(event)
        case .grow(let event): if let mark = self.mark { self.home.node.recorder.grow(mark, event) }
        case .deny(let event):
            self.home.node.recorder.deny(event)
            self.home.node.metrics.denied(event)
        case .occupy(let application, let invites): self.occupy(application, invites: invites)
        case .dropBody: self.dropBody()
        case .wake(let tick): self.due = min(tick, self.due ?? tick)
        case .settled: self.settled()
        }
    }

    private func reserve(_ claims: [Purse.Claim]) {
        self.leaveLine()
        let isHard = claims.contains { $0.safeRate == nil }
        guard !isHard || self.home.node.recorder.isProving(onLoop: self.home.index) else {
            let now = self.home.now
            return self.handle { exchange, out in exchange.foundUnaffordable(.unproved, at: now, &out) }
        }
        let leases = self.home.node.leases
        let admitted = self.exchange.origin.admitted
        let answer = leases.hold(claims, admitted: admitted)
        guard case .short = answer else { return self.heard(answer) }
        self.wait(for: claims) { $0.heard($1) }
        if self.ticket == nil { self.heard(.short) }
    }

    /// The stream goes on meanwhile.
    private func reserveMore(_ claims: [Purse.Claim]) {
        self.wait(for: claims) { driver, answer in
            guard case .held(let hold) = answer else { return }
            let (now, leases) = (driver.home.now, driver.home.node.leases)
            driver.handle { exchange, out in exchange.reservedMore(Reservation(hold, of: leases), at: now, &out) }
        }
    }

    /// An exchange has one place in the line: one that it still had is left.
    private func wait(
        for claims: [Purse.Claim],
        _ heard: @escaping @Sendable (ExchangeDriver, Purse.Answer) -> Void
    ) {
        self.leaveLine()
        let bound = NIOLoopBound(self, eventLoop: self.home.loop)
        let loop = self.home.loop
        let leases = self.home.node.leases
        self.ticket = leases.wait(for: claims, admitted: self.exchange.origin.admitted) { ticket, answer in
            loop.execute {
                guard bound.value.ticket == ticket else {
                    // It has left meanwhile: what comes too late goes back.
                    if case .held(let hold) = answer { Reservation(hold, of: leases).void() }
                    return
                }
                bound.value.ticket = nil
                heard(bound.value, answer)
            }
        }
    }

    private func leaveLine() {
        if let ticket = self.ticket.take() { self.home.node.leases.leave(ticket) }
    }

    private func heard(_ answer: Purse.Answer) {
        let now = self.home.now
        switch answer {
        case .held(let hold):
            let leases = self.home.node.leases
            self.handle { exchange, out in exchange.reserved(Reservation(hold, of: leases), at: now, &out) }
        case .beyond(let budget):
            self.handle { exchange, out in exchange.foundUnaffordable(.exceeded(budget), at: now, &out) }
        case .short: self.handle { exchange, out in exchange.foundUnaffordable(.uncovered, at: now, &out) }
        }
    }

    private func connect(_ endpoint: Endpoint, _ wanted: ConnectionPool.Wanted, _ milliseconds: Int64) {
        self.upstream = nil
        let lent = self.home.upstreams.lend(wanted, to: endpoint, connectMilliseconds: milliseconds, for: self)
        switch lent {
        case .open(let connection): self.opened(connection)
        case .opening(let connection):
            self.home.node.metrics.upstreamConnects.increment()
            // A connection that failed at once has told so already.
            if connection.isWanted { self.upstream = connection }
        case .refused: self.upstreamFailed(.tooMany)
        }
    }

    private func opened(_ connection: UpstreamConnection) {
        self.upstream = connection
        let now = self.home.now
        let isReused = connection.isUsed
        self.handle { exchange, out in exchange.upstreamOpened(isReused: isReused, at: now, &out) }
    }

    private func end(_ event: UsageEvent) {
        guard let mark = self.mark else { return }
        self.mark = nil
        self.home.node.recorder.end(mark, event)
        self.home.node.metrics.ended(event)
        self.home.node.logger.debug(
            "attempt ended",
            metadata: [
                "exchange.id": "\(event.exchange)", "attempt": "\(event.attempt)",
                "outcome": "\(event.outcome.rawValue)",
                "model": "\(event.target.model.map(\.text) ?? "")", "snapshot": "\(event.snapshot)",
            ]
        )
    }

    private func occupy(_ application: ApplicationID, invites: Bool) {
        guard let lack = self.home.occupy(application) else {
            self.application = application
            if invites { self.client?.proceed() }
            return
        }
        let now = self.home.now
        self.handle { exchange, out in exchange.foundNo(lack, at: now, &out) }
    }

    private func dropBody() {
        guard self.requestBytes > 0 else { return }
        self.home.node.bodies.give(back: self.requestBytes)
        if let application = self.application { self.home.places.letGo(self.requestBytes, of: application) }
        self.requestBytes = 0
    }

    private func dropReply() {
        self.home.node.bodies.give(back: self.replyBytes)
        self.replyBytes = 0
    }

    private func settled() {
        self.dropBody()
        self.dropReply()
        self.due = nil
        self.leaveLine()
        if let application = self.application.take() {
            self.home.places.leave(application, wasAbandoned: self.isAbandoned)
        }
        self.home.ended(self)
    }
}
