import Domain
import Logging
import NIOCore
import NIOEmbedded
import Platform
import Testing

@testable import DataPlane

@Suite struct ClientConnectionTests {
    private let loop = EmbeddedEventLoop()

    /// A connection whose request has been answered; `closes` says that the caller asked for its end.
    private func answered(_ socket: SlowSocket?, closes: Bool = false) throws -> EmbeddedChannel {
        let home = TrafficLoop(index: 0, loop: self.loop, node: Self.node(), connector: NoConnector())
        let handlers: [(any ChannelHandler)?] = [socket, ClientConnection(on: home)]
        let channel = EmbeddedChannel(handlers: handlers.compactMap { $0 }, loop: self.loop)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/nowhere"), promise: nil)
        let more = closes ? "connection: close\r\n" : ""
        try channel.writeInbound(ByteBuffer(string: "GET /x HTTP/1.1\r\nhost: node\r\n\(more)\r\n"))
        return channel
    }

    @Test func `a connection at rest is closed after its time`() throws {
        let channel = try self.answered(nil)
        self.loop.advanceTime(by: .seconds(74))
        #expect(channel.isActive)
        self.loop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func `no connection is closed while the socket has not taken its reply`() throws {
        for closes in [false, true] {
            let socket = SlowSocket()
            let channel = try self.answered(socket, closes: closes)
            self.loop.advanceTime(by: .seconds(290))
            #expect(channel.isActive, "the caller is slow, not gone")
            #expect(socket.untaken.count == 1)
            socket.take()
            #expect(!channel.isActive)
        }
    }

    @Test func `a reply that nobody ever takes is cut in the end`() throws {
        let channel = try self.answered(SlowSocket())
        self.loop.advanceTime(by: .seconds(300))
        #expect(channel.isActive)
        self.loop.advanceTime(by: .seconds(78))
        #expect(!channel.isActive)
    }

    private static func node() -> NodeTraffic {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return NodeTraffic(
            snapshots: SnapshotHolder(nil),
            credentials: FixedCredentials(),
            recorder: KeepingRecorder(),
            leases: Leases(bell: Bell()),
            readiness: Readiness(),
            metrics: MetricRegistry(),
            logger: logger,
            wallClock: { Timestamp(unixMilliseconds: 0) }
        )
    }
}

/// Takes a reply's last bytes only when it is told to.
private final class SlowSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var untaken: [EventLoopPromise<Void>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let promise { self.untaken.append(promise) }
    }

    func take() {
        for promise in self.untaken { promise.succeed(()) }
        self.untaken = []
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        for promise in self.untaken { promise.fail(ChannelError.ioOnClosedChannel) }
        self.untaken = []
        context.close(mode: mode, promise: promise)
    }
}

private struct NoConnector: UpstreamConnector {
    func connect(_ connection: UpstreamConnection, timeoutMilliseconds: Int64, on loop: any EventLoop) {}
}
