import Dialects
import Domain
import NIOCore
import Testing

@testable import DataPlane

/// Drives one `LiveExchange` without a socket and a clock, and holds it to what always holds, after every event.
final class ExchangeBench {
    enum Upstream: Hashable {
        case none
        case connecting
        case open
    }

    var exchange: LiveExchange
    var now = Tick(nanoseconds: 1_000_000_000)
    private(set) var head: ReplyHead?
    private(set) var body = ""
    private(set) var hasEnded = false
    private(set) var wasCut = false
    private(set) var closesConnection = false
    private(set) var proceeds = 0
    private(set) var sent: [(head: RequestHead, body: String)] = []
    private(set) var connects: [(endpoint: Endpoint, wanted: ConnectionPool.Wanted)] = []
    private(set) var begun: [UsageEvent] = []
    private(set) var ended: [UsageEvent] = []
    private(set) var grown: [UsageEvent] = []
    private(set) var denied: [UsageEvent] = []
    private(set) var settledCount = 0
    private(set) var upstream = Upstream.none
    private(set) var reads = 0
    private(set) var wakes: [Tick] = []
    private(set) var droppedBody = false
    private(set) var occupied: ApplicationID?
    private(set) var flushes = 0
    private(set) var claims: [[Purse.Claim]] = []
    let keeper = KeptReservations()
    let gate = ScriptedGate()
    private(set) var isWaitingForMore = false
    private var holds = 0
    var clientIsGone = false

    init(
        _ snapshot: Snapshot?,
        credentials: FixedCredentials = .init(),
        bounds: ExchangeBounds = .init(),
        lookup: ApplicationLookup = ApplicationLookup(KnownTokens(JSONReader()))
    ) throws {
        let origin = LiveExchange.Origin(
            id: try #require(ID("01exchange")),
            admitted: Timestamp(unixMilliseconds: 1_800_000_000_000),
            arrived: self.now,
            snapshot: snapshot
        )
        let rules = ExchangeRules(credentials: credentials, limits: self.gate, bounds: bounds)
        self.exchange = LiveExchange(origin, rules, reader: JSONReader(), lookup: lookup)
    }

    // MARK: - Events

    func arrive(
        _ method: String = "POST",
        _ target: String = "/v1/chat/completions",
        _ fields: Fields = ["authorization": "Bearer \(goodKey)"],
        takesChunks: Bool = true
    ) {
        var head = RequestHead(method: method, target: target, fields: fields)
        head.takesChunks = takesChunks
        self.act { $0.arrive(head, at: self.now, &$1) }
    }

    func body(_ text: String) { self.act { $0.received(ByteBuffer(string: text), at: self.now, &$1) } }

    func end() { self.act { $0.receivedAll(at: self.now, &$1) } }

    /// A whole request at once.
    func request(_ text: String, _ fields: Fields = ["authorization": "Bearer \(goodKey)"]) {
        self.arrive("POST", "/v1/chat/completions", fields)
        self.body(text)
        self.end()
    }

    /// What it asked for last is held.
    func reserved() {
        self.holds += 1
        self.act { $0.reserved(self.held(), at: self.now, &$1) }
    }

    func reservedMore() {
        self.isWaitingForMore = false
        self.act { $0.reservedMore(self.held(), at: self.now, &$1) }
    }

    private func held() -> Reservation {
        let parts = (self.claims.last ?? []).enumerated().map { index, claim in
            Purse.Hold.Part(
                account: BudgetAccount(budget: claim.key.budget, unit: claim.key.unit, window: .ever),
                lease: UInt64(index) + 1,
                amount: claim.amount
            )
        }
        return Reservation(Purse.Hold(parts: parts), of: self.keeper)
    }

    func unaffordable(_ why: LiveExchange.Unaffordable) { self.act { $0.foundUnaffordable(why, at: self.now, &$1) } }

    func opened(isReused: Bool = false) {
        self.upstream = .open
        self.act { $0.upstreamOpened(isReused: isReused, at: self.now, &$1) }
    }

    func connectFailed(_ failure: ConnectFailure = .unreachable) {
        self.upstream = .none
        self.act { $0.upstreamFailed(failure, at: self.now, &$1) }
    }

    func replied(_ status: Int, _ fields: Fields = [:], isDelimited: Bool = true) {
        let head = ReplyHead(status: status, fields: fields, isDelimited: isDelimited)
        self.act { $0.replied(head, at: self.now, &$1) }
    }

    func repliedStream() { self.replied(200, ["content-type": "text/event-stream; charset=utf-8"]) }

    func repliedBody(_ text: String) { self.act { $0.replied(ByteBuffer(string: text), at: self.now, &$1) } }

    func repliedEnd() { self.act { $0.repliedAll(at: self.now, &$1) } }

    func broke(isSilent: Bool = true) {
        self.upstream = .none
        self.act { $0.upstreamBroke(isSilent: isSilent, at: self.now, &$1) }
    }

    func paused() { self.act { $0.upstreamPaused(&$1) } }

    func writable(_ isWritable: Bool) { self.act { $0.clientBecame(isWritable: isWritable, at: self.now, &$1) } }

    func hangUp(mayDrain: Bool = true) {
        self.clientIsGone = true
        self.act { $0.clientLeft(mayDrain: mayDrain, at: self.now, &$1) }
    }

    func wake(afterMilliseconds milliseconds: Int64) {
        self.now = self.now.advanced(milliseconds: milliseconds)
        self.act { $0.woke(at: self.now, &$1) }
    }

    func stop() { self.act { $0.stop(at: self.now, &$1) } }

    func foundNo(_ lack: Lack) { self.act { $0.foundNo(lack, at: self.now, &$1) } }

    // MARK: - What always holds

    private func act(_ event: (inout LiveExchange, inout ExchangeActions) -> Void) {
        var out: ExchangeActions = []
        event(&self.exchange, &out)
        for action in out { self.run(action) }
    }

    private func run(_ action: ExchangeAction) {
        #expect(self.settledCount == 0, "\(action) follows the end")
        switch action {
        case .replyHead(let head):
            #expect(self.head == nil && !self.clientIsGone, "a second answer, or one for nobody")
            self.head = head
        case .replyBody(let bytes):
            #expect(self.head != nil && !self.hasEnded && !self.wasCut && !self.clientIsGone)
            self.body += String(buffer: bytes)
        case .replyEnd(let isWholeRequestRead):
            #expect(self.head != nil && !self.hasEnded && !self.wasCut && !self.clientIsGone)
            self.hasEnded = true
            self.closesConnection = !isWholeRequestRead
        case .flush: self.flushes += 1
        case .cutReply:
            #expect(self.head != nil && !self.hasEnded && !self.clientIsGone)
            self.wasCut = true
        case .reserve(let claims):
            #expect(self.upstream == .none && !claims.isEmpty)
            self.claims.append(claims)
        case .reserveMore(let claims):
            self.claims.append(claims)
            self.isWaitingForMore = true
        case .grow(let event):
            #expect(self.begun.count == self.ended.count + 1)
            self.grown.append(event)
        case .connect(let endpoint, let wanted, _):
            #expect(self.upstream == .none)
            self.upstream = .connecting
            self.connects.append((endpoint, wanted))
        case .send(let head, let body):
            #expect(self.upstream == .open)
            #expect(self.begun.count == self.ended.count + 1, "the recorder hears of an attempt before it is sent")
            self.sent.append((head, body.map { String(buffer: $0) }.joined()))
        case .readUpstream:
            #expect(self.upstream == .open)
            self.reads += 1
        case .giveBackUpstream, .closeUpstream:
            #expect(self.upstream != .none)
            self.upstream = .none
        case .begin(let event):
            #expect(self.begun.count == self.ended.count)
            self.begun.append(event)
        case .end(let event):
            #expect(self.begun.count == self.ended.count + 1)
            #expect(self.ended.allSatisfy { !$0.isLast }, "an attempt follows the last one")
            self.ended.append(event)
        case .deny(let event): self.denied.append(event)
        case .occupy(let key, let invites):
            if invites { self.proceeds += 1 }
            #expect(self.occupied == nil, "an exchange has one place")
            self.occupied = key
        case .dropBody: self.droppedBody = true
        case .wake(let tick): self.wakes.append(tick)
        case .settled:
            self.settledCount += 1
            #expect(self.upstream == .none, "a connection is left behind")
        }
    }

    /// To be called when nothing more can come: the sums are right.
    func checkSettled(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.settledCount == 1, sourceLocation: sourceLocation)
        #expect(self.exchange.phase == .settled, sourceLocation: sourceLocation)
        #expect(self.begun.count == self.ended.count, sourceLocation: sourceLocation)
        if !self.ended.isEmpty {
            #expect(self.ended.filter(\.isLast).count == 1, sourceLocation: sourceLocation)
            #expect(self.ended.last?.isLast == true, sourceLocation: sourceLocation)
            #expect(
                self.ended.map(\.attempt) == (1...UInt32(self.ended.count)).map { $0 },
                sourceLocation: sourceLocation
            )
        }
        #expect(self.keeper.dropped == 0 && self.keeper.settled.count >= self.holds, sourceLocation: sourceLocation)
        #expect(self.gate.isWhole, "a pass is left behind", sourceLocation: sourceLocation)
        #expect(self.ended.isEmpty || self.denied.isEmpty, sourceLocation: sourceLocation)
        if !self.clientIsGone {
            #expect(self.head != nil && self.hasEnded != self.wasCut, sourceLocation: sourceLocation)
        }
    }

    /// A client would take this for a whole answer of a model.
    var looksWhole: Bool {
        guard self.head?.status == 200, self.hasEnded, !self.wasCut else { return false }
        let isStream = self.head?.fields["content-type"]?.hasPrefix("text/event-stream") == true
        return isStream ? self.body.contains("[DONE]") || !self.body.contains(#""error""#) : true
    }
}

extension Fields: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { self.add(name, value) }
    }
}

extension BudgetWindow {
    static let ever = BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil)
}
