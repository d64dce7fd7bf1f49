internal import Logging
package import NIOCore
internal import NIOPosix
internal import NIOSSL
package import Platform
internal import ServiceLifecycle

/// Accepts callers' connections and serves them until the node stops. The last service of the node, so that it stops
/// first: what it finishes needs all the others.
///
/// Both legs of an exchange live on the event loop that accepted its connection.
package struct Listener: Service {
    /// Connections that the kernel has accepted and nobody has taken yet.
    private static let backlog: Int32 = 1_024

    private let address: NetworkAddress
    private let node: NodeTraffic
    private let connector: SocketConnector
    private let group: any EventLoopGroup
    private let certificate: ServerCertificate?
    private let drainTimeout: Duration
    private let onListening: @Sendable (NetworkAddress) async -> Void

    /// Speaks TLS where there is a `certificate`. `onListening` hears the address with the port that was really taken.
    package init(
        at address: NetworkAddress,
        _ node: NodeTraffic,
        upstream connector: SocketConnector,
        on group: any EventLoopGroup,
        certificate: ServerCertificate? = nil,
        drainTimeout: Duration,
        onListening: @escaping @Sendable (NetworkAddress) async -> Void = { _ in }
    ) {
        self.address = address
        self.node = node
        self.connector = connector
        self.group = group
        self.certificate = certificate
        self.drainTimeout = drainTimeout
        self.onListening = onListening
    }

    /// Throws a `StartupFault` where the address cannot be had.
    package func run() async throws {
        let loops = try await self.makeLoops()
        let server = try await self.bind(loops)
        let port = server.localAddress?.port ?? self.address.port
        let real = NetworkAddress(host: self.address.host, port: port)
        self.node.logger.info("traffic listening", metadata: ["address": "\(real)"])
        await self.onListening(real)
        do { try await gracefulShutdown() } catch is CancellationError {
            // Cancelled instead of asked: the same way out, without the wait.
            try await self.finish(loops, server, within: .zero)
            return
        }
        try await self.finish(loops, server, within: self.drainTimeout)
    }

    private func makeLoops() async throws -> [ObjectIdentifier: NIOLoopBound<TrafficLoop>] {
        var loops: [ObjectIdentifier: NIOLoopBound<TrafficLoop>] = [:]
        for (index, loop) in self.group.makeIterator().enumerated() {
            let (node, connector) = (self.node, self.connector)
            loops[ObjectIdentifier(loop)] = try await loop.submit {
                NIOLoopBound(
                    TrafficLoop(index: index, loop: loop, node: node, connector: connector),
                    eventLoop: loop
                )
            }.get()
        }
        return loops
    }

    private func bind(_ loops: [ObjectIdentifier: NIOLoopBound<TrafficLoop>]) async throws -> any Channel {
        let tls = try self.certificate.map {
            try NIOSSLContext(configuration: $0.configuration(protocols: ["http/1.1"]))
        }
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let home = loops[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ChannelError.operationUnsupported  // every loop of the group has one
                    }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(ClientConnection(on: home))
                }
            }
        do {
            return try await bootstrap.bind(host: self.address.host, port: self.address.port).get()
        } catch {
            throw StartupFault(.unavailable, "cannot listen on \(self.address) for traffic: \(error)")
        }
    }

    private func finish(
        _ loops: [ObjectIdentifier: NIOLoopBound<TrafficLoop>],
        _ server: any Channel,
        within timeout: Duration
    ) async throws {
        self.node.readiness.drain()
        try await server.close().get()
        let milliseconds = timeout.milliseconds
        let ends = loops.values.map { bound in
            bound.eventLoop.flatSubmit { bound.value.finish(withinMilliseconds: milliseconds) }
        }
        for end in ends { try await end.get() }
        self.node.logger.info("traffic ended")
    }
}
