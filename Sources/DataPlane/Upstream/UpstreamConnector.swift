internal import NIOCore
internal import NIOPosix
internal import NIOSSL
package import Platform

/// Opens channels to providers. The tests' one opens channels without sockets.
protocol UpstreamConnector: Sendable {
    /// Opens a channel on `loop` and, once it is connected, adds `connection` at its end; or tells it that this failed.
    func connect(_ connection: UpstreamConnection, timeoutMilliseconds: Int64, on loop: any EventLoop)
}

/// TCP, through a proxy where the rules say so, and TLS where the endpoint asks for it: certificate and host name are
/// always checked.
package struct SocketConnector: UpstreamConnector {
    private let trust: ProviderTrust
    private let proxies: ProxyRules
    private let names: NameResolver

    package init(trust: ProviderTrust, proxies: ProxyRules = .none, names: NameResolver = NameResolver()) {
        self.trust = trust
        self.proxies = proxies
        self.names = names
    }

    func connect(_ connection: UpstreamConnection, timeoutMilliseconds: Int64, on loop: any EventLoop) {
        let endpoint = connection.endpoint
        let bound = NIOLoopBound(connection, eventLoop: loop)
        if HostAddress(literal: endpoint.host)?.isLinkLocal == true {
            // Told later, as every other failure is: the pool has not yet handed the connection out.
            return loop.execute { bound.value.connectFailed(.forbiddenAddress) }
        }
        let proxy = self.proxies.proxy(for: endpoint)
        if proxy != nil, endpoint.isTLS, endpoint.isAddress {
            return loop.execute { bound.value.connectFailed(.unverifiable) }
        }
        self.open(
            proxy.map { ($0.host, $0.port) } ?? (endpoint.host, endpoint.port),
            isProvider: proxy == nil,
            timeoutMilliseconds: timeoutMilliseconds,
            on: loop
        ).whenComplete { result in
            do {
                let channel = try result.get()
                try self.equip(channel, for: bound.value, through: proxy, timeoutMilliseconds: timeoutMilliseconds)
            } catch {
                bound.value.connectFailed(proxy == nil ? ConnectFailure(connecting: error) : .proxyUnreachable)
            }
        }
    }

    /// Addresses are tried as RFC 8305 asks; the time-out covers the look-up and all of them.
    private func open(
        _ place: (host: String, port: Int),
        isProvider: Bool,
        timeoutMilliseconds: Int64,
        on loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(timeoutMilliseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
        if let address = HostAddress(literal: place.host) {
            do { return bootstrap.connect(to: try address.socketAddress(port: place.port)) } catch {
                return loop.makeFailedFuture(error)
            }
        }
        let names = self.names
        let addresses = names.addresses(of: place.host, on: loop).flatMapThrowing { known in
            guard isProvider else { return known }  // where the proxy stands is for who runs this node
            let allowed = known.filter(\.isConnectable)
            guard !allowed.isEmpty else { throw ConnectFailure.forbiddenAddress }
            return allowed
        }
        let channel = bootstrap.resolver(KnownAddresses(addresses: addresses))
            .connect(host: place.host, port: place.port)
        channel.whenFailure { _ in names.doubt(place.host) }
        return channel
    }

    private func equip(
        _ channel: any Channel,
        for connection: UpstreamConnection,
        through proxy: HTTPProxy?,
        timeoutMilliseconds: Int64
    ) throws {
        guard let proxy else { return try self.finish(channel, for: connection) }
        let tunnel = Tunnel(
            to: connection.endpoint,
            authorization: proxy.authorization,
            timeoutMilliseconds: timeoutMilliseconds
        ) { failure in
            if let failure { return connection.connectFailed(failure) }
            do { try self.finish(channel, for: connection) } catch {
                connection.connectFailed(.unreachable)
                throw error
            }
        }
        try channel.pipeline.syncOperations.addHandler(tunnel)
    }

    private func finish(_ channel: any Channel, for connection: UpstreamConnection) throws {
        let (pipeline, endpoint) = (channel.pipeline.syncOperations, connection.endpoint)
        if endpoint.isTLS {
            let name = endpoint.isAddress ? nil : endpoint.host
            try pipeline.addHandler(NIOSSLClientHandler(context: self.trust.context, serverHostname: name))
        }
        try pipeline.addHandler(connection)
    }
}

extension ConnectFailure {
    fileprivate init(connecting error: any Error) {
        let told = (error as? NIOConnectionError).flatMap { $0.dnsAError ?? $0.dnsAAAAError } as? ConnectFailure
        self = told ?? .unreachable
    }
}
