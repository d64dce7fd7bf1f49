import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The listening socket and what hangs on each connection.
enum Listener {
    enum Answering: Sendable {
        case full(SimulatedProvider)
        case light(LightProvider)
    }

    /// Loads open thousands of connections at once; the kernel has its own upper bound.
    private static let backlog: CInt = 4_096

    static func start(
        _ answering: Answering,
        on group: MultiThreadedEventLoopGroup,
        host: String,
        port: Int,
        tls: NIOSSLContext?
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    switch answering {
                    case .full(let provider):
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                        try channel.pipeline.syncOperations.addHandler(ProviderHandler(provider))
                    case .light(let provider):
                        try channel.pipeline.syncOperations.addHandler(LightHandler(provider))
                    }
                }
            }
            .bind(host: host, port: port)
            .get()
    }
}
