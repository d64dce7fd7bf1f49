import Domain
import Logging
import NIOCore
import NIOEmbedded
import Platform
import Testing

@testable import DataPlane

@Suite struct ClientConnectionTests {
    @Test func `patience begins when the socket has taken the reply, not when it was queued`() throws {
        for closes in [false, true] {
            let socket = SlowSocket()
            let loop = EmbeddedEventLoop()
            let home = TrafficLoop(index: 0, loop: loop, node: Self.node(), connector: NoConnector())
            let channel = EmbeddedChannel(handlers: [socket, ClientConnection(on: home)], loop: loop)
            channel.connect(to: try SocketAddress(unixDomainSocketPath: "/nowhere"), promise: nil)
            let more = closes ? "connection: close\r\n" : ""
            try channel.writeInbound(ByteBuffer(string: "GET /x HTTP/1.1\r\nhost: node\r\n\(more)\r\n"))
            #expect(socket.untaken.count == 1)
            loop.advanceTime(by: .seconds(300))
            #expect(channel.isActive, "the caller is slow, not gone")
            socket.take()
            #expect(channel.isActive != closes)
            guard !closes else { continue }
            loop.advanceTime(by: .seconds(74))
            #expect(channel.isActive)
            loop.advanceTime(by: .seconds(2))
            #expect(!channel.isActive)
        }
    }

    @Test func `a reply that nobody ever takes is cut in the end`() throws {
        let loop = EmbeddedEventLoop()
        let home = TrafficLoop(index: 0, loop: loop, node: Self.node(), connector: NoConnector())
        let channel = EmbeddedChannel(handlers: [SlowSocket(), ClientConnection(on: home)], loop: loop)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/nowhere"), promise: nil)
        try channel.writeInbound(ByteBuffer(string: "GET /x HTTP/1.1\r\nhost: node\r\n\r\n"))
        loop.advanceTime(by: .seconds(1_802))
        #expect(!channel.isActive)
    }

    private static func node() -> NodeTraffic {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return NodeTraffic(
            snapshots: SnapshotHolder(nil),
            credentials: FixedCredentials(),
            recorder: KeepingRecorder(),
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
