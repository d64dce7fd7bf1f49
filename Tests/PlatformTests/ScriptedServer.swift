import NIOCore
import NIOPosix
import NIOSSL
import Platform
import Synchronization

/// A server on a real socket that does to each request what a test says, byte by byte: also what no HTTP library
/// would let it do.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(String)
        case sendBytes(Int)
        case close
        /// Nothing more; the connection stays open.
        case hang
    }

    /// What came in, and how many connections there have been.
    struct Seen: Sendable {
        var requests: [String] = []
        var connections = 0
        var closed = 0
    }

    let port: Int
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let seen = Mutex(Seen())
    }

    init(
        tls: ServerCertificate? = nil,
        unixSocket: String? = nil,
        _ script: @escaping @Sendable (String) -> [Step]
    ) async throws {
        let log = Log()
        let context = try tls.map { try NIOSSLContext(configuration: $0.configuration(protocols: ["http/1.1"])) }
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(log, script))
                }
            }
        self.channel =
            if let unixSocket {
                try await bootstrap.bind(unixDomainSocketPath: unixSocket).get()
            } else {
                try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            }
        self.port = self.channel.localAddress?.port ?? 0
        self.log = log
    }

    var seen: Seen { self.log.seen.withLock { $0 } }

    func url(_ path: String = "/", scheme: String = "http") -> String { "\(scheme)://127.0.0.1:\(self.port)\(path)" }

    func close() async throws { try await self.channel.close() }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: ScriptedServer.Log
    private let script: @Sendable (String) -> [ScriptedServer.Step]
    private var received = ""

    init(_ log: ScriptedServer.Log, _ script: @escaping @Sendable (String) -> [ScriptedServer.Step]) {
        self.log = log
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) { self.log.seen.withLock { $0.connections += 1 } }

    func channelInactive(context: ChannelHandlerContext) { self.log.seen.withLock { $0.closed += 1 } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received += String(buffer: self.unwrapInboundIn(data))
        while let request = self.nextRequest() {
            self.log.seen.withLock { $0.requests.append(request) }
            for step in self.script(request) {
                switch step {
                case .send(let text): context.write(self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .sendBytes(let count):
                    context.write(self.wrapOutboundOut(ByteBuffer(repeating: 0x61, count: count)), promise: nil)
                case .close:
                    context.flush()
                    context.close(promise: nil)
                case .hang: break
                }
            }
            context.flush()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// A head and as much body as its content-length says, once it is all here.
    private func nextRequest() -> String? {
        guard let end = self.received.range(of: "\r\n\r\n") else { return nil }
        let head = self.received[..<end.lowerBound]
        let length =
            head.split(separator: "\r\n").compactMap { line -> Int? in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
                return Int(parts[1].drop { $0 == " " })
            }.first ?? 0
        guard self.received[end.upperBound...].utf8.count >= length else { return nil }
        let stop = self.received.utf8.index(end.upperBound, offsetBy: length)
        defer { self.received = String(self.received[stop...]) }
        return String(self.received[..<stop])
    }
}

extension StringProtocol {
    /// Where `text` stands first, without Foundation.
    fileprivate func range(of text: String) -> Range<Index>? { self.firstRange(of: text) }
}

/// A whole, correct reply.
func reply(_ status: String = "200 OK", _ headers: String = "", body: String = "hello") -> [ScriptedServer.Step] {
    [.send("HTTP/1.1 \(status)\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)")]
}
