internal import NIOCore
internal import NIOPosix
package import NIOSSL

/// Opens channels to providers. The tests' one opens channels without sockets.
protocol UpstreamConnector: Sendable {
    /// Opens a channel on `loop` and, once it is connected, adds `connection` at its end; or tells it that this failed.
    func connect(_ connection: UpstreamConnection, timeoutMilliseconds: Int64, on loop: any EventLoop)
}

/// TCP, and TLS where the endpoint asks for it: certificate and host name are always checked.
package struct SocketConnector: UpstreamConnector {
    private let tls: NIOSSLContext

    /// With `trustRoots` nil the system's certificate authorities are believed.
    package init(trustRoots: NIOSSLTrustRoots? = nil) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = trustRoots ?? .default
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        self.tls = try NIOSSLContext(configuration: configuration)
    }

    func connect(_ connection: UpstreamConnection, timeoutMilliseconds: Int64, on loop: any EventLoop) {
        let endpoint = connection.endpoint
        let bound = NIOLoopBound(connection, eventLoop: loop)
        let tls = self.tls
        ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(timeoutMilliseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if endpoint.isTLS {
                        let name = endpoint.isAddress ? nil : endpoint.host
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
            .whenComplete { result in
                do {
                    try result.get().pipeline.syncOperations.addHandler(bound.value)
                } catch {
                    bound.value.connectFailed()
                }
            }
    }
}
