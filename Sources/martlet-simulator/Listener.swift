import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The listening socket and what hangs on each connection.
enum Listener {
    static func start(
        _ provider: SimulatedProvider,
        on group: MultiThreadedEventLoopGroup,
        host: String,
        port: Int,
        tls: NIOSSLContext?
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(ProviderHandler(provider))
                }
            }
            .bind(host: host, port: port)
            .get()
    }
}
