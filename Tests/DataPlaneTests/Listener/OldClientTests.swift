import NIOCore
import Platform
import TestSupport
import Testing

@testable import DataPlane

/// HTTP/1.0 knows no chunks: there a reply without a length ends with its connection.
@Suite struct OldClientTests {
    private static func post(_ body: String) -> String {
        HTTP.post(body, "connection: keep-alive\r\n").replacing("HTTP/1.1", with: "HTTP/1.0")
    }

    @Test func `a stream goes to an HTTP/1.0 client without chunks and ends with its connection`() async throws {
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("a") + Chat.done) + HTTP.lastChunk)
            _ = try await provider.message()
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(Self.post(Chat.request(stream: true)))
                    return try await client.readToEnd()
                }
                #expect(reply.hasSuffix("\r\n\r\n" + Chat.chunk("a") + Chat.done), "\(reply)")
                #expect(reply.contains("connection: close\r\n") && !reply.contains("transfer-encoding"))
            }
        }
    }

    /// Asks for an answer that the provider breaks off behind 400,000 bytes.
    private static func askBroken(
        certificate: ServerCertificate? = nil,
        _ ask: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let text = Chat.reply.replacing("Hello", with: String(repeating: "x", count: 400_000))
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
            try await provider.send(head + HTTP.chunk(String(text.dropLast(20))))
        } _: { port in
            try await RunningNode.with(.at(port), certificate: certificate) { node in try await ask(node.port) }
        }
    }

    @Test func `a long answer without a length that breaks is reset, so that it does not look whole`() async throws {
        try await Self.askBroken { port in
            let wasReset = try await Sockets.withClient(to: port) { client in
                try await client.send(Self.post(Chat.request()))
                _ = try await client.readToEnd()
                return client.wasReset
            }
            #expect(wasReset)
        }
    }

    @Test func `over TLS it does not end as whole answers do either`() async throws {
        let identity = try ServedIdentity(.one)
        try await Self.askBroken(certificate: identity.certificate) { port in
            // It is the answer that fails, not the handshake.
            let whole = try await Sockets.withClient(to: port, tls: identity.believed) { client in
                try await client.send("GET /v1/models HTTP/1.1\r\nhost: node\r\nx-api-key: \(goodKey)\r\n\r\n")
                return try await client.message()
            }
            #expect(whole?.head.hasPrefix("HTTP/1.1 200 ") == true)
            await #expect(throws: (any Error).self) {
                try await Sockets.withClient(to: port, tls: identity.believed) { client in
                    try await client.send(Self.post(Chat.request()))
                    let text = try await client.readToEnd()
                    if client.wasReset { throw ChannelError.eof }
                    return text
                }
            }
        }
    }
}
