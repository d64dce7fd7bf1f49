import Domain
import NIOCore
import Platform
import Synchronization
import TestSupport
import Testing

@testable import DataPlane

/// Real sockets, a scripted provider, and a whole node between.
@Suite struct TrafficTests {
    @Test func `a whole answer comes back byte for byte, and is counted`() async throws {
        let heads = Mutex<[String]>([])
        try await Sockets.withServer { provider in
            while let request = try await provider.message() {
                heads.withLock { $0.append(request.head + request.body) }
                try await provider.send(HTTP.json(Chat.reply))
            }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request()))
                    return try await client.message()
                }
                #expect(reply?.body == Chat.reply)
                #expect(reply?.head.hasPrefix("HTTP/1.1 200 ") == true)
                let head = try #require(reply?.head)
                #expect(Conversation.field("martlet-cost-usd", in: head) == Chat.replyCost)
                #expect(Conversation.field("martlet-snapshot", in: head) == "42.57")
                #expect(Conversation.field("date", in: head)?.hasSuffix(" GMT") == true)
                #expect(Conversation.field("connection", in: head) == nil)
                let id = Conversation.field("martlet-request-id", in: head)
                #expect(id?.utf8.count == 26 && id == Conversation.field("x-request-id", in: head))
                #expect(node.recorder.all.ended.map(\.outcome) == [.answered])
                #expect(node.recorder.all.ended.first?.exchange.text == id)
                try await eventually("no body is held") { node.traffic.bodies.bytesHeld == 0 }
            }
        }
        let request = try #require(heads.withLock { $0.first })
        #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n") && !request.contains(goodKey))
        #expect(request.contains(#""model":"upstream-one""#))
    }

    @Test func `a stream comes through event by event, before the provider has finished`() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("Hel")))
            for await _ in gate { break }  // the caller has seen the first event
            try await provider.send(HTTP.chunk(Chat.chunk("lo")) + HTTP.chunk(Chat.usage + Chat.done) + HTTP.lastChunk)
            _ = try await provider.message()
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request(stream: true)))
                    let head = try await client.read(through: "\r\n\r\n")
                    #expect(Conversation.field("content-type", in: head) == "text/event-stream")
                    let first = try await client.read(through: "\n\n\r\n")
                    #expect(first.contains("Hel"))
                    open.yield()
                    let rest = try await client.read(through: "\r\n0\r\n\r\n")
                    #expect(HTTP.unchunked(first + rest) == Chat.chunk("Hel") + Chat.chunk("lo") + Chat.done)
                }
                let event = try #require(node.recorder.all.ended.first)
                #expect(event.tokens == TokenCounts(input: 10, output: 5) && event.latency.firstToken != nil)
            }
        }
    }

    @Test func `pipelined requests are answered in their order`() async throws {
        try await Sockets.withServer { provider in
            while let request = try await provider.message() {
                let name =
                    request.body.contains("first") ? "first" : request.body.contains("second") ? "second" : "third"
                try await provider.send(HTTP.json(Chat.reply.replacing("Hello", with: name)))
            }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    let texts = ["first", "second", "third"].map { Chat.request().replacing("hi", with: $0) }
                    let nowhere = "GET /nowhere HTTP/1.1\r\nhost: node\r\n\r\n"
                    try await client.send(HTTP.post(texts[0]) + nowhere + HTTP.post(texts[1]) + HTTP.post(texts[2]))
                    for word in ["first", "no endpoint", "second", "third"] {
                        let reply = try await client.message()
                        #expect(reply?.body.contains(word) == true, "\(word)")
                    }
                }
            }
        }
    }

    @Test func `a provider that cannot be reached is passed over`() async throws {
        let dead = try await Sockets.closedPort()
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            try await RunningNode.with(.at(dead, port)) { node in
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request()))
                    return try await client.message()
                }
                #expect(reply?.body == Chat.reply)
                #expect(Conversation.field("martlet-attempts", in: reply?.head ?? "") == "2")
                #expect(node.recorder.all.ended.map(\.outcome) == [.failed, .answered])
                #expect(node.recorder.all.ended.first?.cost == .zero)
            }
        }
    }

    @Test func `a stream that the provider cuts ends with an error event, then the connection goes on`() async throws {
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("a")))
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    for _ in 0..<2 {
                        try await client.send(HTTP.post(Chat.request(stream: true)))
                        let reply = try await client.message()
                        let text = try #require(HTTP.unchunked(reply?.body ?? ""))
                        #expect(text.hasPrefix(Chat.chunk("a") + #"data: {"error":"#) && !text.contains("[DONE]"))
                    }
                }
                #expect(node.recorder.all.ended.map(\.outcome) == [.cut, .cut])
            }
        }
    }

    @Test func `a stream without length that closes after its end marker is whole, without it is not`() async throws {
        for isWhole in [true, false] {
            try await Sockets.withServer { provider in
                _ = try await provider.message()
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
                try await provider.send(head + Chat.chunk("a") + (isWhole ? Chat.done : ""))
            } _: { port in
                try await RunningNode.with(.at(port)) { node in
                    let reply = try await Sockets.withClient(to: node.port) { client in
                        try await client.send(HTTP.post(Chat.request(stream: true)))
                        return try await client.message()
                    }
                    let text = try #require(HTTP.unchunked(reply?.body ?? ""))
                    #expect(text.contains("[DONE]") == isWhole && text.contains("error") != isWhole)
                }
            }
        }
    }

    @Test func `a long whole answer that breaks leaves its own length unfulfilled`() async throws {
        let filler = String(repeating: "x", count: 400_000)
        let text = Chat.reply.replacing("Hello", with: filler)
        for isWhole in [true, false] {
            try await Sockets.withServer { provider in
                _ = try await provider.message()
                let reply = HTTP.json(text)
                try await provider.send(isWhole ? reply : String(reply.dropLast(20)))
            } _: { port in
                try await RunningNode.with(.at(port)) { node in
                    let reply = try await Sockets.withClient(to: node.port) { client in
                        try await client.send(HTTP.post(Chat.request()))
                        return try await client.message()
                    }
                    #expect(reply?.head.contains("content-length: \(text.utf8.count)\r\n") == true)
                    #expect((reply?.body == text) == isWhole)
                    try await eventually("the attempt is counted") { !node.recorder.all.ended.isEmpty }
                    #expect(node.recorder.all.ended.map(\.outcome) == [isWhole ? .answered : .cut])
                }
            }
        }
    }

    @Test func `a caller that hangs up is still counted by the provider's own numbers`() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("a")))
            for await _ in gate { break }  // the caller has gone
            try await provider.send(HTTP.chunk(Chat.usage) + HTTP.chunk(Chat.done) + HTTP.lastChunk)
            _ = try await provider.message()
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request(stream: true)))
                    _ = try await client.read(through: "\n\n\r\n")
                }
                try await eventually("the node sees the hang-up") { node.traffic.metrics.clientConnections.value == 0 }
                open.yield()
                try await eventually("the attempt is counted") { !node.recorder.all.ended.isEmpty }
                let event = try #require(node.recorder.all.ended.first)
                #expect(event.outcome == .answered && event.cost.dollars == Chat.replyCost && !event.isUnconfirmed)
            }
        }
    }

    @Test func `a provider that does not answer in time is a 504`() async throws {
        try await Sockets.withServer { provider in
            while try await provider.message() != nil {}
        } _: { port in
            try await RunningNode.with(.at(port, timeouts: Timeouts(firstByteWhole: 50))) { node in
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request()))
                    return try await client.message()
                }
                #expect(reply?.head.hasPrefix("HTTP/1.1 504 ") == true)
                #expect(Conversation.field("x-should-retry", in: reply?.head ?? "") == "false")
                #expect(node.recorder.all.ended.map(\.outcome) == [.timedOut])
            }
        }
    }

    @Test func `a client that does not read stops the provider, and gets everything in the end`() async throws {
        // Twice what kernels hold in the sockets on the way: Linux lets one receive up to 32 MiB, and sends 4 MiB twice.
        let pieces = 8_000
        let filler = String(repeating: "x", count: 16_000)
        let sent = Atomic<Int>(0)
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead)
            for _ in 0..<pieces {
                try await provider.send(HTTP.chunk(Chat.chunk(filler)))
                sent.wrappingAdd(1, ordering: .relaxed)
            }
            try await provider.send(HTTP.chunk(Chat.done) + HTTP.lastChunk)
            _ = try await provider.message()
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port, receiveBuffer: 65_536) { client in
                    try await client.send(HTTP.post(Chat.request(stream: true)))
                    _ = try await client.read(through: "\r\n\r\n")
                    var last = -1
                    var quiet = 0
                    try await eventually("the provider is held back") {
                        let now = sent.load(ordering: .relaxed)
                        quiet = now == last ? quiet + 1 : 0
                        last = now
                        return quiet >= 30
                    }
                    #expect(last < pieces / 2, "\(last) of \(pieces) went somewhere")
                    var received = 0
                    while !client.hasEnded, received < pieces * filler.utf8.count {
                        received += try await client.drop()
                    }
                    #expect(received >= pieces * filler.utf8.count)
                }
                try await eventually("the attempt is counted") { !node.recorder.all.ended.isEmpty }
                #expect(node.recorder.all.ended.map(\.outcome) == [.answered])
            }
        }
    }

    @Test func `upstream connections are used again, and replaced when they have gone stale`() async throws {
        let connections = Atomic<Int>(0)
        try await Sockets.withServer { provider in
            connections.wrappingAdd(1, ordering: .relaxed)
            for _ in 0..<2 {
                guard try await provider.message() != nil else { return }
                try await provider.send(HTTP.json(Chat.reply))
            }
            // Takes a third request and closes without a word, as a server does whose patience ended just then.
            _ = try await provider.message()
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    for _ in 0..<4 {
                        try await client.send(HTTP.post(Chat.request()))
                        #expect(try await client.message()?.body == Chat.reply)
                    }
                }
                #expect(connections.load(ordering: .relaxed) == 2)
                #expect(node.recorder.all.begun.count == 4 && node.recorder.all.ended.count == 4)
            }
        }
    }

    @Test func `informational replies are skipped, and a reply that asks to close is not followed by another`()
        async throws
    {
        let connections = Atomic<Int>(0)
        try await Sockets.withServer { provider in
            connections.wrappingAdd(1, ordering: .relaxed)
            while try await provider.message() != nil {
                try await provider.send("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
                try await provider.send(HTTP.json(Chat.reply, "connection: close\r\n"))
            }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                try await Sockets.withClient(to: node.port) { client in
                    for _ in 0..<2 {
                        try await client.send(HTTP.post(Chat.request()))
                        let reply = try await client.message()
                        #expect(reply?.body == Chat.reply && reply?.head.hasPrefix("HTTP/1.1 200") == true)
                    }
                }
                #expect(connections.load(ordering: .relaxed) == 2)
            }
        }
    }
}
