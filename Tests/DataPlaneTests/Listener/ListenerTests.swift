import Domain
import Foundation
import NIOCore
import NIOSSL
import Platform
import TestSupport
import Testing

@testable import DataPlane

@Suite struct ListenerTests {
    @Test func `heads and bodies over their bounds are 413, and the connection ends`() async throws {
        try await RunningNode.with(.at(9)) { node in
            let longHead =
                "GET /v1/models HTTP/1.1\r\nhost: node\r\nx-long: \(String(repeating: "x", count: 33_000))\r\n\r\n"
            let longBody = HTTP.post("").replacing("content-length: 0", with: "content-length: 8388609")
            for text in [longHead, longBody] {
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(text)
                    return try await client.readToEnd()
                }
                #expect(reply.hasPrefix("HTTP/1.1 413 "), "\(reply.prefix(80))")
                #expect(reply.contains("request_too_large") && reply.contains("connection: close\r\n"))
            }
        }
    }

    @Test func `bytes that are no HTTP are told so, and the connection ends`() async throws {
        try await RunningNode.with(.at(9)) { node in
            for text in ["hello\r\n\r\n", "GET / HTTP/1.1\r\nbad name: x\r\n\r\n"] {
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(text)
                    return try await client.readToEnd()
                }
                #expect(reply.hasPrefix("HTTP/1.1 400 ") && reply.contains("invalid_request"), "\(text)")
            }
        }
    }

    @Test func `a long body of a refused request does not hide the answer`() async throws {
        try await RunningNode.with(.at(9)) { node in
            let body = String(repeating: "x", count: 3_000_000)
            let reply = try await Sockets.withClient(to: node.port) { client in
                try await client.send(HTTP.post(body).replacing(goodKey, with: "mk_other"))
                return try await client.readToEnd()
            }
            #expect(reply.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test func `consent is asked for and given`() async throws {
        try await RunningNode.with(.at(9)) { node in
            try await Sockets.withClient(to: node.port) { client in
                let text = HTTP.post("{}", "expect: 100-continue\r\n")
                try await client.send(String(text.dropLast(2)))
                #expect(try await client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await client.send("{}")
                #expect(try await client.message()?.head.hasPrefix("HTTP/1.1 400 ") == true)
            }
        }
    }

    @Test func `the bodies of all requests together have a bound`() async throws {
        let text = Chat.request()
        try await RunningNode.with(.at(9), bodyBytesMax: text.utf8.count - 1) { node in
            let reply = try await Sockets.withClient(to: node.port) { client in
                try await client.send(HTTP.post(text))
                return try await client.readToEnd()
            }
            #expect(reply.hasPrefix("HTTP/1.1 503 ") && reply.contains("overloaded"))
            try await eventually("no body is held") { node.traffic.bodies.bytesHeld == 0 }
        }
    }

    @Test func `a caller that asks to close is closed after its answer`() async throws {
        try await RunningNode.with(.at(9)) { node in
            for text in ["GET /x HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n", "GET /x HTTP/1.0\r\n\r\n"] {
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(text)
                    return try await client.readToEnd()
                }
                #expect(reply.contains("connection: close\r\n"), "\(reply)")
            }
        }
    }

    @Test func `while the node drains, replies say so`() async throws {
        try await RunningNode.with(.at(9)) { node in
            node.readiness.drain()
            let reply = try await Sockets.withClient(to: node.port) { client in
                try await client.send("GET /v1/models HTTP/1.1\r\nhost: node\r\nx-api-key: \(goodKey)\r\n\r\n")
                return try await client.readToEnd()
            }
            #expect(reply.hasPrefix("HTTP/1.1 200 ") && reply.contains("connection: close\r\n"))
        }
    }

    @Test func `what is in flight finishes, idle connections end, and then the node ends`() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("a")))
            for await _ in gate { break }  // the node has stopped listening
            try await provider.send(HTTP.chunk(Chat.usage + Chat.done) + HTTP.lastChunk)
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { idle in
                    try await Sockets.withClient(to: node.port) { client in
                        try await client.send(HTTP.post(Chat.request(stream: true)))
                        _ = try await client.read(through: "\r\n\r\n")
                        let first = try await client.read(through: "\n\n\r\n")
                        await node.stop()
                        #expect(try await idle.readToEnd() == "")
                        open.yield()
                        let rest = try await client.readToEnd()
                        #expect(HTTP.unchunked(first + rest) == Chat.chunk("a") + Chat.done)
                    }
                }
            }
        }
    }

    @Test func `what is left when the drain's time is over ends with an error event`() async throws {
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("a")))
            _ = try await provider.message()
        } _: { port in
            try await RunningNode.with(.at(port), drainTimeout: .milliseconds(50)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request(stream: true)))
                    _ = try await client.read(through: "\r\n\r\n")
                    await node.stop()
                    let text = try #require(HTTP.unchunked(try await client.readToEnd()))
                    #expect(text.contains(#"data: {"error":"#) && !text.contains("[DONE]"))
                }
                #expect(node.recorder.all.ended.map(\.outcome) == [.cut])
            }
        }
    }

    @Test func `with a certificate the node speaks TLS, and nothing else`() async throws {
        let identity = try ServedIdentity(.one)
        let tls = identity.believed
        try await RunningNode.with(.at(9), certificate: identity.certificate) { node in
            let models = "GET /v1/models HTTP/1.1\r\nhost: node\r\nx-api-key: \(goodKey)\r\nconnection: close\r\n\r\n"
            let reply = try await Sockets.withClient(to: node.port, tls: tls) { client in
                try await client.send(models)
                return try await client.message()
            }
            #expect(reply?.head.hasPrefix("HTTP/1.1 200 ") == true)
            let plain = try await Sockets.withClient(to: node.port) { client in
                try await client.send(models)
                return try await client.readToEnd()
            }
            #expect(!plain.contains("HTTP/1.1"))
        }
    }

    @Test func `ids sort by time and differ within it`() throws {
        var generator = SeededGenerator.printed()
        var ids: [ID<Domain.Exchange>] = []
        for millisecond in [0, 1, 31, 32, 1_800_000_000_000, 1_800_000_000_001, 281_474_976_710_655] {
            ids.append(
                try #require(RequestIDs.make(at: .init(unixMilliseconds: Int64(millisecond)), using: &generator))
            )
        }
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
    }

    @Test func `dates are written as HTTP wants them`() {
        var date = HTTPDate()
        let cases: [(Int64, String)] = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_546_799_999, "Tue, 24 Nov 2026 18:59:59 GMT"),
        ]
        for (milliseconds, text) in cases { #expect(date.text(atUnixMilliseconds: milliseconds) == text) }
    }
}
