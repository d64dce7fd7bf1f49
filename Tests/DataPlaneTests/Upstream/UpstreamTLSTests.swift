import Domain
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import DataPlane

@Suite struct UpstreamTLSTests {
    private static func trusting(_ identity: TestIdentity) throws -> NIOSSLTrustRoots {
        .certificates([try NIOSSLCertificate(bytes: Array(identity.certificate.utf8), format: .pem)])
    }

    /// The status and the error code of one request to a provider that shows `one`'s certificate.
    private static func ask(host: String, trusting identity: TestIdentity?) async throws -> (head: String, body: String)
    {
        let (replies, told) = AsyncStream.makeStream(of: (String, String).self)
        try await Sockets.withServer(at: "0.0.0.0", tls: TestIdentity.one.serverContext()) { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            let roots = try identity.map(self.trusting)
            try await RunningNode.with(.at(port, scheme: "https", host: host), trustRoots: roots) { node in
                try await Sockets.withClient(to: node.port) { client in
                    for _ in 0..<2 {
                        try await client.send(HTTP.post(Chat.request()))
                        if let reply = try await client.message() { told.yield(reply) }
                    }
                }
                #expect(node.recorder.all.ended.count == 2)
                if identity == nil { #expect(node.recorder.all.ended.allSatisfy { $0.cost == .zero }) }
            }
        }
        told.finish()
        var last = ("", "")
        for await reply in replies { last = reply }
        return last
    }

    @Test func `a provider with a trusted certificate for its name or address is asked over TLS`() async throws {
        for host in ["localhost", "127.0.0.1"] {
            let reply = try await Self.ask(host: host, trusting: .one)
            #expect(reply.head.hasPrefix("HTTP/1.1 200 ") && reply.body == Chat.reply, "\(host)")
        }
    }

    @Test func `a certificate of a stranger, or for another name, is refused before a byte is sent`() async throws {
        let cases: [(String, TestIdentity?)] = [("localhost", nil), ("localhost", .two), ("127.0.0.2", .one)]
        for (host, identity) in cases {
            let reply = try await Self.ask(host: host, trusting: identity)
            #expect(reply.head.hasPrefix("HTTP/1.1 502 ") && reply.body.contains("certificate"), "\(host)")
        }
    }
}
