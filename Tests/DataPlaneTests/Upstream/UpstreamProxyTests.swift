import Foundation
import NIOCore
import NIOSSL
import Platform
import TestSupport
import Testing

@testable import DataPlane

/// Providers behind a proxy and behind a private authority, over real sockets.
@Suite struct UpstreamProxyTests {
    private static func withProvider(tls: Bool, _ body: (Int) async throws -> Void) async throws {
        try await Sockets.withServer(tls: tls ? TestIdentity.provider.serverContext() : nil) { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: {
            try await body($0)
        }
    }

    private static func rules(_ port: Int, userinfo: String = "") throws -> ProxyRules {
        let proxy = try #require(HTTPProxy("http://\(userinfo)127.0.0.1:\(port)"))
        return ProxyRules(forTLS: proxy, forPlain: proxy, direct: [])
    }

    /// The replies to two requests on one connection, for a provider that is called `provider.test`.
    private static func ask(
        _ connector: SocketConnector,
        scheme: String,
        port: Int = 443
    ) async throws -> [String] {
        let (replies, told) = AsyncStream.makeStream(of: String.self)
        try await RunningNode.with(.at(port, scheme: scheme, host: "provider.test"), upstream: connector) { node in
            try await Sockets.withClient(to: node.port) { client in
                for _ in 0..<2 {
                    try await client.send(HTTP.post(Chat.request()))
                    if let reply = try await client.message() { told.yield(reply.head + reply.body) }
                }
            }
        }
        told.finish()
        return await replies.reduce(into: []) { $0.append($1) }
    }

    private static func trusting(_ folder: TemporaryFolder) throws -> ProviderTrust {
        let path = folder.file("authorities.pem")
        try Data(TestIdentity.authority.utf8).write(to: path)
        return try ProviderTrust(authorities: path.path())
    }

    @Test func `a provider with TLS is reached through a tunnel, its name unknown to this machine`() async throws {
        let folder = try TemporaryFolder()
        try await Self.withProvider(tls: true) { provider in
            try await ForwardingProxy.with(to: provider) { proxy, port in
                let connector = SocketConnector(
                    trust: try Self.trusting(folder),
                    proxies: try Self.rules(port, userinfo: "ann:secret@")
                )
                let replies = try await Self.ask(connector, scheme: "https")
                #expect(replies.count == 2 && replies.allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
                #expect(
                    proxy.asked == [
                        "CONNECT provider.test:443 HTTP/1.1\r\nhost: provider.test:443\r\n"
                            + "proxy-authorization: Basic YW5uOnNlY3JldA==\r\n\r\n"
                    ]
                )
            }
        }
    }

    @Test func `a provider without TLS is reached through a tunnel too`() async throws {
        try await Self.withProvider(tls: false) { provider in
            try await ForwardingProxy.with(to: provider) { proxy, port in
                let connector = SocketConnector(trust: try ProviderTrust(), proxies: try Self.rules(port))
                let replies = try await Self.ask(connector, scheme: "http", port: 8_000)
                #expect(replies.count == 2 && replies.allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
                #expect(proxy.asked == ["CONNECT provider.test:8000 HTTP/1.1\r\nhost: provider.test:8000\r\n\r\n"])
            }
        }
    }

    @Test func `a proxy cannot pass itself off as the provider`() async throws {
        try await Self.withProvider(tls: true) { provider in
            try await ForwardingProxy.with(to: provider) { _, port in
                let connector = SocketConnector(trust: try ProviderTrust(), proxies: try Self.rules(port))
                let replies = try await Self.ask(connector, scheme: "https")
                #expect(replies.allSatisfy { $0.hasPrefix("HTTP/1.1 502 ") && $0.contains("certificate") })
            }
        }
    }

    @Test func `what the proxy says no to, the caller hears with its reason, and nothing was sent`() async throws {
        let cases = [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "credentials"),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", "status 403"), ("nonsense\r\n\r\n", "proxy refused"),
        ]
        for (answer, words) in cases {
            try await ForwardingProxy.with(to: 9, answer: answer) { _, port in
                let connector = SocketConnector(trust: try ProviderTrust(), proxies: try Self.rules(port))
                let replies = try await Self.ask(connector, scheme: "https")
                #expect(
                    replies.count == 2 && replies.allSatisfy { $0.hasPrefix("HTTP/1.1 502 ") && $0.contains(words) }
                )
            }
        }
        let nobody = try await Sockets.closedPort()
        let connector = SocketConnector(trust: try ProviderTrust(), proxies: try Self.rules(nobody))
        let replies = try await Self.ask(connector, scheme: "https")
        #expect(replies.allSatisfy { $0.contains("proxy does not answer") })
    }

    @Test func `as many connections to a provider are opened as a node may have, and no more`() async throws {
        try await Sockets.withServer { provider in
            while try await provider.message() != nil {
                try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("a")))
                _ = try await provider.readToEnd()
            }
        } _: { port in
            try await RunningNode.with(.at(port), pool: .init(connectionsMax: 1)) { node in
                try await Sockets.withClient(to: node.port) { first in
                    try await first.send(HTTP.post(Chat.request(stream: true)))
                    _ = try await first.read(through: #""content":"a""#)
                    try await Sockets.withClient(to: node.port) { second in
                        try await second.send(HTTP.post(Chat.request()))
                        let reply = try #require(try await second.message())
                        #expect(reply.head.hasPrefix("HTTP/1.1 503 ") && reply.body.contains("overloaded"))
                    }
                }
            }
        }
    }
}

@Suite struct ProviderTrustTests {
    /// Whether a node that believes `trust` asks the provider over TLS.
    private func handshakes(_ trust: ProviderTrust) async throws -> Bool {
        let (results, told) = AsyncStream.makeStream(of: Bool.self)
        try await Sockets.withServer(tls: TestIdentity.provider.serverContext()) { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            try await ForwardingProxy.with(to: port) { _, proxy in
                let through = try #require(HTTPProxy("127.0.0.1:\(proxy)"))
                let rules = ProxyRules(forTLS: through, forPlain: nil, direct: [])
                let connector = SocketConnector(trust: trust, proxies: rules)
                try await RunningNode.with(.at(443, scheme: "https", host: "provider.test"), upstream: connector) {
                    node in
                    try await Sockets.withClient(to: node.port) { client in
                        try await client.send(HTTP.post(Chat.request()))
                        told.yield(try await client.message()?.head.hasPrefix("HTTP/1.1 200 ") ?? false)
                    }
                }
            }
        }
        told.finish()
        for await result in results { return result }
        return false
    }

    @Test func `authorities of a file are read again; a broken file changes nothing`() async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("authorities.pem")
        try Data(TestIdentity.one.certificate.utf8).write(to: file)
        let trust = try ProviderTrust(authorities: file.path())
        #expect(try await !self.handshakes(trust))
        try Data(TestIdentity.authority.utf8).write(to: file)
        #expect(try await !self.handshakes(trust))
        try trust.reload()
        #expect(try await self.handshakes(trust))
        for broken in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            try Data(broken.utf8).write(to: file)
            #expect(throws: StartupFault.self) { try trust.reload() }
        }
        try FileManager.default.removeItem(at: file)
        #expect(throws: StartupFault.self) { try trust.reload() }
        #expect(try await self.handshakes(trust))
    }

    @Test func `the system's authorities stay believed beside the file's`() async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("authorities.pem")
        try Data(TestIdentity.one.certificate.utf8).write(to: file)
        let system = try NIOSSLCertificate.fromPEMBytes(Array(TestIdentity.authority.utf8))
        let trust = try ProviderTrust(authorities: file.path(), roots: .certificates(system))
        #expect(try await self.handshakes(trust))
    }

    @Test func `a file of authorities that is not there stops the start`() throws {
        let folder = try TemporaryFolder()
        #expect(throws: StartupFault.self) { try ProviderTrust(authorities: folder.file("none").path()) }
    }
}
