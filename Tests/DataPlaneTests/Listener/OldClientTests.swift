import NIOCore
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

    @Test func `a long answer without a length that breaks is reset, so that it does not look whole`() async throws {
        let text = Chat.reply.replacing("Hello", with: String(repeating: "x", count: 400_000))
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
            try await provider.send(head + HTTP.chunk(String(text.dropLast(20))))
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                let wasReset = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(Self.post(Chat.request()))
                    _ = try await client.readToEnd()
                    return client.wasReset
                }
                #expect(wasReset)
            }
        }
    }
}
