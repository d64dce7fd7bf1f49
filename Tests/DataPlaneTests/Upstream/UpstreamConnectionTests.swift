import NIOCore
import NIOEmbedded
import Testing

@testable import DataPlane

/// What a connection does between exchanges, where nobody listens to what its provider says.
@Suite struct UpstreamConnectionTests {
    private let loop = EmbeddedEventLoop()

    @Test func `a byte that nobody asked for ends an idle connection, even if it is not yet a message`() throws {
        for surplus in [
            "H", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        ] {
            let connector = EmbeddedConnector(on: self.loop)
            let pool = UpstreamPool(on: self.loop, connector: connector)
            let first = try connector.answered(pool, endpoint: .plain)
            try first.writeInbound(ByteBuffer(string: surplus))
            #expect(!first.isActive, "\(surplus)")
            let next = Asker()
            guard case .opening = pool.lend(.any, to: .plain, connectMilliseconds: 1_000, for: next) else {
                Issue.record("the poisoned connection was lent again")
                continue
            }
            #expect(connector.channels.count == 2)
        }
    }

    @Test func `a connection that ends late takes none that came after it out of the pool`() throws {
        let connector = EmbeddedConnector(on: self.loop)
        let pool = UpstreamPool(on: self.loop, connector: connector, bounds: .init(connectionsMax: 1))
        let first = try connector.answered(pool, endpoint: .plain, isSlowToClose: true)
        // All of the endpoint's connections are idle and too old: its pool is dropped, while the first still closes.
        pool.closeIdle()
        let second = Asker()
        guard case .opening = pool.lend(.any, to: .plain, connectMilliseconds: 1_000, for: second) else {
            Issue.record("an idle connection that was closed still counts")
            return
        }
        try connector.connect()
        first.pipeline.fireChannelInactive()
        let third = Asker()
        guard case .refused = pool.lend(.any, to: .plain, connectMilliseconds: 1_000, for: third) else {
            Issue.record("the second connection is not counted any more")
            return
        }
    }

    @Test func `a handshake that nobody waits for is not begun`() throws {
        let connector = EmbeddedConnector(on: self.loop)
        let pool = UpstreamPool(on: self.loop, connector: connector, bounds: .init(connectionsMax: 1))
        let asker = Asker()
        guard case .opening(let connection) = pool.lend(.any, to: .secure, connectMilliseconds: 1_000, for: asker)
        else {
            Issue.record("no connection")
            return
        }
        connection.close()
        try connector.connect()
        #expect(connector.channels.last?.isActive == false)
        guard case .opening = pool.lend(.any, to: .secure, connectMilliseconds: 1_000, for: asker) else {
            Issue.record("the abandoned connection still counts")
            return
        }
    }

    @Test func `whether a provider has begun to answer is told when its connection breaks`() throws {
        for (bytes, isSilent) in [("", true), ("HTTP/1.1 1", false), ("HTTP/1.1 100 Continue\r\n\r\n", false)] {
            let connector = EmbeddedConnector(on: self.loop)
            let pool = UpstreamPool(on: self.loop, connector: connector)
            let channel = try connector.answered(pool, endpoint: .plain)
            let asker = Asker()
            guard case .open(let connection) = pool.lend(.any, to: .plain, connectMilliseconds: 1_000, for: asker)
            else {
                Issue.record("no connection")
                continue
            }
            connection.send(RequestHead(method: "POST", target: "/"), body: [])
            if !bytes.isEmpty { try channel.writeInbound(ByteBuffer(string: bytes)) }
            channel.close(promise: nil)
            #expect(asker.broke == [isSilent], "\(bytes)")
        }
    }
}

extension Endpoint {
    fileprivate static let plain = Endpoint(host: "provider.test", port: 80, isTLS: false)
    fileprivate static let secure = Endpoint(host: "provider.test", port: 443, isTLS: true)
}

/// Takes whatever comes.
private final class Asker: UpstreamListener {
    private(set) var ends = 0
    private(set) var broke: [Bool] = []
    private(set) var opened: UpstreamConnection?

    func upstreamOpened(_ connection: UpstreamConnection) { self.opened = connection }
    func upstreamFailed(_ failure: ConnectFailure) {}
    func upstreamReplied(_ part: ReplyPart) { if case .end = part { self.ends += 1 } }
    func upstreamPaused() {}
    func upstreamBroke(isSilent: Bool) { self.broke.append(isSilent) }
}

/// Channels without sockets, connected when a test says so.
private struct EmbeddedConnector: UpstreamConnector {
    private struct State {
        var channels: [EmbeddedChannel] = []
        var waiting: [UpstreamConnection] = []
    }

    private let loop: EmbeddedEventLoop
    private let state: NIOLoopBoundBox<State>

    init(on loop: EmbeddedEventLoop) {
        self.loop = loop
        self.state = NIOLoopBoundBox(State(), eventLoop: loop)
    }

    var channels: [EmbeddedChannel] { self.state.value.channels }

    func connect(_ connection: UpstreamConnection, timeoutMilliseconds: Int64, on loop: any EventLoop) {
        self.state.value.channels.append(EmbeddedChannel(loop: self.loop))
        self.state.value.waiting.append(connection)
    }

    func connect(isSlowToClose: Bool = false) throws {
        let channel = try #require(self.channels.last)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        if isSlowToClose { try channel.pipeline.syncOperations.addHandler(SlowToClose()) }
        try channel.pipeline.syncOperations.addHandler(self.state.value.waiting.removeLast())
    }

    /// A connection that has served one exchange and lies idle.
    func answered(_ pool: UpstreamPool, endpoint: Endpoint, isSlowToClose: Bool = false) throws -> EmbeddedChannel {
        let asker = Asker()
        _ = pool.lend(.any, to: endpoint, connectMilliseconds: 1_000, for: asker)
        try self.connect(isSlowToClose: isSlowToClose)
        let connection = try #require(asker.opened)
        connection.send(RequestHead(method: "POST", target: "/"), body: [])
        let channel = try #require(self.channels.last)
        try channel.writeInbound(ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"))
        #expect(asker.ends == 1)
        connection.giveBack()
        return channel
    }
}

/// As TLS, which waits for its peer's good-bye.
private final class SlowToClose: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {}
}
